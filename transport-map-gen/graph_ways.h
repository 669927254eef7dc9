/*
 * By which connectors a domain's mail leaves, and what its unknown
 * recipients run through.
 */
#ifndef TRANSPORT_MAP_GEN_GRAPH_WAYS_H
#define TRANSPORT_MAP_GEN_GRAPH_WAYS_H

#include "namespace/route.h"
#include "transport-map-gen/graph_sketch.h"

/* Of ways: that of the name, that of the names below, or both. */
enum { FOR_NAME = 1, FOR_BELOW = 2 };

struct way {
	const struct connector *connector;
	enum graph_relation relation;
	const char *space; /* "" = the domain as it is written */
	unsigned cost;
	unsigned of; /* FOR_NAME, FOR_BELOW */
	bool is_loop;
	struct way *next;
};

/* An address space for a part of a domain. */
struct inner {
	size_t domain; /* of ns->domains */
	struct way way;
	struct inner *next;
};

struct ways {
	struct way *first; /* in the arena */
	const struct connector *returns; /* unknowns, in a ring; NULL */
};

/* Filled once, and by the domains as they come. */
struct way_finder {
	struct sketch *sketch;
	struct inner *inner;
	const struct unknowns_ways *unknowns;
	bool *is_forwarding; /* of each of ns->connectors: hands unknowns on
				in a ring */
};

/* Draws the address spaces that belong to no domain, and notes the rest. */
void way_finder_init(struct way_finder *finder, struct sketch *sketch);
void ways_collect(struct way_finder *finder, struct ways *ways,
	const struct domain *domain);
enum graph_relation way_relation(
	const struct route *route, const struct connector *connector);
/* "by *, backup, cost 5", in the arena. */
const char *way_label(const struct sketch *sketch, const struct way *way,
	const struct domain *domain);

#endif
