/*
 * Each system has one next, so a way is a line that ends or closes: it is
 * followed until a name comes for the second time, and never longer.
 */
#include "namespace/unknowns.h"

#include "base/arena.h"
#include "namespace/route.h"

#include <string.h>

static const struct connector *connector_named(
	const struct view *view, const char *name)
{
	for (size_t i = 0; i < view->n_connectors; i++)
		if (strcmp(view->connectors[i].name, name) == 0)
			return &view->connectors[i];
	return NULL;
}

static bool is_on(
	const struct unknowns_way *way, const struct connector *connector)
{
	for (size_t i = 0; i < way->count; i++)
		if (way->list[i] == connector)
			return true;
	return false;
}

/* NULL: it goes no further, and out->end says why. */
static const struct connector *next_of(struct unknowns_way *out,
	const struct view *view, const struct connector *connector)
{
	switch (connector->unknowns) {
	case UNKNOWNS_REJECT: out->end = UNKNOWNS_REFUSED; return NULL;
	case UNKNOWNS_RETURN: out->end = UNKNOWNS_RETURNED; return NULL;
	case UNKNOWNS_FORWARD: break;
	}
	out->end = UNKNOWNS_REFUSED;
	return connector_named(view, connector->forwards_to);
}

static void follow(struct unknowns_way *out, const struct view *view,
	const struct connector *first, struct arena *arena)
{
	*out = (struct unknowns_way){
		.list = arena_array(
			arena, view->n_connectors + 1, sizeof *out->list),
	};
	for (const struct connector *at = first; at != NULL;
		at = next_of(out, view, at)) {
		const bool is_closed = is_on(out, at);

		out->list[out->count++] = at;
		if (!is_closed)
			continue;
		out->end = UNKNOWNS_CIRCLE;
		return;
	}
}

bool unknowns_find(struct unknowns_way *out, const struct view *view,
	const struct domain *domain, const char *name, struct arena *arena)
{
	struct route route;

	if (domain->filter == FILTER_DIRECTORIES ||
		route_find(&route, view, name) != LOOKUP_FOUND)
		return false;
	follow(out, view, route.connectors[0], arena);
	return true;
}

const char *unknowns_format(const struct unknowns_way *way, struct arena *arena)
{
	const char *text = "this Postfix";

	for (size_t i = 0; i < way->count; i++)
		text = arena_printf(
			arena, "%s -> %s", text, way->list[i]->name);
	if (way->end == UNKNOWNS_RETURNED)
		text = arena_printf(arena, "%s -> this Postfix", text);
	return text;
}
