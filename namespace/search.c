/*
 * How a search ends, and what it tells of the way.  A recipient that a
 * directory ties to a connector never leaves by another system's.
 */
#include "namespace/search.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void search_begin(struct search *search)
{
	*search->out = (struct resolution){ .verdict = VERDICT_PASS,
		.reason = REASON_NOT_AN_ADDRESS };
}

void search_tell(
	const struct search *search, struct step step, const char *format, ...)
{
	char text[512];
	va_list args;

	if (search->trace == NULL)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	step.text = arena_strdup(search->request, text);
	search->trace->step(search->trace->context, &step);
}

void search_tell_parsed(
	const struct search *search, const struct address *asked)
{
	const bool has_base = asked->base != asked->key;

	search_tell(search, (struct step){ .name = "parse" },
		"looked up as %s%s%s", asked->key, has_base ? ", then " : "",
		has_base ? asked->base : "");
}

void search_tell_domain(const struct search *search, const char *name,
	const struct domain *domain)
{
	search_tell(search, (struct step){ .name = "domain", .domain = domain },
		"%s belongs to accepted domain %s (%s)", name,
		domain_pattern_format(&domain->pattern, search->request),
		domain->secondary_of == NULL ? domain_type_format(domain->type)
					     : "secondary");
}

enum lookup search_is_reached(const struct search *search,
	const struct domain *domain, const char *name)
{
	if (domain->pattern.scope != SCOPE_SUBDOMAINS &&
		(strcmp(name, domain->pattern.name.ascii) == 0 ||
			strcmp(name, domain->pattern.name.unicode) == 0))
		return LOOKUP_FOUND;
	return search->view->ops->has_entries(search->view, name);
}

enum progress search_end(
	struct search *search, enum verdict verdict, enum reason reason)
{
	search->out->verdict = verdict;
	search->out->reason = reason;
	return ENDED;
}

enum progress search_end_failed(struct search *search, const char *what)
{
	search_tell(search, (struct step){ .name = "failed" },
		"the %s could not be read: deferred, never refused", what);
	return search_end(search, VERDICT_DEFER, REASON_LOOKUP_FAILED);
}

bool directory_is_stale(
	const struct view *view, const struct directory *directory, time_t now)
{
	const time_t loaded = view->loaded[directory - view->directories];
	/* By a clock that was far ahead then nothing is known of the age. */
	const unsigned long apart = now > loaded
		? (unsigned long)now - (unsigned long)loaded
		: (unsigned long)loaded - (unsigned long)now;

	if (loaded == 0)
		return true;
	return directory->max_age_s != 0 && apart > directory->max_age_s;
}

const struct directory *search_stale_of(
	const struct search *search, const char *domain)
{
	const struct view *view = search->view;

	for (size_t i = 0; i < view->n_directories; i++) {
		const struct directory *directory = &view->directories[i];

		if (directory_is_stale(view, directory, search->now) &&
			directory_may_own(directory, domain))
			return directory;
	}
	return NULL;
}

static bool ends(const char *text, const char *tail)
{
	const size_t len = strlen(text);
	const size_t tail_len = strlen(tail);

	return len >= tail_len && strcmp(text + len - tail_len, tail) == 0;
}

/* The maps have a name in its two spellings; in another it is nobody's. */
static bool is_spelt_as_in_maps(const char *name, struct arena *request)
{
	struct domain_name parsed;

	return domain_name_parse(&parsed, name, request, NULL) &&
		(strcmp(name, parsed.ascii) == 0 ||
			strcmp(name, parsed.unicode) == 0);
}

/*
 * What a name below the secondary is called below its primary; "?.d" where
 * it is called nothing there.
 */
static const char *below_primary(const struct search *search,
	const struct domain *secondary, const char *name)
{
	if (!is_spelt_as_in_maps(name, search->request))
		return arena_printf(
			search->request, "?.%s", secondary->secondary_of);
	const struct domain_name *own = &secondary->pattern.name;
	const size_t tail = ends(name, own->ascii) ? strlen(own->ascii)
						   : strlen(own->unicode);
	const char *other = arena_printf(search->request, "%.*s%s",
		(int)(strlen(name) - tail), name, secondary->secondary_of);
	struct domain_name parsed;

	return domain_name_parse(&parsed, other, search->request, NULL)
		? parsed.ascii
		: other;
}

/* Whether it is but another name, below a primary that is secondary. */
static enum lookup is_secondary_in(
	const struct view *view, const struct domain *primary, const char *name)
{
	const struct domain *owner;

	if (primary->secondary_of == NULL)
		return LOOKUP_NONE;
	const enum lookup found = domain_find(&owner, view, name);

	return found == LOOKUP_FOUND && owner != primary ? LOOKUP_NONE : found;
}

