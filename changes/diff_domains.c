/* Blocks of accepted domains, found again by their names. */
#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "changes/diff_private.h"
#include "snapshot/generation.h"

#include <stdlib.h>
#include <string.h>

enum { SCOPES = 3 };

/* The blocks of one name, by scope. */
struct blocks {
	const struct domain *of[SIDES][SCOPES];
};

struct domain_walk {
	struct diff_work *work;
	struct table *blocks; /* name -> struct blocks */
	size_t side;
};

static bool note_domain(void *context, const struct domain *domain)
{
	const struct domain_walk *walk = context;
	const char *name = domain->pattern.name.ascii;
	struct blocks *blocks = table_find(walk->blocks, name);

	if (blocks == NULL) {
		blocks = arena_alloc(walk->work->arena, sizeof *blocks);
		table_put(walk->blocks, name, blocks);
	}
	blocks->of[walk->side][domain->pattern.scope] = domain;
	return true;
}

static bool is_same_domain(const struct domain *a, const struct domain *b)
{
	return a->type == b->type && a->filter == b->filter &&
		a->is_trusted_only == b->is_trusted_only &&
		a->pattern.scope == b->pattern.scope &&
		strcmp(a->pattern.name.ascii, b->pattern.name.ascii) == 0 &&
		text_same(a->catch_all, b->catch_all) &&
		text_same(a->secondary_of, b->secondary_of);
}

/* own: the one of the two whose name it is. */
static void add_domain(struct diff_work *work, const struct domain *own,
	const struct domain *from, const struct domain *to)
{
	struct diff *out = work->out;
	struct diff_domain *list = diff_grow(
		work->arena, out->domains, out->n_domains, sizeof *list);

	list[out->n_domains++] = (struct diff_domain){
		domain_pattern_format(&own->pattern, work->arena), from, to
	};
	out->domains = list;
}

/* The block of the other generation that has this one's names, if any. */
static const struct domain *owner_of(
	const struct diff_work *work, size_t side, const struct domain *domain)
{
	const char *names[2];
	const struct domain *owner = NULL;

	route_names(names, &domain->pattern, work->request);
	return domain_find(&owner, work->sides[side].view, names[0]) ==
			LOOKUP_FOUND
		? owner
		: NULL;
}

/* Takes the first that has no match yet out of the list. */
static const struct domain *take(const struct domain *list[SCOPES])
{
	for (size_t i = 0; i < SCOPES; i++) {
		const struct domain *taken = list[i];

		list[i] = NULL;
		if (taken != NULL)
			return taken;
	}
	return NULL;
}

/*
 * Those of one scope belong together; what is left is one that changed its
 * scope, or has come, or gone.
 */
static void compare_blocks(struct diff_work *work, struct blocks *blocks)
{
	for (size_t i = 0; i < SCOPES; i++) {
		const struct domain *from = blocks->of[BEFORE][i];
		const struct domain *to = blocks->of[AFTER][i];

		if (from == NULL || to == NULL)
			continue;
		blocks->of[BEFORE][i] = blocks->of[AFTER][i] = NULL;
		if (!is_same_domain(from, to))
			add_domain(work, to, from, to);
	}
	for (;;) {
		const struct domain *from = take(blocks->of[BEFORE]);
		const struct domain *to = take(blocks->of[AFTER]);

		if (from == NULL && to == NULL)
			return;
		if (from == NULL)
			add_domain(work, to, owner_of(work, BEFORE, to), to);
		else if (to == NULL)
			add_domain(
				work, from, from, owner_of(work, AFTER, from));
		else
			add_domain(work, to, from, to);
	}
}

static int by_domain(const void *a, const void *b)
{
	const struct diff_domain *x = a, *y = b;

	return strcmp(x->name, y->name);
}

bool diff_domains(struct diff_work *work, struct err *err)
{
	struct domain_walk walk = { work, table_open(), 0 };
	struct diff *out = work->out;
	bool is_walked = true;

	for (; is_walked && walk.side < SIDES; walk.side++)
		is_walked = work->sides[walk.side].generation == NULL ||
			generation_walk_domains(
				work->sides[walk.side].generation, note_domain,
				&walk, err);
	for (size_t i = 0; is_walked && i < table_count(walk.blocks); i++)
		compare_blocks(work, table_value(walk.blocks, i));
	if (out->n_domains > 1)
		qsort((void *)out->domains, out->n_domains,
			sizeof *out->domains, by_domain);
	table_close(&walk.blocks);
	return is_walked;
}
