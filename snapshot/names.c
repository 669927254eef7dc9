/*
 * Configured names first, in the order of the configuration; then those
 * with entries, and what these are called in secondary domains.
 */
#include "snapshot/names.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

/*
 * In relay_domains but held by no connector, or open to trusted clients
 * only: shut by the route, so that the maps alone are right.
 */
static const char *const shut = "error:5.1.1 User unknown";

struct names {
	const struct namespace *ns;
	const struct model *model;
	const struct view *view;
	struct arena *arena;
	struct table *by_name;
	struct table *entries; /* and what directories are bound to */
};

const char *access_format(enum access access)
{
	switch (access) {
	case ACCESS_NONE: return "DUNNO";
	case ACCESS_DEFER:
		return "DEFER_IF_REJECT 4.3.0 A directory that may list the "
		       "address can not be asked now, try again later";
	case ACCESS_VERIFY: return "reject_unverified_recipient";
	}
	return "DUNNO";
}

static enum access access_of(const struct wildcard *wildcard)
{
	if (wildcard->reason == REASON_VERIFY)
		return ACCESS_VERIFY;
	return wildcard->verdict == VERDICT_DEFER ? ACCESS_DEFER : ACCESS_NONE;
}

/* The key as a name for the resolver: "?.d" for ".d". */
static const char *name_of_key(const char *key, struct arena *arena)
{
	return key[0] == '.' ? arena_printf(arena, "?%s", key) : key;
}

/*
 * Postfix asks no list of recipients about what is in no relay_domains, so
 * the route refuses whoever has none of his own.  In a secondary domain all
 * who are accepted have that, or an alias.
 */
static bool is_shut(const struct domain *owner)
{
	return owner->is_trusted_only &&
		(owner->filter == FILTER_DIRECTORIES ||
			owner->secondary_of != NULL);
}

const char *transport_value(
	const struct view *view, const char *key, struct arena *arena)
{
	const char *name = name_of_key(key, arena);
	const struct domain *owner = NULL;
	struct route route;
	struct claims claims;

	if (strcmp(key, "*") == 0) {
		if (view->ops->claims(view, key, &claims) != LOOKUP_FOUND)
			return NULL;
	} else if (domain_find(&owner, view, name) == LOOKUP_FOUND &&
		is_shut(owner)) {
		return shut;
	}
	if (route_find(&route, view, name) == LOOKUP_FOUND)
		return route_format(&route, arena);
	return owner == NULL ? NULL : shut;
}

static const char *unicode_of(const char *ascii, struct arena *arena)
{
	const bool is_below = ascii[0] == '.';
	struct domain_name name;

	if (strstr(ascii, "xn--") == NULL ||
		!domain_name_parse(&name, ascii + is_below, arena, NULL) ||
		name.unicode == name.ascii)
		return ascii;
	return is_below ? arena_printf(arena, ".%s", name.unicode)
			: name.unicode;
}

static struct name *add(struct names *names, const char *ascii)
{
	struct name *name = table_find(names->by_name, ascii);
	const char *asked = name_of_key(ascii, names->arena);

	if (name != NULL)
		return name;
	name = arena_alloc(names->arena, sizeof *name);
	name->index = table_count(names->by_name);
	name->ascii = arena_strdup(names->arena, ascii);
	name->unicode = unicode_of(name->ascii, names->arena);
	name->is_below = ascii[0] == '.';
	domain_find(&name->owner, names->view, asked);
	table_put(names->by_name, name->ascii, name);
	return name;
}

static void add_configured(struct names *names)
{
	for (size_t i = 0; i < names->ns->n_domains; i++) {
		const struct domain *domain = &names->ns->domains[i];
		const char *ascii = domain->pattern.name.ascii;

		if (!domain->is_enabled)
			continue;
		if (domain->pattern.scope != SCOPE_SUBDOMAINS)
			add(names, ascii);
		if (domain->pattern.scope != SCOPE_EXACT)
			add(names, arena_printf(names->arena, ".%s", ascii));
	}
}

static void add_entry(struct names *names, const char *ascii)
{
	const struct domain *owner;

	if (table_find(names->by_name, ascii) != NULL ||
		domain_find(&owner, names->view, ascii) != LOOKUP_FOUND)
		return;
	add(names, ascii)->is_entry = true;
}

/* What a directory may list is a name apart while it is stale. */
static void collect_entries(struct names *names)
{
	for (size_t i = 0; i < model_n_entry_domains(names->model); i++)
		table_put(names->entries, model_entry_domain(names->model, i),
			names);
	for (size_t i = 0; i < names->view->n_directories; i++)
		for (size_t j = 0; j < names->view->directories[i].n_domains;
			j++)
			table_put(names->entries,
				names->view->directories[i]
					.domains[j]
					.name.ascii,
				names);
	for (size_t i = 0; i < table_count(names->entries); i++)
		add_entry(names, table_key(names->entries, i));
}

/* Room for one more; twice as much where all is taken. */
static struct name **grown(
	struct arena *arena, struct name **list, size_t count)
{
	struct name **larger;

	if ((count & (count - 1)) != 0)
		return list;
	larger = arena_array(arena, count == 0 ? 1 : count * 2, sizeof *larger);
	for (size_t i = 0; i < count; i++)
		larger[i] = list[i];
	return larger;
}

