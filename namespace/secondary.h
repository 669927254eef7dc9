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

/*
 * up: of each of count domains the index of its primary, or SECONDARY_NONE.
 * The lowest index on the circle that index is on; SECONDARY_NONE where it
 * is on none, though it may lead to one.
 */
size_t secondary_circle(const size_t *up, size_t count, size_t index);

/*
 * Whether the names below a secondary domain stand for one another in a
 * ring; there are count domains.
 */
bool secondary_circles_below(const struct domain *secondary,
	const struct view *view, size_t count, struct arena *arena);

#endif
