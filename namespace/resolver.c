/*
 * The rules of resolution, step by step: domain, contact, directories,
 * directory's contact, postmaster, secondary domain, catch-all, not listed;
 * then the route and the loop guard.  Each step either ends the search or
 * hands on to the next; a rewriting step starts over with the new address.
 *
 * The order within a step is Postfix's own (virtual(5), transport(5)): the
 * full address, then the one without extension; the name itself, then its
 * parents.  So the maps made from these answers give the same ones.
 */
#include "namespace/resolver.h"

#include "base/arena.h"
#include "namespace/followed.h"
#include "namespace/search.h"

#include <string.h>

static void search_address(struct search *search, const struct address *asked);

static bool is_vouched_for(const struct resolution *out)
{
	return verdict_takes(out->verdict) && out->reason != REASON_VERIFY;
}

/*
 * Starts over with target; the reason is the rewriting step's own unless
 * the target is refused or deferred, which then says why.
 */
static enum progress follow(
	struct search *search, const char *target, enum reason reason)
{
	struct resolution *out = search->out;
	const struct domain *domain = out->domain;
	struct address address;

	if (out->rewritten == NULL)
		out->rewritten = target;
	if (reason != REASON_SECONDARY)
		search->stale = NULL; /* of somebody else */
	if (++search->depth > DEPTH_MAX)
		return search_end_failed(search, "end of a ring of aliases");
	if (!address_from_key(
		    &address, target, search->view->extension, search->request))
		return search_end_failed(search, "target of an alias");
	search_address(search, &address);
	if (domain != NULL)
		out->domain = domain;
	/* Foreign: leaves by a connector, or as Postfix sends. */
	if (out->verdict == VERDICT_PASS)
		return search_end_by_domain(
			search, address.domain, VERDICT_ACCEPT, reason);
	out->is_caught = reason == REASON_CATCH_ALL;
	/* Who stands for somebody that is asked for is asked for, too. */
	if (verdict_takes(out->verdict) &&
		(out->reason != REASON_VERIFY || reason == REASON_POSTMASTER))
		out->reason = reason;
	return ENDED;
}

/*
 * Postfix puts the extension that the key left out behind the target, whose
 * own may be somebody else's then, or nobody's.  The maps have one key for
 * both: the target decides whether it is taken or asked for, and the way is
 * that of the whole address, or anybody's.  But to ask for whom a stale
 * directory may list would refuse him.
 */
static void end_as_target(struct search *search, const char *extended,
	const struct search *whole, const struct resolution *of_whole,
	enum reason reason)
{
	const bool is_vouched = is_vouched_for(search->out);

	if (!verdict_takes(search->out->verdict))
		return;
	if (is_vouched ? !verdict_takes(of_whole->verdict)
		       : of_whole->verdict == VERDICT_REJECT) {
		search_end_beside(search, extended);
		return;
	}
	*search = *whole;
	*search->out = *of_whole;
	if (is_vouched && !is_vouched_for(of_whole))
		search_end(search, VERDICT_ACCEPT, reason);
	if (!is_vouched && is_vouched_for(of_whole))
		search_end(search, VERDICT_RELAY, REASON_VERIFY);
}

/* Both are followed once in a search, or long ways would fork at each step. */
static void follow_extended(struct search *search, const char *target,
	const char *extension, enum reason reason)
{
	const struct search before = *search;
	const struct resolution answer = *search->out;
	const char *extended =
		address_extend(target, extension, search->request);

	follow(search, extended, reason);
	if (search->is_cut ||
		address_leads_to(extended, target, search->view->extension,
			search->request))
		return;
	const struct search whole = *search;
	const struct resolution of_whole = *search->out;

	*search = before;
	*search->out = answer;
	search->is_cut = true;
	follow(search, target, reason);
	end_as_target(search, extended, &whole, &of_whole, reason);
}

static void follow_contact(struct search *search, const struct contact *contact,
	const char *extension, const char *whose)
{
	search_tell(search,
		(struct step){ .name = "contact", .address = contact->address },
		"%s is a contact %s: it stands for %s", contact->address, whose,
		address_extend(contact->target, extension, search->request));
	follow_extended(search, contact->target, extension, REASON_CONTACT);
}

