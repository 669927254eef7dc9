/*
 * Where a recipient whom no system has ends: each connector says by its
 * "unknowns" what the system behind it does with one.
 */
#ifndef NAMESPACE_UNKNOWNS_H
#define NAMESPACE_UNKNOWNS_H

#include "namespace/view.h"

enum unknowns_end {
	UNKNOWNS_REFUSED, /* by the last system of the way */
	UNKNOWNS_RETURNED, /* the last hands it back to us: a ring */
	UNKNOWNS_CIRCLE, /* the way comes back to one of its systems: a ring */
};

/* Whom each system hands them to; of all connectors of a view. */
struct unknowns_ways;

/* Lives in the arena, and as long as the view. */
const struct unknowns_ways *unknowns_open(
	const struct view *view, struct arena *arena);
/* NULL: the system hands them to no other. */
const struct connector *unknowns_next(const struct unknowns_ways *unknowns,
	const struct connector *connector);

struct unknowns_way {
	const struct connector *first;
	const struct connector *last; /* NULL: it comes back to one before */
	enum unknowns_end end;
};

/*
 * Of a domain's unlisted recipients, from the connector by which they leave
 * us; name is one of route_names().  False: none leaves, for we refuse them
 * or know no way.
 */
bool unknowns_find(struct unknowns_way *out,
	const struct unknowns_ways *unknowns, const struct domain *domain,
	const char *name);
/* "this Postfix -> ex -> this Postfix", with "..." behind the sixteenth
   system; in the arena. */
const char *unknowns_format(const struct unknowns_ways *unknowns,
	const struct unknowns_way *way, struct arena *arena);

#endif
