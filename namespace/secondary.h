/*
 * Secondary domains: another name of a primary, which may be another name
 * again.  Whose name each is, and whether that ends.
 */
#ifndef NAMESPACE_SECONDARY_H
#define NAMESPACE_SECONDARY_H

#include "namespace/view.h"

#define SECONDARY_NONE ((size_t)-1)

/*
 * The index of the domain to which the name itself belongs, among those
 * enabled or among those disabled: "#d", else "d"; "*.d" has the names
 * below alone.  SECONDARY_NONE: none.
 */
size_t secondary_owner(
	const struct namespace *ns, const char *name, bool is_enabled);

/* Where the way from a domain to its primary, and on to that one's, leads. */
struct secondary_way {
	size_t end; /* the domain that is nobody's second; SECONDARY_NONE:
		       there is none, for the way closes */
	size_t steps; /* to the end */
	size_t circle; /* the lowest index on the circle that the domain is
			  on; SECONDARY_NONE: on none, though its way may
			  lead to one */
};

/*
 * up: of each of count domains the index of its primary, or SECONDARY_NONE.
 * Fills as many ways, in time that grows with their number alone.
 */
void secondary_ways(struct secondary_way *ways, const size_t *up, size_t count);

/* The longest row of secondary domains that leads to a domain. */
struct secondary_row {
	size_t from; /* the first of it; itself where there is none */
	size_t steps;
};

/*
 * Of each domain that row by the names themselves, or by the names below; in
 * the arena.  Of a row longer than DEPTH_MAX only so much is seen.  view is
 * that of the namespace's own model.
 */
const struct secondary_row *secondary_rows(const struct namespace *ns,
	const struct view *view, struct arena *arena);
const struct secondary_row *secondary_rows_below(const struct namespace *ns,
	const struct view *view, struct arena *arena);

/*
 * Of each domain whether the names below it stand for one another in a ring;
 * in the arena.  view is that of the namespace's own model.
 */
const bool *secondary_circles_below(const struct namespace *ns,
	const struct view *view, struct arena *arena);

#endif