/* As if it had not been followed: the next step is asked. */
static enum progress leave_out(struct search *search,
	const struct search *before, const struct resolution *answer,
	const char *why)
{
	search_tell(search, (struct step){ .name = "contact" },
		"it is left out%s", why);
	*search = *before;
	*search->out = *answer;
	return NEXT;
}

static bool is_postmaster(const struct address *address)
{
	return strcmp(address->base_local, "postmaster") == 0;
}

/* The postmaster's mail does not wait for the target of a contact. */
static bool is_put_off(const struct search *search, const struct address *asked)
{
	return is_postmaster(asked) &&
		search->out->reason == REASON_DIRECTORY_STALE;
}

#define PUT_OFF \
	" while its target can not be judged: the postmaster is never " \
	"put off"

static enum progress try_configured_contact(
	struct search *search, const struct address *asked)
{
	struct contact contact;
	const char *extension;
	const enum lookup found = contact_of(&contact, &extension, search,
		asked, search->view->ops->contact);

	if (found == LOOKUP_FAILED)
		return search_end_failed(search, "contacts");
	if (found == LOOKUP_NONE)
		return NEXT;
	const struct search before = *search;
	const struct resolution answer = *search->out;

	follow_contact(search, &contact, extension, "of the configuration");
	if (is_put_off(search, asked))
		return leave_out(search, &before, &answer, PUT_OFF);
	return ENDED;
}

/*
 * One whose target nobody takes is left out: the next step is asked.  So is
 * one whose target leads back to it; nobody in such a ring vouches for
 * anybody, wherever it is entered.
 */
static enum progress try_directory_contact(
	struct search *search, const struct address *asked)
{
	struct contact contact;
	const char *extension;
	const enum lookup found = contact_of(&contact, &extension, search,
		asked, search->view->ops->directory_contact);

	if (found == LOOKUP_FAILED)
		return search_end_failed(search, "contacts");
	if (found == LOOKUP_NONE)
		return NEXT;
	const struct search before = *search;
	const struct resolution answer = *search->out;
	struct followed followed;

	/* Whoever led here is left out, too, with whatever is said here. */
	if (!followed_begin(&followed, search, contact.address))
		return search_end(search, VERDICT_REJECT, REASON_UNKNOWN);
	follow_contact(search, &contact, extension, "that a directory brought");
	followed_end(&followed, search);
	if (followed.is_ring)
		return leave_out(search, &before, &answer,
			": its target leads back to it");
	if (search->out->verdict == VERDICT_REJECT)
		return leave_out(search, &before, &answer,
			": nobody takes mail for its target");
	if (is_put_off(search, asked))
		return leave_out(search, &before, &answer, PUT_OFF);
	return ENDED;
}

static enum progress try_listing(
	struct search *search, const struct address *asked)
{
	const struct view *view = search->view;
	struct listing listing;
	const char *key = asked->key;
	enum lookup found =
		view->ops->listing(view, key, search->request, &listing);

	if (found == LOOKUP_NONE && asked->base != asked->key) {
		key = asked->base;
		found = view->ops->listing(
			view, key, search->request, &listing);
	}
	if (found == LOOKUP_FAILED)
		return search_end_failed(search, "list of recipients");
	if (found == LOOKUP_NONE) {
		search_tell(search,
			(struct step){
				.name = "directories", .address = asked->base },
			"no directory lists %s%s%s", asked->key,
			asked->base != asked->key ? " or " : "",
			asked->base != asked->key ? asked->base : "");
		return NEXT;
	}
	search_tell(search,
		(struct step){ .name = "directory",
			.directory = listing.directory,
			.address = key },
		"directory %s lists %s", listing.directory->name, key);
	return search_end_by_directory(
		search, listing.directory, asked->domain);
}

