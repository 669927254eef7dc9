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
	UNKNOWNS_CIRCLE, /* the last is on the way already: a ring */
};

/* The systems in order of the way, in the arena. */
struct unknowns_way {
	const struct connector **list;
	size_t count;
	enum unknowns_end end;
};

/*
 * Of a domain's unlisted recipients, from the connector by which they leave
 * us; name is one of route_names().  False: none leaves, for we refuse them
 * or know no way.
 */
bool unknowns_find(struct unknowns_way *out, const struct view *view,
	const struct domain *domain, const char *name, struct arena *arena);
/* "this Postfix -> ex -> this Postfix", in the arena. */
const char *unknowns_format(
	const struct unknowns_way *way, struct arena *arena);

#endif
