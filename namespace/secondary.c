/*
 * Each has one primary, so the way up is a line that ends or closes; a way
 * of more steps than there are domains has closed behind its begin.
 */
#include "namespace/secondary.h"

#include "base/arena.h"

#include <string.h>

size_t secondary_owner(
	const struct namespace *ns, const char *name, bool is_enabled)
{
	size_t owner = SECONDARY_NONE;

	for (size_t i = 0; i < ns->n_domains; i++) {
		const struct domain *domain = &ns->domains[i];

		if (domain->is_enabled != is_enabled ||
			strcmp(domain->pattern.name.ascii, name) != 0)
			continue;
		if (domain->pattern.scope == SCOPE_EXACT)
			return i;
		if (domain->pattern.scope == SCOPE_INCLUSIVE)
			owner = i;
	}
	return owner;
}

size_t secondary_circle(const size_t *up, size_t count, size_t index)
{
	size_t lowest = index;
	size_t at = up[index];

	for (size_t steps = 0; steps < count && at != SECONDARY_NONE; steps++) {
		if (at == index)
			return lowest;
		if (at < lowest)
			lowest = at;
		at = up[at];
	}
	return SECONDARY_NONE;
}

bool secondary_circles_below(const struct domain *secondary,
	const struct view *view, size_t count, struct arena *arena)
{
	const struct domain *at = secondary;

	if (secondary->pattern.scope == SCOPE_EXACT)
		return false;
	for (size_t i = 0; i <= count && at->secondary_of != NULL; i++) {
		const char *below =
			arena_printf(arena, ".%s", at->secondary_of);

		if (view->ops->domain(view, below, &at) != LOOKUP_FOUND)
			return false;
		if (at == secondary)
			return true;
	}
	return false;
}