static enum progress try_postmaster(struct search *search,
	const struct address *asked, const struct domain *domain)
{
	const char *target = search->view->postmaster;
	const struct resolution before = *search->out;

	if (!is_postmaster(asked))
		return NEXT;
	const enum lookup reached =
		search_is_reached(search, domain, asked->domain);

	if (reached == LOOKUP_FAILED)
		return search_end_failed(search, "list of domains");
	if (domain->secondary_of != NULL && reached == LOOKUP_FOUND)
		return NEXT;
	if (target == NULL || reached == LOOKUP_NONE ||
		strcmp(target, asked->base) == 0) {
		search_tell(search, (struct step){ .name = "postmaster" },
			"the postmaster is never refused");
		return search_end_as_postmaster(search, asked->domain);
	}
	search_tell(search,
		(struct step){ .name = "postmaster", .address = target },
		"the postmaster's mail goes to %s", target);
	follow_extended(search, target, asked->extension, REASON_POSTMASTER);
	/* A ring is told, so that its proof fails: the maps would have it. */
	if (search->depth > DEPTH_MAX || verdict_takes(search->out->verdict))
		return ENDED;
	*search->out = before;
	return search_end_as_postmaster(search, asked->domain);
}

static enum progress try_secondary(struct search *search,
	const struct address *asked, const struct domain *domain)
{
	const char *name;

	if (domain->secondary_of == NULL)
		return NEXT;
	search->stale = search_stale(search, asked->domain);
	switch (search_in_primary(&name, search, domain, asked->domain)) {
	case LOOKUP_FAILED: return search_end_failed(search, "list of domains");
	case LOOKUP_NONE:
		search_tell(search,
			(struct step){ .name = "secondary", .domain = domain },
			"%s stands for nothing that has entries in %s",
			asked->domain, domain->secondary_of);
		if (is_postmaster(asked))
			return search_end_as_postmaster(search, asked->domain);
		return search_end_unknown(search, name);
	case LOOKUP_FOUND: break;
	}
	search_tell(search,
		(struct step){ .name = "secondary", .domain = domain },
		"%s is another name of %s", asked->domain, name);
	return follow(search, address_key(asked->local, name, search->request),
		REASON_SECONDARY);
}

/* Whoever is relayed anyway needs not wait for its target. */
static enum progress follow_catch_all(
	struct search *search, const struct domain *domain)
{
	const struct resolution before = *search->out;

	search_tell(search,
		(struct step){ .name = "catch-all", .domain = domain },
		"the catch-all of %s is %s", domain->pattern.name.ascii,
		domain->catch_all);
	follow(search, domain->catch_all, REASON_CATCH_ALL);
	if (domain->filter == FILTER_DIRECTORIES ||
		search->out->reason != REASON_DIRECTORY_STALE)
		return ENDED;
	search_tell(search, (struct step){ .name = "catch-all" },
		"it is left out while its target can not be judged");
	*search->out = before;
	return NEXT;
}

static enum progress try_catch_all(struct search *search,
	const struct address *asked, const struct domain *domain)
{
	if (domain->catch_all == NULL)
		return NEXT;
	switch (search_is_reached(search, domain, asked->domain)) {
	case LOOKUP_FAILED: return search_end_failed(search, "list of domains");
	case LOOKUP_NONE: return NEXT;
	case LOOKUP_FOUND: break;
	}
	const bool is_stale = search_stale_of(search, asked->domain) != NULL;

	if (is_stale || search->stale != NULL) {
		search_tell(search, (struct step){ .name = "catch-all" },
			"left out while a directory that may list the "
			"recipient is stale");
		/* The maps can not leave it out for a secondary name alone. */
		return is_stale ? NEXT
				: search_end_unknown(search, asked->domain);
	}
	return follow_catch_all(search, domain);
}

