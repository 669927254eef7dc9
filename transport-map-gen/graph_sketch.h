/* A graph while it is collected; each part of the namespace adds its own. */
#ifndef TRANSPORT_MAP_GEN_GRAPH_SKETCH_H
#define TRANSPORT_MAP_GEN_GRAPH_SKETCH_H

#include "transport-map-gen/graph.h"

#define GRAPH_NO_NODE ((size_t)-1)

/* More of a kind than this are put together where they are alike. */
enum { GRAPH_SINGLE_MAX = 40, GRAPH_NAMES_SHOWN = 8 };

struct sketch {
	struct graph *graph;
	const struct gathered *g;
	const char *state; /* folder */
	const struct view *view;
	struct arena *arena;
	size_t *domains; /* the node of each of ns->domains; GRAPH_NO_NODE */
	size_t *connectors; /* and of each of ns->connectors */
	size_t *directories;
	size_t world; /* GRAPH_NO_NODE until something leads there */
	/* Of each directory, of each domain: whom it lists there. */
	unsigned long *listed;
	struct table *errors; /* "file:line" -> the first error's text */
	struct table *drawn; /* edges that are there once only */
};

size_t sketch_node(struct sketch *sketch, const struct graph_node *node);
void sketch_edge(struct sketch *sketch, const struct graph_edge *edge);
/* Unless one of the relation leads there already; true: it is new. */
bool sketch_edge_once(struct sketch *sketch, const struct graph_edge *edge);
/* What check says against what stands at a place; NULL: nothing. */
const char *sketch_error(const struct sketch *sketch, struct place place);
/* The node of other systems, which DNS leads to. */
size_t sketch_world(struct sketch *sketch);
/* "1,234 recipients", "1 recipient", in the arena. */
const char *sketch_count(
	const struct sketch *sketch, unsigned long count, const char *what);
/* The accepted domain of a name as an index of ns->domains; NO_NODE. */
size_t sketch_domain(const struct sketch *sketch, const char *name);
/* "company.example" with "*." or "#" in front; the U-labels. */
const char *sketch_pattern(
	const struct sketch *sketch, const struct domain_pattern *pattern);

/* Those that are alike, each of them drawn as one node. */
struct bundles;

/* is_bundling: else each is one of its own. */
struct bundles *bundles_open(bool is_bundling);
/*
 * The node for one of node->title: of its own, or of those that have the
 * same likeness.  True: it is new, and its edges are to be drawn.
 */
bool bundles_take(struct bundles *bundles, struct sketch *sketch,
	const struct graph_node *node, const char *likeness, size_t *out);
/* Titles the nodes of several, "25 domains", with their names. */
void bundles_close(
	struct bundles **bundles, struct sketch *sketch, const char *what);

/* In this order, for each leads to what is there. */
void sketch_listed(struct sketch *sketch);
void sketch_connectors(struct sketch *sketch);
void sketch_domains(struct sketch *sketch);
void sketch_directories(struct sketch *sketch);
void sketch_contacts(struct sketch *sketch);

#endif
