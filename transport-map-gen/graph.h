/*
 * The namespace as a picture: what is drawn and how it hangs together,
 * whatever draws it.
 */
#ifndef TRANSPORT_MAP_GEN_GRAPH_H
#define TRANSPORT_MAP_GEN_GRAPH_H

#include "transport-map-gen/gather.h"

#include <stddef.h>

enum graph_kind {
	GRAPH_DIRECTORY,
	GRAPH_SECONDARY,
	GRAPH_CONTACT, /* postmaster too */
	GRAPH_AUTHORITATIVE,
	GRAPH_INTERNAL_RELAY,
	GRAPH_EXTERNAL_RELAY,
	GRAPH_NOT_OURS, /* an address space that is no accepted domain */
	GRAPH_CONNECTOR,
	GRAPH_HOST, /* or a transport of this Postfix */
	GRAPH_WORLD, /* where no connector leads */
};

/* Where a configuration has many, those that are alike are one node. */
struct graph_node {
	enum graph_kind kind;
	const char *title;
	const char *details; /* lines; "" = none */
	const char *names; /* of all that it stands for, with blanks; NULL */
	const char *error; /* what check says against it; NULL */
};

enum graph_relation {
	GRAPH_LISTS, /* directory -> domain */
	GRAPH_MAY_LIST, /* the same, and nobody is known to be listed */
	GRAPH_AT, /* directory -> connector: its recipients' */
	GRAPH_SECOND_NAME, /* secondary -> primary */
	GRAPH_STANDS_FOR, /* contact, catch-all -> where that leads */
	GRAPH_ROUTE, /* domain -> connector */
	GRAPH_BACKUP, /* the same, when the first is down */
	GRAPH_UNUSED, /* an address space that another one beats */
	GRAPH_UNKNOWNS, /* what becomes of unknown recipients */
	GRAPH_HOP, /* connector -> smart host */
};

struct graph_edge {
	size_t from, to; /* nodes, by index */
	enum graph_relation relation;
	const char *label; /* "" = none */
	bool is_loop;
};

struct graph {
	const char *title;
	const char *errors; /* lines of what check refuses it for; "" */
	struct graph_node *nodes;
	size_t n_nodes, nodes_room;
	struct graph_edge *edges;
	size_t n_edges, edges_room;
	struct arena *arena;
};

/*
 * Of what was gathered for it, in the arena of that, and the manifest in
 * the state folder.  Of a namespace with
 * errors too; what could not be understood of it is not there.
 */
void graph_collect(
	struct graph *out, const struct gathered *gathered, const char *state);

#endif
