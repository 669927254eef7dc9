/*
 * Each has one primary, so the way up is a line that ends, closes or meets
 * one that was walked before.  What lies behind that is known, so no domain is
 * walked over more than a few times, however long the ways are.
 */
#include "namespace/secondary.h"

#include "base/arena.h"
#include "namespace/search.h"

#include <string.h>

size_t secondary_owner(
	const struct namespace *ns, const char *name, bool is_enabled)
{
	size_t owner = SECONDARY_NONE;

	for (size_t i = 0; i < ns->n_domains; i++) {
		const struct domain *domain = &ns->domains[i];

		if (domain->is_enabled != is_enabled ||
			strcmp(domain->pattern.name.ascii, name) != 0)
			continue;
		if (domain->pattern.scope == SCOPE_EXACT)
			return i;
		if (domain->pattern.scope == SCOPE_INCLUSIVE)
			owner = i;
	}
	return owner;
}

/* Stand for an end while it is looked for. */
#define UNSEEN ((size_t)-2)
#define UNDER_WAY ((size_t)-3)

/* The first that was seen before. */
static size_t walk_up(struct secondary_way *ways, const size_t *up, size_t from)
{
	size_t at = from;

	while (ways[at].end == UNSEEN) {
		ways[at].end = UNDER_WAY;
		at = up[at];
	}
	return at;
}

static void take_circle(
	struct secondary_way *ways, const size_t *up, size_t first)
{
	size_t lowest = first;

	for (size_t at = up[first]; at != first; at = up[at])
		lowest = at < lowest ? at : lowest;
	for (size_t at = first; ways[at].end == UNDER_WAY; at = up[at])
		ways[at] = (struct secondary_way){ .end = SECONDARY_NONE,
			.circle = lowest };
}

/* Up to one that is known. */
static void take_way(
	struct secondary_way *ways, const size_t *up, size_t from, size_t to)
{
	size_t steps = ways[to].steps;

	for (size_t at = from; at != to; at = up[at])
		steps++;
	for (size_t at = from; at != to; at = up[at])
		ways[at] = (struct secondary_way){ ways[to].end, steps--,
			SECONDARY_NONE };
}

void secondary_ways(struct secondary_way *ways, const size_t *up, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ways[i] = (struct secondary_way){
			.end = up[i] == SECONDARY_NONE ? i : UNSEEN,
			.circle = SECONDARY_NONE
		};
	for (size_t i = 0; i < count; i++) {
		const size_t met = walk_up(ways, up, i);

		if (ways[met].end == UNDER_WAY)
			take_circle(ways, up, met);
		take_way(ways, up, i, met);
	}
}

/* Who has the names below its primary. */
static size_t up_below(const struct namespace *ns, const struct view *view,
	const struct domain *domain, struct arena *arena)
{
	const struct domain *owner;

	if (domain->secondary_of == NULL || !domain->is_enabled ||
		domain->pattern.scope == SCOPE_EXACT ||
		view->ops->domain(view,
			arena_printf(arena, ".%s", domain->secondary_of),
			&owner) != LOOKUP_FOUND)
		return SECONDARY_NONE;
	return (size_t)(owner - ns->domains);
}

const bool *secondary_circles_below(const struct namespace *ns,
	const struct view *view, struct arena *arena)
{
	const size_t n = ns->n_domains;
	struct secondary_way *ways = arena_array(arena, n, sizeof *ways);
	size_t *up = arena_array(arena, n, sizeof *up);
	bool *circles = arena_array(arena, n, sizeof *circles);

	for (size_t i = 0; i < n; i++)
		up[i] = up_below(ns, view, &ns->domains[i], arena);
	secondary_ways(ways, up, n);
	for (size_t i = 0; i < n; i++)
		circles[i] = ways[i].circle != SECONDARY_NONE;
	return circles;
}

/* Who has the name of its primary. */
static size_t up_itself(const struct namespace *ns, const struct view *view,
	const struct domain *domain, struct arena *arena)
{
	const struct domain *owner;

	(void)arena;
	if (domain->secondary_of == NULL || !domain->is_enabled ||
		domain->pattern.scope == SCOPE_SUBDOMAINS ||
		view->ops->domain(view, domain->secondary_of, &owner) !=
			LOOKUP_FOUND)
		return SECONDARY_NONE;
	return (size_t)(owner - ns->domains);
}

typedef size_t up_find(const struct namespace *ns, const struct view *view,
	const struct domain *domain, struct arena *arena);

static const struct secondary_row *find_rows(const struct namespace *ns,
	const struct view *view, up_find *find, struct arena *arena)
{
	const size_t n = ns->n_domains;
	struct secondary_row *rows = arena_array(arena, n, sizeof *rows);
	size_t *up = arena_array(arena, n, sizeof *up);

	for (size_t i = 0; i < n; i++) {
		rows[i] = (struct secondary_row){ i, 0 };
		up[i] = find(ns, view, &ns->domains[i], arena);
	}
	for (size_t i = 0; i < n; i++) {
		size_t at = up[i];

		for (size_t steps = 1;
			at != SECONDARY_NONE && steps <= DEPTH_MAX; steps++) {
			if (steps > rows[at].steps)
				rows[at] = (struct secondary_row){ i, steps };
			at = up[at];
		}
	}
	return rows;
}

const struct secondary_row *secondary_rows(const struct namespace *ns,
	const struct view *view, struct arena *arena)
{
	return find_rows(ns, view, up_itself, arena);
}

const struct secondary_row *secondary_rows_below(const struct namespace *ns,
	const struct view *view, struct arena *arena)
{
	return find_rows(ns, view, up_below, arena);
}
