/*
 * Recipients come by the million and differ in their local part.  What the
 * resolver answers to a listed mailbox rests on its domain and on the
 * directory that vouches for it; a local part counts only where it is the
 * postmaster's, has an extension, or is spoken of by a contact.  So the
 * resolver still decides, and a test by chance holds the maps against those
 * for which it was asked every time.
 */
#include "snapshot/maps_known.h"

#include "base/arena.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct maps_known {
	const struct maps *maps;
	struct arena *arena;
	struct arena *request; /* of one question */
	struct known **of_names; /* by the name's index */
	bool is_plain[256]; /* as a part of an atom */
};

static void collect_plain(struct maps_known *known)
{
	static const char atoms[] =
		"abcdefghijklmnopqrstuvwxyz0123456789-_=/'*#&{}|~^$?`";
	const char *delimiters = known->maps->view->extension;

	for (const char *at = atoms; *at != '\0'; at++)
		known->is_plain[(unsigned char)*at] =
			strchr(delimiters, *at) == NULL;
}

struct maps_known *maps_known_open(const struct maps *maps)
{
	struct maps_known *known = memory_must(calloc(1, sizeof *known));

	known->maps = maps;
	known->arena = arena_open();
	known->request = arena_open();
	known->of_names = arena_array(known->arena, names_count(maps->names),
		sizeof *known->of_names);
	collect_plain(known);
	return known;
}

void maps_known_close(struct maps_known **known)
{
	if (*known == NULL)
		return;
	arena_close(&(*known)->request);
	arena_close(&(*known)->arena);
	free(*known);
	*known = NULL;
}

static const char *listed_value(struct maps_known *known,
	const struct name *name, const struct directory *directory)
{
	const char *connector = directory->connector;
	struct route route;

	if (connector == NULL)
		connector = route_find(&route, known->maps->view,
				    name->ascii) == LOOKUP_FOUND
			? route.connectors[0]->name
			: "-";
	return arena_printf(known->arena, "%s %s", connector, directory->name);
}

struct known *maps_known_get(struct maps_known *known, const struct name *name,
	const struct directory *directory)
{
	struct known **first = &known->of_names[name->index];
	struct known *of = *first;

	while (of != NULL && of->directory != directory)
		of = of->next;
	if (of != NULL)
		return of;
	of = arena_alloc(known->arena, sizeof *of);
	of->directory = directory;
	of->listed = listed_value(known, name, directory);
	of->is_asked = known->maps->options->is_each_resolved;
	of->is_one_by_one = of->is_asked;
	of->next = *first;
	*first = of;
	return of;
}

bool maps_known_is_plain(const struct maps_known *known, struct slice local)
{
	bool is_within = false; /* an atom, so that a dot may follow */

	for (size_t i = 0; i < local.len; i++) {
		const unsigned char c = (unsigned char)local.bytes[i];

		if (!known->is_plain[c] && (c != '.' || !is_within))
			return false;
		is_within = c != '.';
	}
	return is_within && !slice_is(local, "postmaster");
}

static const char *keep(struct maps_known *known, const char *text)
{
	return text == NULL ? NULL : arena_strdup(known->arena, text);
}

static const char *in_secondary(const struct maps_subject *subject,
	const struct name *secondary, struct arena *arena)
{
	const char *key = subject->key.bytes;
	const size_t local = subject->key.len - strlen(subject->name->ascii);

	return arena_printf(arena, "%.*s%s", (int)local, key, secondary->ascii);
}

/* Whether it is but another name of the recipient, whoever that is. */
static bool ask_secondary(struct maps_known *known, struct known_other *out,
	const struct maps_subject *subject, const struct name *secondary)
{
	const struct view *view = known->maps->view;
	const struct maps_subject other = {
		slice_of(in_secondary(subject, secondary, known->request)),
		secondary
	};
	struct maps_answer *answer = &out->answer;

	maps_answer_make(answer, known->maps, &other, known->request);
	answer->access = keep(known, answer->access);
	out->has_entries =
		view->ops->has_entries(view, secondary->ascii) != LOOKUP_NONE;
	return secondary->n_secondaries == 0 && answer->alias != NULL &&
		strcmp(answer->alias, subject->key.bytes) == 0;
}

static bool ask_secondaries(struct maps_known *known, struct known *of,
	const struct maps_subject *subject)
{
	const struct name *name = subject->name;

	of->others = arena_array(
		known->arena, name->n_secondaries, sizeof *of->others);
	for (size_t i = 0; i < name->n_secondaries; i++)
		if (!ask_secondary(known, &of->others[i], subject,
			    name->secondaries[i]))
			return false;
	return true;
}

void maps_known_ask(struct maps_known *known, struct known *of,
	const struct maps_subject *subject)
{
	struct maps_answer *answer = &of->answer;

	of->is_asked = true;
	arena_reset(known->request);
	maps_answer_make(answer, known->maps, subject, known->request);
	answer->access = keep(known, answer->access);
	answer->route = keep(known, answer->route);
	of->is_one_by_one = answer->alias != NULL || answer->is_lost ||
		!ask_secondaries(known, of, subject);
}
