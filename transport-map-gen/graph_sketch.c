/*
 * Nodes and edges grow by doubling in the arena: what is left behind is at
 * most as much again as the graph.
 */
#include "transport-map-gen/graph_sketch.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "namespace/route.h"

#include <stdlib.h>
#include <string.h>

static void *grow(struct arena *arena, void *list, size_t *room, size_t size)
{
	const size_t wanted = *room == 0 ? 64 : 2 * *room;
	void *bigger = arena_array(arena, wanted, size);

	if (*room != 0)
		memcpy(bigger, list, *room * size);
	*room = wanted;
	return bigger;
}

size_t sketch_node(struct sketch *sketch, const struct graph_node *node)
{
	struct graph *graph = sketch->graph;

	if (graph->n_nodes == graph->nodes_room)
		graph->nodes = grow(sketch->arena, graph->nodes,
			&graph->nodes_room, sizeof *graph->nodes);
	graph->nodes[graph->n_nodes] = *node;
	if (node->details == NULL)
		graph->nodes[graph->n_nodes].details = "";
	return graph->n_nodes++;
}

void sketch_edge(struct sketch *sketch, const struct graph_edge *edge)
{
	struct graph *graph = sketch->graph;

	if (graph->n_edges == graph->edges_room)
		graph->edges = grow(sketch->arena, graph->edges,
			&graph->edges_room, sizeof *graph->edges);
	graph->edges[graph->n_edges] = *edge;
	if (edge->label == NULL)
		graph->edges[graph->n_edges].label = "";
	graph->n_edges++;
}

bool sketch_edge_once(struct sketch *sketch, const struct graph_edge *edge)
{
	char *key = arena_printf(sketch->arena, "%zu %zu %d", edge->from,
		edge->to, (int)edge->relation);

	if (table_find(sketch->drawn, key) != NULL)
		return false;
	table_put(sketch->drawn, key, key);
	sketch_edge(sketch, edge);
	return true;
}

const char *sketch_error(const struct sketch *sketch, struct place place)
{
	return table_find(sketch->errors,
		arena_printf(sketch->arena, "%s:%u", place.file, place.line));
}

size_t sketch_world(struct sketch *sketch)
{
	if (sketch->world == GRAPH_NO_NODE)
		sketch->world = sketch_node(sketch,
			&(struct graph_node){ .kind = GRAPH_WORLD,
				.title = "elsewhere",
				.details = "as Postfix routes the rest" });
	return sketch->world;
}

const char *sketch_count(
	const struct sketch *sketch, unsigned long count, const char *what)
{
	char digits[TEXT_NUMBER_SIZE];

	text_number(digits, count);
	return *what == '\0' ? arena_strdup(sketch->arena, digits)
			     : arena_printf(sketch->arena, "%s %s%s", digits,
				       what, count == 1 ? "" : "s");
}

size_t sketch_domain(const struct sketch *sketch, const char *name)
{
	const struct domain *domain;

	if (domain_find(&domain, sketch->view, name) != LOOKUP_FOUND)
		return GRAPH_NO_NODE;
	return (size_t)(domain - sketch->g->ns->domains);
}

const char *sketch_pattern(
	const struct sketch *sketch, const struct domain_pattern *pattern)
{
	const char *mark = "";

	switch (pattern->scope) {
	case SCOPE_INCLUSIVE: break;
	case SCOPE_EXACT: mark = "#"; break;
	case SCOPE_SUBDOMAINS: mark = "*."; break;
	}
	return arena_printf(sketch->arena, "%s%s", mark, pattern->name.unicode);
}

/* Several that are drawn as one. */
struct bundle {
	size_t node;
	const char **names;
	size_t count, room;
};

struct bundles {
	struct table *by_likeness; /* -> struct bundle */
	bool is_bundling;
};

struct bundles *bundles_open(bool is_bundling)
{
	struct bundles *bundles = memory_must(calloc(1, sizeof *bundles));

	bundles->by_likeness = table_open();
	bundles->is_bundling = is_bundling;
	return bundles;
}

static void add_name(
	struct bundle *bundle, struct arena *arena, const char *name)
{
	if (bundle->count == bundle->room)
		bundle->names = grow(arena, bundle->names, &bundle->room,
			sizeof *bundle->names);
	bundle->names[bundle->count++] = name;
}

bool bundles_take(struct bundles *bundles, struct sketch *sketch,
	const struct graph_node *node, const char *likeness, size_t *out)
{
	struct bundle *bundle = NULL;

	if (bundles->is_bundling)
		bundle = table_find(bundles->by_likeness, likeness);
	const bool is_new = bundle == NULL;

	if (is_new) {
		bundle = arena_alloc(sketch->arena, sizeof *bundle);
		bundle->node = sketch_node(sketch, node);
	}
	if (is_new && bundles->is_bundling)
		table_put(bundles->by_likeness,
			arena_strdup(sketch->arena, likeness), bundle);
	if (bundles->is_bundling)
		add_name(bundle, sketch->arena, node->title);
	*out = bundle->node;
	return is_new;
}

static void title_bundle(
	const struct bundle *bundle, struct sketch *sketch, const char *what)
{
	struct graph_node *node = &sketch->graph->nodes[bundle->node];
	struct arena *arena = sketch->arena;
	struct text shown, all;

	text_init(&shown);
	text_init(&all);
	for (size_t i = 0; i < bundle->count; i++) {
		text_addf(&all, "%s%s", i == 0 ? "" : " ", bundle->names[i]);
		if (i < GRAPH_NAMES_SHOWN)
			text_addf(&shown, "%s\n", bundle->names[i]);
	}
	if (bundle->count > GRAPH_NAMES_SHOWN)
		text_addf(&shown, "and %s more\n",
			sketch_count(
				sketch, bundle->count - GRAPH_NAMES_SHOWN, ""));
	node->title = sketch_count(sketch, bundle->count, what);
	node->details = arena_printf(arena, "%s%s", shown.data, node->details);
	node->names = arena_strndup(arena, all.data, all.len);
	text_fini(&shown);
	text_fini(&all);
}

void bundles_close(
	struct bundles **bundles, struct sketch *sketch, const char *what)
{
	const struct table *table = (*bundles)->by_likeness;

	for (size_t i = 0; i < table_count(table); i++) {
		const struct bundle *bundle = table_value(table, i);

		if (bundle->count > 1)
			title_bundle(bundle, sketch, what);
	}
	table_close(&(*bundles)->by_likeness);
	free(*bundles);
	*bundles = NULL;
}
