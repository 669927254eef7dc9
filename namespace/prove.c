/*
 * Proofs of the configuration.  Each asks the model what the resolver would
 * be told, never the text, so that what is proven is what will happen.
 */
#include "namespace/prove.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "namespace/resolver.h"
#include "namespace/secondary.h"
#include "namespace/unknowns.h"

#include <string.h>

struct proof {
	const struct namespace *ns;
	const struct view *view;
	struct faults *faults;
	struct arena *arena;
	struct table *parents;
	const bool *circles_below; /* of each domain */
};

static const char *shown(const struct proof *proof, const char *name)
{
	if (!text_starts(name, "?."))
		return name;
	return arena_printf(proof->arena, "the names below %s", name + 2);
}

/* Somebody takes it. */

/*
 * RFC 5321 4.5.1, where nobody else has to be taken.  Whether somebody has
 * the mailbox that is set for it, the recipients tell.
 */
static void prove_postmaster(const struct proof *proof,
	const struct domain *domain, const char *name)
{
	const char *address = arena_printf(proof->arena, "postmaster@%s", name);
	struct resolution resolution;

	if (proof->ns->postmaster != NULL)
		return;
	resolve(&resolution, proof->view,
		&(struct question){
			.recipient = address, .len = strlen(address) },
		NULL, proof->arena);
	if (resolution.verdict != VERDICT_ACCEPT ||
		resolution.route.count != 0 || resolution.rewritten != NULL)
		return;
	faults_error(proof->faults, domain->place,
		"nobody takes the mail of %s, which no domain may refuse: set "
		"postmaster, or put the address space \"%s\" on a connector",
		address, domain_pattern_format(&domain->pattern, proof->arena));
}

static void prove_way_out(const struct proof *proof,
	const struct domain *domain, const char *name)
{
	struct route route;

	if (route_find(&route, proof->view, name) == LOOKUP_FOUND)
		return;
	if (domain->type == DOMAIN_AUTHORITATIVE &&
		domain->filter == FILTER_DIRECTORIES) {
		if (!text_starts(name, "?."))
			prove_postmaster(proof, domain, name);
		return;
	}
	faults_error(proof->faults, domain->place,
		"no connector serves %s (%s): put the address space \"%s\" on "
		"a connector",
		shown(proof, name), domain_type_format(domain->type),
		domain_pattern_format(&domain->pattern, proof->arena));
}

static void prove_directory(
	const struct proof *proof, const struct directory *directory)
{
	struct route route;
	size_t n_owned = 0;

	for (size_t i = 0; i < proof->ns->n_domains; i++) {
		const struct domain *domain = &proof->ns->domains[i];
		const char *names[2];

		if (!domain->is_enabled)
			continue;
		for (size_t n = route_names(
			     names, &domain->pattern, proof->arena);
			n > 0; n--) {
			if (!directory_may_own(directory, names[n - 1]))
				continue;
			n_owned++;
			if (directory->connector != NULL ||
				route_find(&route, proof->view, names[n - 1]) ==
					LOOKUP_FOUND)
				continue;
			faults_error(proof->faults, directory->place,
				"directory \"%s\" may list recipients of %s, "
				"but neither has a connector: give one to the "
				"directory, or to the domain by an address "
				"space",
				directory->name, shown(proof, names[n - 1]));
			return;
		}
	}
	if (n_owned == 0 && directory->n_domains != 0)
		faults_advice(proof->faults, directory->place,
			"directory \"%s\" may list recipients of no accepted "
			"domain: its domains are all elsewhere",
			directory->name);
}

/* Somebody refuses. */

static bool prove_no_ring(const struct proof *proof,
	const struct domain *domain, const char *name,
	const struct unknowns_way *way)
{
	if (way->end == UNKNOWNS_REFUSED)
		return true;
	faults_error(proof->faults, domain->place,
		"nobody refuses unknown recipients of %s: they run in a ring, "
		"%s; either set recipient-filter = directories here, or let "
		"one of these systems refuse them (unknowns = reject on its "
		"connector)",
		shown(proof, name), unknowns_format(way, proof->arena));
	return false;
}

