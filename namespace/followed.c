/*
 * A ring is known by the contacts that it passes, not by whole addresses:
 * each round may add an extension.  What it is called must be one form, for
 * a recipient comes in either label form and all targets in one.
 */
#include "namespace/followed.h"

#include "base/arena.h"

#include <string.h>

enum lookup contact_of(struct contact *out, const char **extension,
	const struct search *search, const struct address *asked,
	contact_find *find)
{
	enum lookup found =
		find(search->view, asked->key, search->request, out);

	*extension = "";
	out->address = asked->key;
	if (found != LOOKUP_NONE || asked->base == asked->key)
		return found;
	*extension = asked->extension;
	found = find(search->view, asked->base, search->request, out);
	out->address = asked->base;
	return found;
}

static const char *ascii_form(const char *address, struct arena *request)
{
	const char *domain = strrchr(address, '@') + 1;
	struct domain_name name;

	if (!domain_name_parse(&name, domain, request, NULL))
		return address;
	return arena_printf(request, "%.*s%s", (int)(domain - address), address,
		name.ascii);
}

bool followed_begin(
	struct followed *followed, struct search *search, const char *address)
{
	struct followed *first = search->followed;

	*followed = (struct followed){ .address = ascii_form(
					       address, search->request),
		.before = search->followed };
	while (first != NULL && strcmp(first->address, followed->address) != 0)
		first = first->before;
	if (first == NULL) {
		search->followed = followed;
		return true;
	}
	for (struct followed *at = search->followed; at != first->before;
		at = at->before)
		at->is_ring = true;
	return false;
}

void followed_end(const struct followed *followed, struct search *search)
{
	search->followed = followed->before;
}