/* *stale: the first that may list it under one of these names. */
static enum lookup find_below_primary(const char **out, struct search *search,
	const struct domain *secondary, const struct directory **stale)
{
	const struct view *view = search->view;
	const char *name = *out;

	for (unsigned depth = 0; depth <= DEPTH_MAX; depth++) {
		const char *below = arena_printf(
			search->request, ".%s", secondary->secondary_of);
		const struct domain *primary;
		enum lookup found = view->ops->domain(view, below, &primary);

		if (found != LOOKUP_FOUND)
			return found;
		name = below_primary(search, secondary, name);
		if (depth == 0)
			*out = name;
		found = view->ops->has_entries(view, name);
		if (found != LOOKUP_NONE)
			return found;
		if (*stale == NULL)
			*stale = search_stale_of(search, name);
		found = is_secondary_in(view, primary, name);
		if (found != LOOKUP_FOUND)
			return found;
		secondary = primary;
	}
	return LOOKUP_FAILED;
}

enum lookup search_in_primary(const char **out, struct search *search,
	const struct domain *secondary, const char *name)
{
	const struct domain_name *own = &secondary->pattern.name;
	const struct directory *stale = NULL;

	*out = secondary->secondary_of;
	if (strcmp(name, own->ascii) == 0 || strcmp(name, own->unicode) == 0)
		return LOOKUP_FOUND;
	*out = name;
	const enum lookup found =
		find_below_primary(out, search, secondary, &stale);

	if (found == LOOKUP_NONE && search->stale == NULL)
		search->stale = stale;
	return found;
}

const struct directory *search_stale(
	const struct search *search, const char *domain)
{
	return search->stale != NULL ? search->stale
				     : search_stale_of(search, domain);
}

/* "directory ad has ..." */
static const char *stale_how(
	const struct search *search, const struct directory *stale)
{
	const time_t loaded =
		search->view->loaded[stale - search->view->directories];

	if (loaded == 0)
		return "never loaded";
	return loaded > search->now
		? "loaded by a clock that was ahead of this one"
		: "not loaded for longer than its max-age";
}

enum progress search_end_unknown(struct search *search, const char *domain)
{
	const struct directory *stale = search_stale(search, domain);

	if (stale == NULL) {
		search_tell(search, (struct step){ .name = "not-listed" },
			"every directory that may list it was read: unknown");
		return search_end(search, VERDICT_REJECT, REASON_UNKNOWN);
	}
	search->out->directory = stale;
	search_tell(search,
		(struct step){ .name = "not-listed", .directory = stale },
		"directory %s may list it and has %s: deferred", stale->name,
		stale_how(search, stale));
	return search_end(search, VERDICT_DEFER, REASON_DIRECTORY_STALE);
}

static const char *next_key(const char *key)
{
	if (strcmp(key, "*") == 0)
		return NULL;
	key = strchr(key + 1, '.');
	return key == NULL ? "*" : key;
}

static void tell_loser(const struct search *search, const struct claim *claim,
	const char *key, const char *why)
{
	if (route_has(&search->out->route, claim->connector))
		return;
	search_tell(search,
		(struct step){
			.name = "not-taken", .connector = claim->connector },
		"connector %s serves %s at cost %u: %s", claim->connector->name,
		key, claim->cost, why);
}

/* Claims on one key stand in order of cost, then of name. */
static const char *why_lost(
	const struct search *search, const struct claims *claims, size_t i)
{
	const struct claim *first = &claims->list[0];

	if (!route_has(&search->out->route, first->connector))
		return "less specific";
	return claims->list[i].cost > first->cost ? "dearer"
						  : "as cheap, later by name";
}

/*
 * Connectors that serve the domain too, and why they were not taken; why
 * NULL: another address space was better.
 */
static void tell_losers(
	const struct search *search, const char *domain, const char *why)
{
	struct claims claims;

	for (const char *key = domain; key != NULL; key = next_key(key)) {
		if (search->view->ops->claims(search->view, key, &claims) !=
			LOOKUP_FOUND)
			continue;
		for (size_t i = 0; i < claims.count; i++)
			tell_loser(search, &claims.list[i], key,
				why == NULL ? why_lost(search, &claims, i)
					    : why);
		if (why == NULL)
			why = "less specific";
	}
}

/* Without anybody who listens no text of a route is put together. */
static void tell_route(const struct search *search, const char *domain)
{
	const struct route *route = &search->out->route;

	if (search->trace == NULL)
		return;
	search_tell(search,
		(struct step){
			.name = "route", .connector = route->connectors[0] },
		"connector %s serves %s: %s", route->connectors[0]->name,
		domain, route_format(route, search->request));
	for (size_t i = 1; i < route->count; i++)
		search_tell(search,
			(struct step){ .name = "backup",
				.connector = route->connectors[i] },
			"connector %s stands in: its next hops come last",
			route->connectors[i]->name);
}

enum progress search_end_by_domain(struct search *search, const char *domain,
	enum verdict verdict, enum reason reason)
{
	struct route *route = &search->out->route;

	switch (route_find(route, search->view, domain)) {
	case LOOKUP_FAILED: return search_end_failed(search, "address spaces");
	case LOOKUP_NONE:
		search_tell(search, (struct step){ .name = "route" },
			"no connector serves %s", domain);
		break;
	case LOOKUP_FOUND: tell_route(search, domain); break;
	}
	if (search->trace != NULL)
		tell_losers(search, domain, NULL);
	return search_end(search, verdict, reason);
}

