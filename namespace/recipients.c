/*
 * Millions of entries: each is one block of the arena, its texts behind it,
 * and a later directory's entry borrows the key of the first.  Keys are
 * numbered by the table in order of arrival, so a walk is repeatable.
 */
#include "namespace/recipients.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct recipients {
	struct arena *arena;
	struct table *table; /* key -> the first struct recipient of it */
};

bool recipient_is_elsewhere(const struct recipient *recipient)
{
	return recipient->target != NULL &&
		strcmp(recipient->target, recipient->key) == 0;
}

struct recipients *recipients_open(void)
{
	struct recipients *recipients =
		memory_must(calloc(1, sizeof *recipients));

	recipients->arena = arena_open();
	recipients->table = table_open();
	return recipients;
}

void recipients_close(struct recipients **recipients)
{
	if (*recipients == NULL)
		return;
	table_close(&(*recipients)->table);
	arena_close(&(*recipients)->arena);
	free(*recipients);
	*recipients = NULL;
}

static size_t size_of(const char *text)
{
	return text == NULL ? 0 : strlen(text) + 1;
}

/* Moves *at behind the copy; NULL stays NULL. */
static const char *copy(char **at, const char *text)
{
	const size_t size = size_of(text);
	char *start = *at;

	if (text == NULL)
		return NULL;
	memcpy(start, text, size);
	*at += size;
	return start;
}

/* key: one that is kept already; NULL = keep this one's. */
static struct recipient *keep(struct recipients *recipients,
	const struct recipient *recipient, const char *key)
{
	const size_t size = (key == NULL ? size_of(recipient->key) : 0) +
		size_of(recipient->target) + size_of(recipient->origin);
	struct recipient *kept =
		arena_alloc(recipients->arena, sizeof *kept + size);
	char *at = (char *)(kept + 1);

	kept->key = key == NULL ? copy(&at, recipient->key) : key;
	kept->target = copy(&at, recipient->target);
	kept->origin = copy(&at, recipient->origin);
	kept->directory = recipient->directory;
	const char *sign = strrchr(kept->key, '@');

	kept->domain = sign == NULL ? "" : sign + 1;
	return kept;
}

/*
 * Whatever the order of rows, one that is a mailbox makes it a mailbox: the
 * contact of the same name is how a synchronised directory shows it to
 * others.
 */
static void merge(struct recipients *recipients, struct recipient *kept,
	const struct recipient *again)
{
	if (kept->target == NULL || again->target != NULL)
		return;
	kept->target = NULL;
	kept->origin = again->origin == NULL
		? NULL
		: arena_strdup(recipients->arena, again->origin);
}

void recipients_add(
	struct recipients *recipients, const struct recipient *recipient)
{
	struct recipient *kept = table_find(recipients->table, recipient->key);

	if (kept == NULL) {
		kept = keep(recipients, recipient, NULL);
		table_put(recipients->table, kept->key, kept);
		return;
	}
	while (kept->directory != recipient->directory && kept->next != NULL)
		kept = kept->next;
	if (kept->directory == recipient->directory)
		merge(recipients, kept, recipient);
	else
		kept->next = keep(recipients, recipient, kept->key);
}

size_t recipients_count(const struct recipients *recipients)
{
	return table_count(recipients->table);
}

const struct recipient *recipients_get(
	const struct recipients *recipients, size_t index)
{
	return table_value(recipients->table, index);
}

const struct recipient *recipients_find(
	const struct recipients *recipients, const char *key)
{
	return table_find(recipients->table, key);
}