static void prove_end(const struct proof *proof, const struct domain *domain,
	const char *name)
{
	struct unknowns_way way;

	if (!unknowns_find(&way, proof->view, domain, name, proof->arena))
		return;
	const struct connector *first = way.list[0];

	if (prove_no_ring(proof, domain, name, &way) &&
		domain->filter == FILTER_OFF &&
		first->unknowns == UNKNOWNS_REJECT)
		faults_advice(proof->faults, domain->place,
			"mail for unknown recipients of %s is accepted, "
			"refused by connector \"%s\" and bounced to senders "
			"that are mostly forged: recipient-filter = "
			"directories (every system has one) or verify cures it",
			shown(proof, name), first->name);
}

/* Names below an accepted domain may have an address space of their own. */
static void prove_part(const struct proof *proof,
	const struct connector *connector, const char *name)
{
	const struct domain *domain;
	struct unknowns_way way;

	if (domain_find(&domain, proof->view, name) != LOOKUP_FOUND ||
		domain->secondary_of != NULL ||
		strcmp(text_starts(name, "?.") ? name + 2 : name,
			domain->pattern.name.ascii) == 0)
		return;
	if (unknowns_find(&way, proof->view, domain, name, proof->arena) &&
		way.list[0] == connector)
		prove_no_ring(proof, domain, name, &way);
}

static void prove_parts(
	const struct proof *proof, const struct connector *connector)
{
	for (size_t i = 0; i < connector->n_spaces; i++) {
		const struct address_space *space = &connector->spaces[i];
		const char *names[2];

		if (space->is_any)
			continue;
		for (size_t n = route_names(
			     names, &space->pattern, proof->arena);
			n > 0; n--)
			prove_part(proof, connector, names[n - 1]);
	}
}

/* accept-from = trusted can be held shut. */
static void prove_shut(const struct proof *proof, const struct domain *trusted)
{
	const char *name = trusted->pattern.name.ascii;
	const struct domain *outer;
	const char *at = strchr(name, '.');

	if (!trusted->is_trusted_only)
		return;
	if (trusted->pattern.scope == SCOPE_SUBDOMAINS)
		at = arena_printf(proof->arena, ".%s", name);
	for (; at != NULL; at = strchr(at + 1, '.')) {
		if (proof->view->ops->domain(proof->view, at, &outer) !=
				LOOKUP_FOUND ||
			outer == trusted || outer->is_trusted_only)
			continue;
		faults_error(proof->faults, trusted->place,
			"accept-from = trusted can not be held shut below "
			"\"%s\" (%s:%u), which takes mail for its subdomains "
			"from anyone: write that one as \"#%s\", or let it be "
			"trusted too",
			domain_pattern_format(&outer->pattern, proof->arena),
			outer->place.file, outer->place.line,
			outer->pattern.name.ascii);
		return;
	}
}

/*
 * Names below secondary domains do not stand for one another in a ring;
 * that the domains themselves do not, the reader of the configuration saw.
 */
static void prove_below(
	const struct proof *proof, const struct domain *secondary)
{
	if (proof->circles_below[secondary - proof->ns->domains])
		faults_error(proof->faults, secondary->place,
			"names below %s stand for names below %s, and these "
			"for the former again: write one of the two with #, "
			"or name another primary",
			secondary->pattern.name.ascii, secondary->secondary_of);
}

/* Every name that an accepted domain stands below. */
static void collect_parents(const struct proof *proof)
{
	const struct namespace *ns = proof->ns;

	for (size_t i = 0; i < ns->n_domains; i++) {
		const char *at = ns->domains[i].pattern.name.ascii;

		while ((at = domain_parent(at)) != NULL)
			table_put(proof->parents, at, &ns->domains[i]);
	}
}

static void advise_inclusive(
	const struct proof *proof, const struct domain *domain)
{
	const char *name = domain->pattern.name.ascii;

	if (domain->pattern.scope != SCOPE_INCLUSIVE ||
		table_find(proof->parents, name) != NULL)
		return;
	faults_advice(proof->faults, domain->place,
		"\"%s\" takes mail for every name below it too, such as "
		"mail.%s; if only the name itself is meant, write \"#%s\"",
		name, name, name);
}