enum progress search_end_beside(struct search *search, const char *key)
{
	struct resolution *out = search->out;

	out->final = key;
	out->directory = NULL;
	out->route.count = 0;
	return search_end_by_domain(
		search, strrchr(key, '@') + 1, out->verdict, out->reason);
}

enum progress search_end_unlisted(struct search *search,
	const struct address *asked, const struct domain *domain)
{
	switch (domain->filter) {
	case FILTER_OFF:
		search_tell(search, (struct step){ .name = "not-listed" },
			"recipient-filter is off: whoever is not listed is "
			"relayed");
		return search_end_by_domain(
			search, asked->domain, VERDICT_RELAY, REASON_UNLISTED);
	case FILTER_VERIFY:
		search_tell(search, (struct step){ .name = "not-listed" },
			"recipient-filter is verify: the next hop is asked");
		return search_end_by_domain(
			search, asked->domain, VERDICT_RELAY, REASON_VERIFY);
	case FILTER_DIRECTORIES: break;
	}
	return search_end_unknown(search, asked->domain);
}

static const struct connector *connector_of(
	const struct view *view, const struct directory *directory)
{
	for (size_t i = 0;
		directory->connector != NULL && i < view->n_connectors; i++)
		if (strcmp(view->connectors[i].name, directory->connector) == 0)
			return &view->connectors[i];
	return NULL;
}

enum progress search_end_by_directory(struct search *search,
	const struct directory *directory, const char *domain)
{
	struct route *route = &search->out->route;
	const struct connector *connector =
		connector_of(search->view, directory);

	search->out->directory = directory;
	if (connector == NULL)
		return search_end_by_domain(
			search, domain, VERDICT_ACCEPT, REASON_LISTED);
	route->connectors[0] = connector;
	route->count = 1;
	if (search->trace != NULL) {
		search_tell(search,
			(struct step){
				.name = "route", .connector = connector },
			"directory %s leaves by connector %s: %s",
			directory->name, connector->name,
			route_format(route, search->request));
		tell_losers(search, domain, "not the directory's");
	}
	return search_end(search, VERDICT_ACCEPT, REASON_LISTED);
}

static void leave_by_any_directory(struct search *search, const char *domain)
{
	const struct view *view = search->view;
	struct route *route = &search->out->route;

	for (size_t i = 0; route->count == 0 && i < view->n_directories; i++) {
		const struct directory *directory = &view->directories[i];

		if (directory->connector == NULL ||
			!directory_may_own(directory, domain))
			continue;
		search_end_by_directory(search, directory, domain);
		search->out->directory = NULL;
	}
}

/* The name whose postmaster is this one's, too; NULL = none. */
static const char *next_in_charge(const struct search *search, const char *name)
{
	const struct view *view = search->view;
	const struct domain *owner, *below;

	if (domain_find(&owner, view, name) != LOOKUP_FOUND)
		return NULL;
	const struct domain_pattern *pattern = &owner->pattern;
	const bool is_own = strcmp(name, pattern->name.ascii) == 0 ||
		strcmp(name, pattern->name.unicode) == 0;

	if (owner->secondary_of == NULL)
		return is_own || pattern->scope == SCOPE_SUBDOMAINS
			? NULL
			: pattern->name.ascii;
	if (is_own ||
		view->ops->domain(view,
			arena_printf(
				search->request, ".%s", owner->secondary_of),
			&below) != LOOKUP_FOUND)
		return owner->secondary_of;
	return below_primary(search, owner, name);
}

enum progress search_end_as_postmaster(
	struct search *search, const char *domain)
{
	search_end_by_domain(search, domain, VERDICT_ACCEPT, REASON_POSTMASTER);
	/* A route that can not be known is no reason to tell another. */
	if (search->out->reason == REASON_LOOKUP_FAILED)
		domain = NULL;
	for (unsigned depth = 0; domain != NULL && depth <= DEPTH_MAX &&
		search->out->route.count == 0;
		depth++) {
		leave_by_any_directory(search, domain);
		domain = next_in_charge(search, domain);
	}
	return search_end(search, VERDICT_ACCEPT, REASON_POSTMASTER);
}

void search_guard_against_loop(
	struct search *search, const struct network *client)
{
	struct resolution *out = search->out;
	const struct route *route = &out->route;

	if (client == NULL || out->rewritten != NULL ||
		strcmp(out->address.base_local, "postmaster") == 0 ||
		!verdict_takes(out->verdict))
		return;
	for (size_t i = 0; i < route->count; i++) {
		const struct connector *connector = route->connectors[i];

		if (!connector->has_loop_guard ||
			!connector_has_client(connector, client))
			continue;
		search_tell(search,
			(struct step){ .name = "loop", .connector = connector },
			"the client is connector %s's own system: it would "
			"get back what it hands us",
			connector->name);
		search_end(search, VERDICT_REJECT, REASON_LOOP);
		return;
	}
}
