/* Which domain accepts a name, and by which connectors its mail leaves. */
#ifndef NAMESPACE_ROUTE_H
#define NAMESPACE_ROUTE_H

#include "namespace/view.h"

enum { ROUTE_CONNECTORS_MAX = 8 };

/* The connectors whose hops are tried in order; none: no way out is known. */
struct route {
	const struct connector *connectors[ROUTE_CONNECTORS_MAX];
	size_t count;
};

/*
 * The accepted domain that a folded name belongs to: the longest match.
 * "?.d" asks for the names below d that no entry names.
 */
enum lookup domain_find(
	const struct domain **out, const struct view *view, const char *name);

/*
 * The names that a pattern has, as the others here want them: itself, and
 * "?.d" for those below.  How many; what is made for them is in the arena.
 */
size_t route_names(const char *names[2], const struct domain_pattern *pattern,
	struct arena *arena);

/*
 * The claims on a name by its longest key; with_any: "*" at last.  *key is
 * the key that they stand under.
 */
enum lookup claims_find(struct claims *out, const char **key,
	const struct view *view, const char *name, bool with_any);

/*
 * The way mail for a domain leaves, whoever the recipient; NONE when no
 * connector serves it.  A secondary domain that no connector names goes
 * where its primary goes.  name as for domain_find().
 */
enum lookup route_find(
	struct route *out, const struct view *view, const char *name);

/* "smtp:[a]:25, [b]:25": a transport(5) result; "" without connectors. */
const char *route_format(const struct route *route, struct arena *arena);
bool route_has(const struct route *route, const struct connector *connector);
bool route_equal(const struct route *a, const struct route *b);

#endif
