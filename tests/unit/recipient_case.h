/* Recipients one by one; what ships takes whole lists alone. */
#ifndef TESTS_UNIT_RECIPIENT_CASE_H
#define TESTS_UNIT_RECIPIENT_CASE_H

#include "base/memory.h"
#include "namespace/recipients.h"

#include <string.h>

/* Moves *at behind the copy; NULL stays NULL. */
static inline const char *recipient_case_copy(char **at, const char *text)
{
	char *start = *at;

	if (text == NULL)
		return NULL;
	*at = stpcpy(start, text) + 1;
	return start;
}

static inline size_t recipient_case_size(const char *text)
{
	return text == NULL ? 0 : strlen(text) + 1;
}

/* As a list of one; copies all texts, and finds the domain itself. */
static inline void recipient_case_add(
	struct recipients *recipients, const struct recipient *recipient)
{
	const size_t size = sizeof *recipient +
		recipient_case_size(recipient->key) +
		recipient_case_size(recipient->target) +
		recipient_case_size(recipient->origin);
	struct recipient *list = memory_map(size);
	char *at = (char *)(list + 1);

	list->key = recipient_case_copy(&at, recipient->key);
	list->target = recipient_case_copy(&at, recipient->target);
	list->origin = recipient_case_copy(&at, recipient->origin);
	list->directory = recipient->directory;
	const char *sign = strrchr(list->key, '@');

	list->domain = sign == NULL ? "" : sign + 1;
	recipients_keep(recipients, list, size);
	recipients_take(recipients, list, 1);
}

#endif
