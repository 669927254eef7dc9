/*
 * Texts that look alike have the same skeleton (ICU, uspoof.h).  That costs
 * more than all else that is asked of a recipient, so nothing is done where
 * all are plain ASCII, as nearly everywhere.
 */
#include "namespace/lookalike.h"

#include "base/arena.h"
#include "base/table.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uspoof.h>

enum { SKELETON_SIZE = 1024 };

struct search {
	const struct recipients *recipients;
	USpoofChecker *checker;
	struct arena *arena;
	struct table *first; /* skeleton -> the first recipient that has it */
	lookalike_found *found;
	void *context;
};

static bool is_plain(const struct recipient *recipient)
{
	for (const char *at = recipient->key; at < recipient->domain; at++)
		if ((unsigned char)*at >= 0x80)
			return false;
	return true;
}

static bool has_others(const struct recipients *recipients)
{
	for (size_t i = 0; i < recipients_count(recipients); i++)
		if (!is_plain(recipients_get(recipients, i)))
			return true;
	return false;
}

/* "skeleton@domain"; NULL where ICU has none, or it is beyond all measure. */
static const char *skeleton_of(
	const struct search *search, const struct recipient *recipient)
{
	char skeleton[SKELETON_SIZE];
	UErrorCode status = U_ZERO_ERROR;
	const int32_t len = uspoof_getSkeletonUTF8(search->checker, 0,
		recipient->key, (int32_t)(recipient->domain - recipient->key),
		skeleton, SKELETON_SIZE, &status);

	if (U_FAILURE(status) || len >= SKELETON_SIZE)
		return NULL;
	return arena_printf(
		search->arena, "%.*s%s", (int)len, skeleton, recipient->domain);
}

/* Of the plain ones, or of the others. */
static void compare(struct search *search, bool plain)
{
	const struct recipients *all = search->recipients;

	for (size_t i = 0; i < recipients_count(all); i++) {
		const struct recipient *recipient = recipients_get(all, i);
		const char *skeleton = NULL;

		if (is_plain(recipient) == plain)
			skeleton = skeleton_of(search, recipient);
		if (skeleton == NULL)
			continue;
		const struct recipient *like =
			table_find(search->first, skeleton);

		if (like == NULL)
			table_put(search->first, skeleton, (void *)recipient);
		else if (!plain)
			search->found(search->context, recipient, like);
	}
}

void lookalikes_find(const struct recipients *recipients,
	lookalike_found *found, void *context)
{
	UErrorCode status = U_ZERO_ERROR;
	struct search search = {
		.recipients = recipients, .found = found, .context = context
	};

	if (!has_others(recipients))
		return;
	search.checker = uspoof_open(&status);
	if (U_FAILURE(status))
		return; /* advice alone depends on it */
	search.arena = arena_open();
	search.first = table_open();
	compare(&search, true);
	compare(&search, false);
	table_close(&search.first);
	arena_close(&search.arena);
	uspoof_close(search.checker);
}