static void prove_domains(const struct proof *proof)
{
	collect_parents(proof);
	for (size_t i = 0; i < proof->ns->n_domains; i++) {
		const struct domain *domain = &proof->ns->domains[i];
		const char *names[2];

		if (!domain->is_enabled)
			continue;
		prove_shut(proof, domain);
		advise_inclusive(proof, domain);
		if (domain->secondary_of != NULL) {
			prove_below(proof, domain);
			continue;
		}
		const size_t count =
			route_names(names, &domain->pattern, proof->arena);

		for (size_t n = 0; n < count; n++) {
			prove_way_out(proof, domain, names[n]);
			prove_end(proof, domain, names[n]);
		}
	}
}

/* Connectors. */

static bool is_named_by_directory(
	const struct proof *proof, const struct connector *connector)
{
	for (size_t i = 0; i < proof->view->n_directories; i++) {
		const char *name = proof->view->directories[i].connector;

		if (name != NULL && strcmp(name, connector->name) == 0)
			return true;
	}
	return false;
}

/* Then it is there to say what becomes of unknown recipients. */
static bool is_named_by_connector(
	const struct proof *proof, const struct connector *connector)
{
	for (size_t i = 0; i < proof->view->n_connectors; i++) {
		const char *name = proof->view->connectors[i].forwards_to;

		if (name != NULL && strcmp(name, connector->name) == 0)
			return true;
	}
	return false;
}

static bool is_in_route(const struct proof *proof, const char *name,
	const struct connector *connector)
{
	struct route route;

	return route_find(&route, proof->view, name) == LOOKUP_FOUND &&
		route_has(&route, connector);
}

static bool is_space_used(const struct proof *proof,
	const struct connector *connector, const struct address_space *space)
{
	const char *names[2] = { "?", NULL };
	size_t count = 1;

	if (!space->is_any)
		count = route_names(names, &space->pattern, proof->arena);
	for (size_t i = 0; i < count; i++)
		if (is_in_route(proof, names[i], connector))
			return true;
	return false;
}

static void prove_use(
	const struct proof *proof, const struct connector *connector)
{
	if (connector->n_spaces == 0 &&
		!is_named_by_directory(proof, connector) &&
		!is_named_by_connector(proof, connector))
		faults_advice(proof->faults, connector->place,
			"connector \"%s\" is used by nothing: it has no "
			"address space, and no directory or connector names it",
			connector->name);
	for (size_t i = 0; i < connector->n_spaces; i++) {
		const struct address_space *space = &connector->spaces[i];

		if (is_space_used(proof, connector, space))
			continue;
		faults_advice(proof->faults, connector->place,
			"connector \"%s\" never gets mail by its address space "
			"\"%s\": a cheaper one, or at equal cost the first by "
			"name, has it; backup = yes would make it the failover",
			connector->name,
			space->is_any ? "*"
				      : domain_pattern_format(
						&space->pattern, proof->arena));
	}
}

static void prove_tls(
	const struct proof *proof, const struct connector *connector)
{
	for (size_t i = 0; i < connector->index; i++) {
		const struct connector *other = &proof->ns->connectors[i];

		if (!other->is_enabled || other->tls == connector->tls)
			continue;
		for (size_t a = 0; a < connector->n_hops; a++)
			for (size_t b = 0; b < other->n_hops; b++) {
				if (connector->hops[a].host == NULL ||
					strcmp(connector->hops[a].text,
						other->hops[b].text) != 0)
					continue;
				faults_error(proof->faults, connector->place,
					"smart host %s has another tls level "
					"on connector \"%s\" (%s:%u): Postfix "
					"keeps one level for each next hop",
					connector->hops[a].text, other->name,
					other->place.file, other->place.line);
				return;
			}
	}
}

void prove_namespace(const struct namespace *ns, const struct model *model,
	struct faults *faults)
{
	const struct view *view = model_view(model);
	struct arena *arena = arena_open();
	const struct proof proof = { .ns = ns,
		.view = view,
		.faults = faults,
		.arena = arena,
		.parents = table_open(),
		.circles_below = secondary_circles_below(ns, view, arena) };
	struct table *parents = proof.parents;

	prove_domains(&proof);
	for (size_t i = 0; i < proof.view->n_connectors; i++) {
		prove_parts(&proof, &proof.view->connectors[i]);
		prove_use(&proof, &proof.view->connectors[i]);
		prove_tls(&proof, &proof.view->connectors[i]);
	}
	for (size_t i = 0; i < proof.view->n_directories; i++)
		prove_directory(&proof, &proof.view->directories[i]);
	table_close(&parents);
	arena_close(&arena);
}