static void link_secondary(struct names *names, const char *primary,
	const char *secondary, const struct domain *owner)
{
	struct name *from = table_find(names->by_name, secondary);
	struct name *to = table_find(names->by_name, primary);

	if (from == NULL || to == NULL || from->owner != owner)
		return;
	to->secondaries =
		grown(names->arena, to->secondaries, to->n_secondaries);
	to->secondaries[to->n_secondaries++] = from;
}

/* What a name below the primary is called below the secondary. */
static void add_other(struct names *names, const struct domain *secondary,
	const char *primary, const char *name)
{
	const size_t len = strlen(name);
	const size_t tail = strlen(primary);
	const struct domain *owner;
	const char *other;

	if (len <= tail || strcmp(name + len - tail, primary) != 0)
		return;
	other = arena_printf(names->arena, "%.*s.%s", (int)(len - tail), name,
		secondary->pattern.name.ascii);
	if (domain_find(&owner, names->view, other) != LOOKUP_FOUND ||
		owner != secondary)
		return;
	add_entry(names, other);
	link_secondary(names, name, other, secondary);
}

/* A primary that is secondary has the names below its own primary, too. */
static void add_below(struct names *names, const struct domain *secondary)
{
	const char *below =
		arena_printf(names->arena, ".%s", secondary->secondary_of);
	const struct domain *primary;

	if (names->view->ops->domain(names->view, below, &primary) !=
		LOOKUP_FOUND)
		return;
	for (size_t i = 0; i < table_count(names->entries); i++)
		add_other(
			names, secondary, below, table_key(names->entries, i));
	const size_t n_others =
		primary->secondary_of == NULL ? 0 : names_count(names);

	for (size_t i = 0; i < n_others; i++) {
		const struct name *name = names_get(names, i);

		if (name->is_entry && name->owner == primary &&
			table_find(names->entries, name->ascii) == NULL)
			add_other(names, secondary, below, name->ascii);
	}
}

/*
 * How many primaries on the way up have names below them as secondaries
 * themselves; no more than there are domains.
 */
static size_t depth_of(const struct names *names, const struct domain *domain)
{
	struct arena *arena = arena_open();
	const struct view *view = names->view;
	size_t depth = 0;

	while (depth < names->ns->n_domains &&
		view->ops->domain(view,
			arena_printf(arena, ".%s", domain->secondary_of),
			&domain) == LOOKUP_FOUND &&
		domain->secondary_of != NULL)
		depth++;
	arena_close(&arena);
	return depth;
}

/* Whether there are any. */
static bool add_below_at(struct names *names, size_t depth)
{
	bool is_any = false;

	for (size_t i = 0; i < names->ns->n_domains; i++) {
		const struct domain *domain = &names->ns->domains[i];

		if (!domain->is_enabled || domain->secondary_of == NULL ||
			domain->pattern.scope == SCOPE_EXACT ||
			depth_of(names, domain) != depth)
			continue;
		add_below(names, domain);
		is_any = true;
	}
	return is_any;
}

static void add_secondaries(struct names *names)
{
	for (size_t i = 0; i < names->ns->n_domains; i++) {
		const struct domain *domain = &names->ns->domains[i];

		if (domain->is_enabled && domain->secondary_of != NULL &&
			domain->pattern.scope != SCOPE_SUBDOMAINS)
			link_secondary(names, domain->secondary_of,
				domain->pattern.name.ascii, domain);
	}
	for (size_t depth = 0; add_below_at(names, depth); depth++)
		;
}

struct names *names_open(const struct namespace *ns, const struct model *model)
{
	struct names *names = memory_must(calloc(1, sizeof *names));

	names->ns = ns;
	names->model = model;
	names->view = model_view(model);
	names->arena = arena_open();
	names->by_name = table_open();
	names->entries = table_open();
	add_configured(names);
	collect_entries(names);
	add_secondaries(names);
	return names;
}

/* Access: the stronger of what holds for the bare name and for those below. */
static void answer(const struct names *names, struct name *name, time_t now)
{
	const char *bare = name->ascii + name->is_below;
	const char *below = arena_printf(names->arena, "?.%s", bare);
	struct wildcard other;

	name->transport =
		transport_value(names->view, name->ascii, names->arena);
	resolve_wildcard(&name->wildcard, names->view,
		name->is_below ? below : bare, now, names->arena);
	resolve_wildcard(&other, names->view, name->is_below ? bare : below,
		now, names->arena);
	name->access = access_of(&name->wildcard);
	if (access_of(&other) > name->access)
		name->access = access_of(&other);
}

void names_answer(struct names *names, time_t now)
{
	for (size_t i = 0; i < names_count(names); i++)
		answer(names, table_value(names->by_name, i), now);
}

void names_close(struct names **names)
{
	if (*names == NULL)
		return;
	table_close(&(*names)->by_name);
	table_close(&(*names)->entries);
	arena_close(&(*names)->arena);
	free(*names);
	*names = NULL;
}

size_t names_count(const struct names *names)
{
	return table_count(names->by_name);
}

const struct name *names_get(const struct names *names, size_t index)
{
	return table_value(names->by_name, index);
}

const struct name *names_find(const struct names *names, const char *ascii)
{
	return table_find(names->by_name, ascii);
}

/* No answer depends on a name below that has no entries of its own. */
bool name_has_postmaster(const struct name *name, const struct view *view)
{
	return !name->is_below &&
		(!name->is_entry || name->owner->secondary_of != NULL ||
			view->ops->has_entries(view, name->ascii) ==
				LOOKUP_FOUND);
}
