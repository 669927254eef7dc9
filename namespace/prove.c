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
	const struct unknowns_ways *unknowns;
	struct table *named; /* connectors, by a directory or another one */
	struct table *hosts; /* text of a hop -> struct levels */
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
		shown(proof, name),
		unknowns_format(proof->unknowns, way, proof->arena));
	return false;
}

static void prove_end(const struct proof *proof, const struct domain *domain,
	const char *name)
{
	struct unknowns_way way;

	if (!unknowns_find(&way, proof->unknowns, domain, name))
		return;

	if (prove_no_ring(proof, domain, name, &way) &&
		domain->filter == FILTER_OFF &&
		way.first->unknowns == UNKNOWNS_REJECT)
		faults_advice(proof->faults, domain->place,
			"mail for unknown recipients of %s is accepted, "
			"refused by connector \"%s\" and bounced to senders "
			"that are mostly forged: recipient-filter = "
			"directories (every system has one) or verify cures it",
			shown(proof, name), way.first->name);
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
	if (unknowns_find(&way, proof->unknowns, domain, name) &&
		way.first == connector)
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

/*
 * One that a connector names is there to say what becomes of unknown
 * recipients.
 */
static void collect_named(const struct proof *proof)
{
	const struct view *view = proof->view;

	for (size_t i = 0; i < view->n_directories; i++)
		if (view->directories[i].connector != NULL)
			table_put(proof->named, view->directories[i].connector,
				(void *)view);
	for (size_t i = 0; i < view->n_connectors; i++)
		if (view->connectors[i].forwards_to != NULL)
			table_put(proof->named, view->connectors[i].forwards_to,
				(void *)view);
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
		table_find(proof->named, connector->name) == NULL)
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

/* The first connector with each level that has the hop. */
struct levels {
	const struct connector *first[TLS_SECURE + 1];
};

/* The first with another level, of those before; *hop is what it has too. */
static const struct connector *find_other_level(const struct proof *proof,
	const struct connector *connector, const struct hop **hop)
{
	const struct connector *found = NULL;

	for (size_t i = 0; i < connector->n_hops; i++) {
		const struct levels *levels =
			table_find(proof->hosts, connector->hops[i].text);

		if (levels == NULL || connector->hops[i].host == NULL)
			continue;
		for (size_t k = 0; k <= TLS_SECURE; k++) {
			const struct connector *other = levels->first[k];

			if (other == NULL || k == connector->tls ||
				(found != NULL && found <= other))
				continue;
			found = other;
			*hop = &connector->hops[i];
		}
	}
	return found;
}

static void note_levels(
	const struct proof *proof, const struct connector *connector)
{
	for (size_t i = 0; i < connector->n_hops; i++) {
		const char *text = connector->hops[i].text;
		struct levels *levels = table_find(proof->hosts, text);

		if (levels == NULL) {
			levels = arena_alloc(proof->arena, sizeof *levels);
			table_put(proof->hosts, text, levels);
		}
		if (levels->first[connector->tls] == NULL)
			levels->first[connector->tls] = connector;
	}
}

/* Against those before. */
static void prove_tls(
	const struct proof *proof, const struct connector *connector)
{
	const struct hop *hop;
	const struct connector *other =
		find_other_level(proof, connector, &hop);

	if (other != NULL)
		faults_error(proof->faults, connector->place,
			"smart host %s has another tls level on connector "
			"\"%s\" (%s:%u): Postfix keeps one level for each next "
			"hop",
			hop->text, other->name, other->place.file,
			other->place.line);
	note_levels(proof, connector);
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
		.circles_below = secondary_circles_below(ns, view, arena),
		.unknowns = unknowns_open(view, arena),
		.named = table_open(),
		.hosts = table_open() };
	struct table *tables[] = { proof.parents, proof.named, proof.hosts };

	collect_named(&proof);
	prove_domains(&proof);
	for (size_t i = 0; i < proof.view->n_connectors; i++) {
		prove_parts(&proof, &proof.view->connectors[i]);
		prove_use(&proof, &proof.view->connectors[i]);
		prove_tls(&proof, &proof.view->connectors[i]);
	}
	for (size_t i = 0; i < proof.view->n_directories; i++)
		prove_directory(&proof, &proof.view->directories[i]);
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		table_close(&tables[i]);
	arena_close(&arena);
}
