/*
 * A generation knows who vouched for a recipient, but not where in a source,
 * nor who else lists it: it is the same without conflicts.  The last-good
 * copies know; they are what it was made of.
 */
#include "transport-map-gen/listed.h"

#include "base/arena.h"
#include "base/text.h"
#include "directory/last_good.h"
#include "directory/source.h"
#include "namespace/namespace.h"

#include <string.h>

struct hunt {
	const char *key;
	struct recipient *found; /* key NULL until it is */
	struct arena *arena;
};

static const char *copy(struct arena *arena, const char *text)
{
	return text == NULL ? NULL : arena_strdup(arena, text);
}

static void hunt_entry(void *context, const struct entry *entry)
{
	struct hunt *hunt = context;

	if (hunt->found->key != NULL || strcmp(entry->address, hunt->key) != 0)
		return;
	hunt->found->key = hunt->key;
	hunt->found->target = copy(hunt->arena, entry->target);
	hunt->found->origin = copy(hunt->arena, entry->origin);
}

/* NULL where the directory's copy has no such entry. */
static struct recipient *find_in_copy(const struct listed_in *in,
	const struct directory *directory, const char *key, struct arena *arena)
{
	struct recipient *found = arena_alloc(arena, sizeof *found);
	struct hunt hunt = { key, found, arena };

	last_good_read(last_good_path(in->state, directory->name, arena),
		hunt_entry, &hunt, NULL);
	if (found->key == NULL)
		return NULL;
	found->domain = strrchr(key, '@') + 1;
	found->directory = directory;
	return found;
}

const struct recipient *listed_find(
	const struct listed_in *in, const char *key, struct arena *arena)
{
	struct recipient *first = NULL;
	struct recipient **end = &first;

	if (strchr(key, '@') == NULL)
		return NULL;
	if (in->recipients != NULL)
		return recipients_find(in->recipients, key);
	key = arena_strdup(arena, key);
	for (size_t i = 0; i < in->ns->n_directories; i++) {
		const struct directory *directory = &in->ns->directories[i];

		if (directory->is_enabled)
			*end = find_in_copy(in, directory, key, arena);
		if (*end != NULL)
			end = &(*end)->next;
	}
	return first;
}

enum listed_kind listed_kind(const struct recipient *entry)
{
	if (!directory_may_own(entry->directory, entry->domain))
		return LISTED_OUTSIDE;
	if (entry->target == NULL)
		return LISTED_MAILBOX;
	return recipient_is_elsewhere(entry) ? LISTED_ELSEWHERE
					     : LISTED_CONTACT;
}

const char *listed_kind_format(enum listed_kind kind)
{
	switch (kind) {
	case LISTED_MAILBOX: return "mailbox";
	case LISTED_CONTACT: return "contact";
	case LISTED_ELSEWHERE: return "elsewhere";
	case LISTED_OUTSIDE: return "outside";
	}
	return "";
}

const char *listed_place(const struct recipient *entry, struct arena *arena)
{
	unsigned long line;

	return arena_printf(arena, "%s%s%s", entry->directory->source,
		text_to_ulong(&line, entry->origin) ? ":" : " ", entry->origin);
}
