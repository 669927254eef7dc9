/*
 * Names are looked up as Postfix walks them: the name itself, then
 * ".parent" upwards, the longest first (transport(5), relay_domains); "*"
 * stands last.  Among the claims on one key the cheapest wins, then the
 * first by name: the view keeps them in that order.
 */
#include "namespace/route.h"

#include "base/arena.h"

#include <string.h>

/* Primaries of primaries; proven to end when compiled. */
enum { CHAIN_MAX = 16 };
/* A name of ours is shorter, in either label form. */
enum { KEY_MAX = 1024 };

/* Of "a.b.c" it is ".b.c", then ".c", then NULL. */
static const char *parent_key(const char *key)
{
	return strchr(key + 1, '.');
}

/* The first that may be known: whoever asks chooses how long a name is. */
static const char *first_key(const char *name)
{
	const size_t len = strlen(name);

	return len <= KEY_MAX ? name : strchr(name + len - KEY_MAX, '.');
}

enum lookup domain_find(
	const struct domain **out, const struct view *view, const char *name)
{
	enum lookup found = LOOKUP_NONE;

	for (const char *key = first_key(name);
		key != NULL && found == LOOKUP_NONE; key = parent_key(key))
		found = view->ops->domain(view, key, out);
	return found;
}

size_t route_names(const char *names[2], const struct domain_pattern *pattern,
	struct arena *arena)
{
	size_t count = 0;

	if (pattern->scope != SCOPE_SUBDOMAINS)
		names[count++] = pattern->name.ascii;
	if (pattern->scope != SCOPE_EXACT)
		names[count++] =
			arena_printf(arena, "?.%s", pattern->name.ascii);
	return count;
}

enum lookup claims_find(struct claims *out, const char **key,
	const struct view *view, const char *name, bool with_any)
{
	enum lookup found = LOOKUP_NONE;

	for (const char *at = first_key(name);
		at != NULL && found == LOOKUP_NONE; at = parent_key(at)) {
		*key = at;
		found = view->ops->claims(view, at, out);
	}
	if (found == LOOKUP_NONE && with_any) {
		*key = "*";
		found = view->ops->claims(view, *key, out);
	}
	return found;
}

bool route_has(const struct route *route, const struct connector *connector)
{
	for (size_t i = 0; i < route->count; i++)
		if (route->connectors[i] == connector)
			return true;
	return false;
}

static bool may_stand_in(
	const struct route *route, const struct connector *connector)
{
	return connector->is_backup && !connector->is_socket &&
		strcmp(connector->kind, route->connectors[0]->kind) == 0 &&
		!route_has(route, connector);
}

/* The best, then those of the same kind that may stand in for it. */
static void route_of_claims(struct route *out, const struct claims *claims)
{
	const struct connector *first = claims->list[0].connector;

	out->connectors[0] = first;
	out->count = 1;
	for (size_t i = 1; i < claims->count && !first->is_socket; i++) {
		const struct connector *next = claims->list[i].connector;

		if (out->count < ROUTE_CONNECTORS_MAX &&
			may_stand_in(out, next))
			out->connectors[out->count++] = next;
	}
}

enum lookup route_find(
	struct route *out, const struct view *view, const char *name)
{
	struct claims claims;
	const char *key;

	*out = (struct route){ .count = 0 };
	for (unsigned i = 0; i < CHAIN_MAX; i++) {
		const struct domain *owner = NULL;
		const enum lookup owned = domain_find(&owner, view, name);

		if (owned == LOOKUP_FAILED)
			return LOOKUP_FAILED;
		const bool is_secondary =
			owned == LOOKUP_FOUND && owner->secondary_of != NULL;
		const enum lookup found =
			claims_find(&claims, &key, view, name, !is_secondary);

		if (found == LOOKUP_FOUND)
			route_of_claims(out, &claims);
		if (found != LOOKUP_NONE || !is_secondary)
			return found;
		name = owner->secondary_of;
	}
	return LOOKUP_NONE;
}

const char *route_format(const struct route *route, struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < route->count; i++) {
		const struct connector *connector = route->connectors[i];

		if (i == 0)
			text = arena_printf(arena, "%s:", connector->kind);
		for (size_t j = 0; j < connector->n_hops; j++)
			text = arena_printf(arena, "%s%s%s", text,
				i + j == 0 ? "" : ", ",
				connector->hops[j].text);
	}
	return text;
}

bool route_equal(const struct route *a, const struct route *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->connectors[i] != b->connectors[i])
			return false;
	return true;
}