static void search_address(struct search *search, const struct address *asked)
{
	const struct domain *domain = NULL;
	struct resolution *out = search->out;

	out->domain = NULL;
	out->directory = NULL;
	out->route.count = 0;
	out->final = asked->key;
	switch (domain_find(&domain, search->view, asked->domain)) {
	case LOOKUP_FAILED:
		search_end_failed(search, "list of domains");
		return;
	case LOOKUP_NONE:
		search_tell(search, (struct step){ .name = "domain" },
			"%s belongs to no accepted domain", asked->domain);
		search_end(search, VERDICT_PASS, REASON_NOT_OURS);
		return;
	case LOOKUP_FOUND: break;
	}
	out->domain = domain;
	if (search->trace != NULL)
		search_tell_domain(search, asked->domain, domain);
	if (try_configured_contact(search, asked) == NEXT &&
		try_listing(search, asked) == NEXT &&
		try_directory_contact(search, asked) == NEXT &&
		try_postmaster(search, asked, domain) == NEXT &&
		try_secondary(search, asked, domain) == NEXT &&
		try_catch_all(search, asked, domain) == NEXT)
		search_end_unlisted(search, asked, domain);
}

void resolve(struct resolution *out, const struct view *view,
	const struct question *question, const struct trace *trace,
	struct arena *request)
{
	struct search search = { .view = view,
		.trace = trace,
		.request = request,
		.now = question->now,
		.out = out };

	search_begin(&search);
	if (!address_from_internal(&out->address, question->recipient,
		    question->len, view->extension, request)) {
		search_tell(&search, (struct step){ .name = "parse" },
			"this is no address: Postfix's own rules decide");
		return;
	}
	if (trace != NULL)
		search_tell_parsed(&search, &out->address);
	if (view->ops->expect_listings != NULL) {
		const struct slice key = slice_of(out->address.key);

		view->ops->expect_listings(view, &key, 1);
	}
	search_address(&search, &out->address);
	search_guard_against_loop(&search, question->client);
}

static void search_wildcard(
	struct wildcard *out, struct search *search, const char *name);

/* Whoever nobody lists in a secondary is nobody's in the primary. */
static void search_secondary_wildcard(struct wildcard *out,
	struct search *search, const struct domain *owner, const char *name)
{
	const char *primary = name;

	search->stale = search_stale(search, name);
	if (++search->depth <= DEPTH_MAX &&
		search_in_primary(&primary, search, owner, name) ==
			LOOKUP_FOUND) {
		search_wildcard(out, search, primary);
		if (out->target == NULL && out->verdict == VERDICT_RELAY)
			out->target =
				arena_printf(search->request, "@%s", primary);
	} else {
		search_end_unknown(search, primary);
		out->verdict = search->out->verdict;
		out->reason = search->out->reason;
	}
	out->domain = owner;
}

static void search_wildcard(
	struct wildcard *out, struct search *search, const char *name)
{
	struct resolution *resolution = search->out;
	const struct address anybody = { .key = "",
		.base = "",
		.local = "",
		.base_local = "",
		.extension = "",
		.domain = name };
	const struct domain *owner = NULL;

	if (domain_find(&owner, search->view, name) != LOOKUP_FOUND)
		return;
	if (owner->secondary_of != NULL) {
		search_secondary_wildcard(out, search, owner, name);
		return;
	}
	resolution->domain = owner;
	if (try_catch_all(search, &anybody, owner) == NEXT)
		search_end_unlisted(search, &anybody, owner);
	*out = (struct wildcard){ .verdict = resolution->verdict,
		.reason = resolution->reason,
		.domain = owner,
		.target = resolution->rewritten };
}

void resolve_key(struct resolution *out, const struct view *view,
	const char *key, time_t now, struct arena *request)
{
	struct search search = {
		.view = view, .request = request, .now = now, .out = out
	};

	search_begin(&search);
	if (address_from_key(&out->address, key, view->extension, request))
		search_address(&search, &out->address);
}

void resolve_wildcard(struct wildcard *out, const struct view *view,
	const char *name, time_t now, struct arena *request)
{
	struct resolution resolution = { .rewritten = NULL };
	struct search search = {
		.view = view, .request = request, .now = now, .out = &resolution
	};

	*out = (struct wildcard){ .verdict = VERDICT_PASS,
		.reason = REASON_NOT_OURS };
	search_wildcard(out, &search, name);
}
