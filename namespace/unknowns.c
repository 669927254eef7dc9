/*
 * Each system has one next, as each secondary domain has one primary: where
 * all ways end is found in one walk.
 */
#include "namespace/unknowns.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "namespace/route.h"
#include "namespace/secondary.h"

enum { SHOWN_MAX = 16 };

struct unknowns_ways {
	const struct view *view;
	size_t *next; /* of each connector; SECONDARY_NONE */
	struct secondary_way *ways;
};

static size_t next_of(
	const struct view *view, const struct table *names, size_t index)
{
	const struct connector *connector = &view->connectors[index];

	if (connector->unknowns != UNKNOWNS_FORWARD)
		return SECONDARY_NONE;
	const struct connector *next =
		table_find(names, connector->forwards_to);

	return next == NULL ? SECONDARY_NONE
			    : (size_t)(next - view->connectors);
}

const struct unknowns_ways *unknowns_open(
	const struct view *view, struct arena *arena)
{
	const size_t n = view->n_connectors;
	struct unknowns_ways *unknowns = arena_alloc(arena, sizeof *unknowns);
	struct table *names = table_open();

	unknowns->view = view;
	unknowns->next = arena_array(arena, n, sizeof *unknowns->next);
	unknowns->ways = arena_array(arena, n, sizeof *unknowns->ways);
	for (size_t i = 0; i < n; i++)
		table_put(names, view->connectors[i].name,
			(void *)&view->connectors[i]);
	for (size_t i = 0; i < n; i++)
		unknowns->next[i] = next_of(view, names, i);
	table_close(&names);
	secondary_ways(unknowns->ways, unknowns->next, n);
	return unknowns;
}

static size_t index_of(
	const struct unknowns_ways *unknowns, const struct connector *connector)
{
	return (size_t)(connector - unknowns->view->connectors);
}

const struct connector *unknowns_next(
	const struct unknowns_ways *unknowns, const struct connector *connector)
{
	const size_t next = unknowns->next[index_of(unknowns, connector)];

	return next == SECONDARY_NONE ? NULL
				      : &unknowns->view->connectors[next];
}

bool unknowns_find(struct unknowns_way *out,
	const struct unknowns_ways *unknowns, const struct domain *domain,
	const char *name)
{
	struct route route;

	if (domain->filter == FILTER_DIRECTORIES ||
		route_find(&route, unknowns->view, name) != LOOKUP_FOUND)
		return false;
	const struct connector *first = route.connectors[0];
	const size_t end = unknowns->ways[index_of(unknowns, first)].end;

	*out = (struct unknowns_way){ first, NULL, UNKNOWNS_CIRCLE };
	if (end == SECONDARY_NONE)
		return true;
	out->last = &unknowns->view->connectors[end];
	/* One that is named and not there takes them. */
	out->end = out->last->unknowns == UNKNOWNS_RETURN ? UNKNOWNS_RETURNED
							  : UNKNOWNS_REFUSED;
	return true;
}

static bool is_on(const struct connector *const *list, size_t count,
	const struct connector *connector)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == connector)
			return true;
	return false;
}

const char *unknowns_format(const struct unknowns_ways *unknowns,
	const struct unknowns_way *way, struct arena *arena)
{
	const struct connector *shown[SHOWN_MAX];
	const char *text = "this Postfix";
	const struct connector *at = way->first;
	size_t count = 0;

	for (; at != NULL && count < SHOWN_MAX;
		at = unknowns_next(unknowns, at)) {
		text = arena_printf(arena, "%s -> %s", text, at->name);
		if (is_on(shown, count, at))
			return text;
		shown[count++] = at;
	}
	if (at != NULL)
		text = arena_printf(arena, "%s -> ...", text);
	if (way->end == UNKNOWNS_RETURNED)
		text = arena_printf(arena, "%s -> this Postfix", text);
	return text;
}
