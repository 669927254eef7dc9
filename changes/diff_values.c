/*
 * What stands in the routes for names and hops rather than for recipients:
 * the ways of mail for domains that are not ours, and TLS levels.
 */
#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "changes/diff_private.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"
#include "snapshot/generation.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
	const struct diff_value *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void sort(const struct diff_value *list, size_t count)
{
	if (count > 1)
		qsort((void *)list, count, sizeof *list, by_name);
}

/* Address spaces. */

/* NULL: as DNS says. */
static const char *way_to(
	struct diff_work *work, const struct view *view, const char *name)
{
	struct route route = { .count = 0 };
	struct claims claims;
	const struct domain *owner;

	if (strcmp(name, "*") == 0) {
		/* No name that is written is below it alone. */
		if (view->ops->claims(view, "*", &claims) != LOOKUP_FOUND)
			return NULL;
		name = "?";
	}
	if (domain_find(&owner, view, name) == LOOKUP_FOUND ||
		route_find(&route, view, name) != LOOKUP_FOUND)
		return NULL;
	return arena_printf(work->request, "%s %s", route.connectors[0]->name,
		route_format(&route, work->request));
}

static bool is_ours(const struct diff_work *work, const char *name)
{
	const struct domain *owner;

	for (size_t i = 0; i < SIDES; i++)
		if (domain_find(&owner, work->sides[i].view, name) ==
			LOOKUP_FOUND)
			return true;
	return false;
}

static const char *copy(const char *text, struct arena *arena)
{
	return text == NULL ? NULL : arena_strdup(arena, text);
}

static void compare_space(struct diff_work *work, const char *name)
{
	struct diff *out = work->out;
	const char *from = way_to(work, work->sides[BEFORE].view, name);
	const char *to = way_to(work, work->sides[AFTER].view, name);

	if (text_same(from, to))
		return;
	struct diff_value *list = diff_grow(
		work->arena, out->spaces, out->n_spaces, sizeof *list);

	list[out->n_spaces++] = (struct diff_value){ *name == '?'
			? arena_printf(work->arena, "*%s", name + 1)
			: name,
		copy(from, work->arena), copy(to, work->arena) };
	out->spaces = list;
}

void diff_spaces(struct diff_work *work)
{
	for (size_t i = 0; i < table_count(work->names); i++) {
		const char *name = table_key(work->names, i);

		arena_reset(work->request);
		if (!is_ours(work, name))
			compare_space(work, name);
	}
	compare_space(work, "*");
	sort(work->out->spaces, work->out->n_spaces);
}

/* TLS levels. */

struct tls_walk {
	struct diff_work *work;
	const struct cdb_reader *other; /* NULL: there is none */
	bool is_after; /* walked; only what the other does not have */
};

static bool compare_tls(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	const struct tls_walk *walk = context;
	struct arena *arena = walk->work->arena;
	struct diff *out = walk->work->out;
	const char *hop = arena_strndup(walk->work->request, key, key_len);
	const char *theirs = NULL;
	size_t len = 0;
	const bool has_other = walk->other != NULL &&
		cdb_reader_find(walk->other, hop, &theirs, &len) ==
			LOOKUP_FOUND;

	if (has_other &&
		(walk->is_after ||
			(len == value_len && memcmp(theirs, value, len) == 0)))
		return true;
	const char *own = arena_strndup(arena, value, value_len);
	const char *other = has_other ? arena_strndup(arena, theirs, len)
				      : NULL;
	struct diff_value *list =
		diff_grow(arena, out->tls, out->n_tls, sizeof *list);

	list[out->n_tls++] = (struct diff_value){ arena_strdup(arena, hop),
		walk->is_after ? NULL : own, walk->is_after ? own : other };
	out->tls = list;
	return true;
}

static bool open_tls(struct cdb_reader **out, struct diff_work *work,
	size_t side, struct err *err)
{
	const struct generation *generation = work->sides[side].generation;

	if (generation == NULL)
		return true;
	*out = cdb_reader_open(
		arena_printf(work->request, "%s/" FILES_TLS_POLICY,
			generation_folder(generation)),
		err);
	return *out != NULL;
}

bool diff_tls(struct diff_work *work, struct err *err)
{
	struct cdb_reader *readers[SIDES] = { NULL, NULL };
	bool is_walked = open_tls(&readers[BEFORE], work, BEFORE, err) &&
		open_tls(&readers[AFTER], work, AFTER, err);

	for (size_t i = 0; is_walked && i < SIDES; i++) {
		struct tls_walk walk = { work, readers[1 - i], i == AFTER };

		is_walked = readers[i] == NULL ||
			cdb_reader_walk(readers[i], compare_tls, &walk) ||
			err_set(err, "%s/" FILES_TLS_POLICY ": corrupt",
				generation_folder(work->sides[i].generation));
	}
	cdb_reader_close(&readers[BEFORE]);
	cdb_reader_close(&readers[AFTER]);
	sort(work->out->tls, work->out->n_tls);
	arena_reset(work->request);
	return is_walked;
}
