/*
 * Accepted domains go into a table by their skeletons; each distinct domain
 * of the recipients, and the names above it, is looked up in it.
 */
#include "namespace/lookalike.h"

#include "base/arena.h"
#include "base/table.h"
#include "namespace/skeleton.h"

#include <string.h>

struct domain_search {
	struct skeleton *skeleton;
	struct table *accepted; /* skeleton -> struct domain */
	struct table *names; /* of accepted domains, ascii */
	lookalike_domain_found *found;
	void *context;
	struct arena *arena;
};

static bool is_secondary_of(const struct domain *a, const struct domain *b)
{
	return a->secondary_of != NULL &&
		strcmp(a->secondary_of, b->pattern.name.ascii) == 0;
}

static bool are_related(const struct domain *a, const struct domain *b)
{
	return strcmp(a->pattern.name.ascii, b->pattern.name.ascii) == 0 ||
		is_secondary_of(a, b) || is_secondary_of(b, a);
}

static const char *skeleton_of_name(
	const struct domain_search *search, const char *unicode)
{
	return skeleton_of(
		search->skeleton, unicode, strlen(unicode), search->arena);
}

static void take_accepted(
	const struct domain_search *search, const struct domain *domain)
{
	const struct domain_name *name = &domain->pattern.name;
	const char *skeleton = skeleton_of_name(search, name->unicode);

	table_put(search->names, name->ascii, (void *)domain);
	if (skeleton == NULL)
		return;
	const struct domain *like = table_find(search->accepted, skeleton);

	if (like == NULL)
		table_put(search->accepted, skeleton, (void *)domain);
	else if (!are_related(domain, like))
		search->found(search->context,
			&(struct lookalike_name){ name->unicode, domain, NULL },
			like);
}

/* The names above it too: what is below a domain is meant to be its own. */
static void take_recipient(
	const struct domain_search *search, const struct recipient *recipient)
{
	for (const char *at = recipient->domain; at != NULL;
		at = domain_parent(at)) {
		struct domain_name name;

		if (table_find(search->names, at) != NULL ||
			!domain_name_parse(&name, at, search->arena, NULL))
			return;
		const char *skeleton = skeleton_of_name(search, name.unicode);
		const struct domain *like = skeleton == NULL
			? NULL
			: table_find(search->accepted, skeleton);

		if (like == NULL)
			continue;
		search->found(search->context,
			&(struct lookalike_name){
				name.unicode, NULL, recipient },
			like);
		return;
	}
}

static void take_recipients(
	const struct domain_search *search, const struct recipients *recipients)
{
	struct table *seen = table_open();
	const char *last = "";

	for (size_t i = 0; i < recipients_count(recipients); i++) {
		const struct recipient *recipient =
			recipients_get(recipients, i);

		if (strcmp(recipient->domain, last) == 0 ||
			table_find(seen, recipient->domain) != NULL)
			continue;
		last = recipient->domain;
		table_put(seen, last, (void *)recipient);
		take_recipient(search, recipient);
	}
	table_close(&seen);
}

void lookalike_domains_find(const struct namespace *ns,
	const struct recipients *recipients, lookalike_domain_found *found,
	void *context)
{
	struct domain_search search = { .skeleton = skeleton_open(),
		.accepted = table_open(),
		.names = table_open(),
		.found = found,
		.context = context,
		.arena = arena_open() };

	for (size_t i = 0; search.skeleton != NULL && i < ns->n_domains; i++)
		if (ns->domains[i].is_enabled)
			take_accepted(&search, &ns->domains[i]);
	if (search.skeleton != NULL)
		take_recipients(&search, recipients);
	table_close(&search.accepted);
	table_close(&search.names);
	skeleton_close(&search.skeleton);
	arena_close(&search.arena);
}
