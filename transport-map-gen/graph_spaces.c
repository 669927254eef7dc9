/*
 * Address spaces as they are written: those of names that are accepted
 * nowhere are where outgoing mail leaves, those of a part of a domain stand
 * on an edge of that domain.
 */
#include "transport-map-gen/graph_ways.h"

#include "base/arena.h"
#include "base/table.h"
#include "namespace/unknowns.h"

#include <string.h>

/* An address space for names that are accepted nowhere. */
static void draw_outbound(struct sketch *sketch, struct table *outbound,
	const struct way *way, const char *title)
{
	size_t *node = table_find(outbound, title);

	if (node == NULL) {
		node = arena_alloc(sketch->arena, sizeof *node);
		*node = sketch_node(sketch,
			&(struct graph_node){ .kind = GRAPH_NOT_OURS,
				.title = title,
				.details = strcmp(title, "*") == 0
					? "any other domain"
					: "outgoing mail" });
		table_put(outbound, title, node);
	}
	sketch_edge(sketch,
		&(struct graph_edge){ .from = *node,
			.to = sketch->connectors[way->connector->index],
			.relation = way->relation,
			.label = arena_printf(sketch->arena, "%scost %u",
				way->relation == GRAPH_BACKUP ? "backup, "
					: way->relation == GRAPH_UNUSED
					? "not used, "
					: "",
				way->cost) });
}

/* GRAPH_NO_NODE: its names are accepted nowhere, or are the domain's own. */
static size_t owner_of(const struct sketch *sketch,
	const struct address_space *space, const char *const names[2],
	size_t count, bool *is_outbound)
{
	size_t owner = GRAPH_NO_NODE;

	for (size_t i = 0; i < count && !space->is_any; i++)
		if (owner == GRAPH_NO_NODE)
			owner = sketch_domain(sketch, names[i]);
	*is_outbound = owner == GRAPH_NO_NODE;
	if (owner != GRAPH_NO_NODE &&
		strcmp(sketch->g->ns->domains[owner].pattern.name.ascii,
			space->pattern.name.ascii) == 0)
		return GRAPH_NO_NODE;
	return owner;
}

static void take_space(struct way_finder *finder, struct table *outbound,
	const struct connector *connector, const struct address_space *space)
{
	struct sketch *sketch = finder->sketch;
	const char *names[2] = { "?", NULL };
	const size_t count = space->is_any
		? 1
		: route_names(names, &space->pattern, sketch->arena);
	const char *title =
		space->is_any ? "*" : sketch_pattern(sketch, &space->pattern);
	struct route route;
	bool is_outbound;

	route_find(&route, sketch->view, names[0]);
	const struct way way = { .connector = connector,
		.relation = way_relation(&route, connector),
		.space = title,
		.cost = space->cost,
		.of = FOR_NAME | FOR_BELOW };
	const size_t owner =
		owner_of(sketch, space, names, count, &is_outbound);

	if (is_outbound)
		draw_outbound(sketch, outbound, &way, title);
	if (owner == GRAPH_NO_NODE)
		return;
	struct inner *inner = arena_alloc(sketch->arena, sizeof *inner);

	*inner = (struct inner){ owner, way, finder->inner };
	finder->inner = inner;
}

void way_finder_init(struct way_finder *finder, struct sketch *sketch)
{
	*finder = (struct way_finder){ .sketch = sketch,
		.unknowns = unknowns_open(sketch->view, sketch->arena),
		.is_forwarding = arena_array(sketch->arena,
			sketch->g->ns->n_connectors, sizeof(bool)) };
	const struct view *view = sketch->view;
	struct table *outbound = table_open();

	for (size_t i = 0; i < view->n_connectors; i++)
		for (size_t j = 0; j < view->connectors[i].n_spaces; j++)
			take_space(finder, outbound, &view->connectors[i],
				&view->connectors[i].spaces[j]);
	table_close(&outbound);
}
