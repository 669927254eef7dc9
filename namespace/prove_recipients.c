/*
 * Proofs of the recipients.  What the configuration says wrongly is an
 * error; what a directory brings wrongly is left out, counted, and the
 * first of each kind is shown.
 */
#include "namespace/prove.h"

#include "base/arena.h"
#include "base/text.h"
#include "namespace/conflict.h"
#include "namespace/lookalike.h"
#include "namespace/resolver.h"
#include "namespace/search.h"

#include <assert.h>
#include <string.h>

enum { EXAMPLES_MAX = 5, ERRORS_MAX = 100 };

struct proof {
	const struct namespace *ns;
	const struct recipients *recipients;
	const struct view *view;
	time_t now;
	struct faults *faults;
	struct arena *arena;
};

/* What is counted of one directory. */
struct tally {
	size_t strays; /* outside all accepted domains */
	size_t outside; /* outside the domains it may list */
	size_t conflicts;
	size_t dead; /* contacts whose target nobody takes */
	size_t missing; /* contacts for mailboxes that nobody lists */
	size_t alike; /* look like another recipient of their domain */
	size_t slips; /* nearly another system's recipient */
	size_t alike_domains; /* look like an accepted domain */
	size_t routed; /* %, ! or @ in the local part */
};

/* The model can always be read: nothing but a way without end fails. */
static bool has_end(const struct proof *proof, const char *key)
{
	struct resolution resolution;

	resolve_key(&resolution, proof->view, key, proof->now, proof->arena);
	return resolution.reason != REASON_LOOKUP_FAILED;
}

static void report_endless(const struct proof *proof, struct place place,
	const char *what, const char *key)
{
	faults_error(proof->faults, place,
		"%s leads to %s, which leads back here, or through more than "
		"%d addresses: a ring of contacts, or so long a row, delivers "
		"to nobody",
		what, key, (int)DEPTH_MAX);
}

/* What the configuration promises to deliver to. */
static void prove_target(const struct proof *proof, struct place place,
	const char *what, const char *key)
{
	struct resolution resolution;

	resolve_key(&resolution, proof->view, key, proof->now, proof->arena);
	if (resolution.reason == REASON_LOOKUP_FAILED)
		report_endless(proof, place, what, key);
	else if (resolution.verdict == VERDICT_REJECT)
		faults_error(proof->faults, place,
			"%s leads to %s, which is in an accepted domain and "
			"nobody lists it: list it, or name another target",
			what, key);
}

/* The way of the contact itself is a step longer than that of its target. */
static void prove_contact(
	const struct proof *proof, const struct contact *contact)
{
	const char *what =
		arena_printf(proof->arena, "contact %s", contact->address);

	if (has_end(proof, contact->address))
		prove_target(proof, contact->place, what, contact->target);
	else
		report_endless(proof, contact->place, what, contact->target);
}

static void prove_contacts(const struct proof *proof)
{
	const struct domain *domain;
	struct listing listing;

	for (size_t i = 0; i < proof->ns->n_contacts; i++) {
		const struct contact *contact = &proof->ns->contacts[i];

		if (domain_find(&domain, proof->view,
			    strrchr(contact->address, '@') + 1) !=
			LOOKUP_FOUND) {
			faults_error(proof->faults, contact->place,
				"contact %s is in no accepted domain: mail for "
				"it does not come here",
				contact->address);
			continue;
		}
		if (strcmp(contact->address, contact->target) == 0) {
			faults_error(proof->faults, contact->place,
				"contact %s stands for itself: list it in a "
				"directory of the system that has the mailbox "
				"instead",
				contact->address);
			continue;
		}
		prove_contact(proof, contact);
		if (proof->view->ops->listing(proof->view, contact->address,
			    proof->arena, &listing) == LOOKUP_FOUND)
			faults_advice(proof->faults, contact->place,
				"contact %s takes the mail of a mailbox that "
				"directory \"%s\" lists",
				contact->address, listing.directory->name);
	}
}

static void prove_named_targets(const struct proof *proof)
{
	for (size_t i = 0; i < proof->ns->n_domains; i++) {
		const struct domain *domain = &proof->ns->domains[i];

		if (domain->is_enabled && domain->catch_all != NULL)
			prove_target(proof, domain->place, "the catch-all",
				domain->catch_all);
	}
	if (proof->ns->postmaster != NULL)
		prove_target(proof, proof->ns->postmaster_place, "postmaster",
			proof->ns->postmaster);
}

/* A source that is read by lines has the origin in the place. */
static struct place place_in(const struct recipient *recipient)
{
	struct place place = { .file = recipient->directory->source };
	unsigned long line;

	if (text_to_ulong(&line, recipient->origin))
		place.line = (unsigned)line;
	return place;
}

/* "ann@d", or with what the place does not say: "ann@d (row 3)". */
static const char *named(
	const struct proof *proof, const struct recipient *recipient)
{
	if (place_in(recipient).line != 0)
		return recipient->key;
	return arena_printf(
		proof->arena, "%s (%s)", recipient->key, recipient->origin);
}

/* "staff.txt:17", "ad.csv row 3" */
static const char *located(
	const struct proof *proof, const struct recipient *recipient)
{
	return arena_printf(proof->arena, "%s%s%s",
		recipient->directory->source,
		place_in(recipient).line != 0 ? ":" : " ", recipient->origin);
}

/* What the reports of pairs need. */
struct pairs {
	const struct proof *proof;
	struct tally *tallies;
};

static void report_conflict(void *context, const struct recipient *recipient,
	const struct recipient *winner)
{
	const struct pairs *pairs = context;
	const struct proof *proof = pairs->proof;
	struct tally *tally = &pairs->tallies[recipient->directory->index];

	tally->conflicts++;
	if (tally->conflicts >
		(proof->ns->conflicts_are_errors ? ERRORS_MAX : EXAMPLES_MAX))
		return;
	if (proof->ns->conflicts_are_errors)
		faults_error(proof->faults, place_in(recipient),
			"%s is listed by directory \"%s\" too "
			"(%s), and on-conflict = error",
			named(proof, recipient), winner->directory->name,
			located(proof, winner));
	else
		faults_advice(proof->faults, place_in(recipient),
			"%s is listed by directory \"%s\" too "
			"(%s), which stands first and wins",
			named(proof, recipient), winner->directory->name,
			located(proof, winner));
}

/*
 * The system behind that directory has the name as a contact that leads back
 * here: it has no mailbox of it, and nobody else has.
 */
static void report_missing(const struct proof *proof,
	const struct recipient *recipient, struct tally *tallies,
	struct arena *request)
{
	struct resolution resolution;

	for (; recipient != NULL; recipient = recipient->next) {
		if (!recipient_is_elsewhere(recipient))
			continue;
		resolve_key(&resolution, proof->view, recipient->key,
			proof->now, request);
		if (resolution.verdict == VERDICT_ACCEPT ||
			resolution.verdict == VERDICT_PASS)
			return;
		if (tallies[recipient->directory->index].missing++ <
			EXAMPLES_MAX)
			faults_advice(proof->faults, place_in(recipient),
				"contact %s stands for itself, and no "
				"directory lists a mailbox of that name: it "
				"counts as not listed",
				named(proof, recipient));
	}
}

static void report_dead(const struct proof *proof,
	const struct recipient *recipient, struct tally *tallies,
	struct arena *request)
{
	const struct recipient *contact = recipient_contact(recipient);
	struct resolution resolution;

	if (recipient_mailbox(recipient) != NULL)
		return;
	if (contact == NULL) {
		report_missing(proof, recipient, tallies, request);
		return;
	}
	resolve_key(
		&resolution, proof->view, contact->target, proof->now, request);
	if (resolution.verdict != VERDICT_REJECT &&
		resolution.reason != REASON_LOOKUP_FAILED)
		return;
	if (tallies[contact->directory->index].dead++ < EXAMPLES_MAX)
		faults_advice(proof->faults, place_in(contact),
			"contact %s is left out: nobody takes mail for "
			"its target %s",
			named(proof, contact), contact->target);
}

/* What holds for all that a directory lists of a domain. */
struct share {
	const char *domain;
	const struct directory *directory; /* NULL = none is known yet */
	bool is_accepted;
	bool may_own;
};

/* Lists come domain by domain, so that of the last one mostly serves. */
static const struct share *share_of(struct share *last,
	const struct proof *proof, const struct recipient *recipient)
{
	const struct domain *domain;

	if (last->directory == recipient->directory &&
		strcmp(last->domain, recipient->domain) == 0)
		return last;
	*last = (struct share){
		.domain = recipient->domain,
		.directory = recipient->directory,
		.is_accepted = domain_find(&domain, proof->view,
				       recipient->domain) == LOOKUP_FOUND,
		.may_own = directory_may_own(
			recipient->directory, recipient->domain),
	};
	return last;
}

/* Without one of these signs there is no question. */
static bool may_be_routed(const struct recipient *recipient)
{
	const char *const end = recipient->domain - 1;

	for (const char *at = recipient->key; at < end; at++)
		if (*at == '@' || *at == '!' || *at == '%')
			return true;
	return false;
}

static bool is_routed(const struct recipient *recipient, struct arena *request)
{
	struct address address;

	if (!may_be_routed(recipient))
		return false;
	arena_reset(request);
	return address_parse(&address, recipient->key, "", request, NULL) &&
		address_is_routed(&address);
}

static void report_stray(const struct proof *proof,
	const struct recipient *recipient, const struct share *share,
	struct tally *tally, struct arena *request)
{
	if (!share->is_accepted) {
		/* People elsewhere are known everywhere as contacts. */
		if (!recipient_is_elsewhere(recipient) &&
			tally->strays++ < EXAMPLES_MAX)
			faults_advice(proof->faults, place_in(recipient),
				"%s is in no accepted domain and left out",
				named(proof, recipient));
	} else if (!share->may_own) {
		if (tally->outside++ < EXAMPLES_MAX)
			faults_advice(proof->faults, place_in(recipient),
				"%s is outside the domains that directory "
				"\"%s\" may list, and left out",
				named(proof, recipient),
				recipient->directory->name);
	} else if (is_routed(recipient, request) &&
		tally->routed++ < EXAMPLES_MAX) {
		faults_advice(proof->faults, place_in(recipient),
			"%s can not be reached from outside: Postfix "
			"takes %%, ! and @ in a local part for a source route",
			named(proof, recipient));
	}
}

/*
 * One listing, and a mailbox that its directory may list: it can not be in
 * conflict with another, nor dead.
 */
static bool is_plain(const struct recipient *first, const struct share *share)
{
	return first->next == NULL && first->target == NULL && share->may_own;
}

static void report_alike(void *context, enum lookalike kind,
	const struct recipient *recipient, const struct recipient *like)
{
	const struct pairs *pairs = context;
	const struct proof *proof = pairs->proof;
	struct tally *tally = &pairs->tallies[recipient->directory->index];

	switch (kind) {
	case LOOKALIKE_SCRIPT:
		if (tally->alike++ < EXAMPLES_MAX)
			faults_advice(proof->faults, place_in(recipient),
				"%s looks like %s (%s), and is another "
				"recipient",
				named(proof, recipient), like->key,
				located(proof, like));
		break;
	case LOOKALIKE_SLIP:
		if (tally->slips++ < EXAMPLES_MAX)
			faults_advice(proof->faults, place_in(recipient),
				"%s is nearly %s (%s), which is another "
				"system's: a slip sends mail to the wrong one",
				named(proof, recipient), like->key,
				located(proof, like));
		break;
	}
}

static void report_alike_domain(void *context,
	const struct lookalike_name *name, const struct domain *like)
{
	const struct pairs *pairs = context;
	const struct proof *proof = pairs->proof;
	const struct recipient *recipient = name->recipient;

	if (name->domain != NULL)
		faults_advice(proof->faults, name->domain->place,
			"accepted domain \"%s\" looks like \"%s\" (%s:%u), "
			"and is another one",
			name->name, like->pattern.name.unicode,
			like->place.file, like->place.line);
	else if (pairs->tallies[recipient->directory->index].alike_domains++ <
		EXAMPLES_MAX)
		faults_advice(proof->faults, place_in(recipient),
			"the domain of %s is not accepted domain \"%s\", and "
			"\"%s\" looks like it",
			named(proof, recipient), like->pattern.name.unicode,
			name->name);
}

static void report_sum(const struct proof *proof,
	const struct directory *directory, size_t count, const char *what)
{
	if (count > EXAMPLES_MAX)
		faults_advice(proof->faults, directory->place,
			"directory \"%s\": %zu %s in all", directory->name,
			count, what);
}

static void report_sums(const struct proof *proof, const struct tally *tallies)
{
	for (size_t i = 0; i < proof->ns->n_directories; i++) {
		const struct directory *directory = &proof->ns->directories[i];
		const struct tally *tally = &tallies[i];

		report_sum(proof, directory, tally->strays,
			"entries outside all accepted domains");
		report_sum(proof, directory, tally->outside,
			"entries outside the domains it may list");
		report_sum(proof, directory, tally->conflicts,
			"entries that an earlier directory lists");
		report_sum(proof, directory, tally->dead,
			"contacts whose target nobody takes");
		report_sum(proof, directory, tally->missing,
			"contacts for mailboxes that nobody lists");
		report_sum(proof, directory, tally->alike,
			"entries that look like another recipient");
		report_sum(proof, directory, tally->slips,
			"entries that are nearly another system's");
		report_sum(proof, directory, tally->alike_domains,
			"domains that look like an accepted one");
		report_sum(proof, directory, tally->routed,
			"entries that look like source routes");
	}
}

static size_t count_conflicts(const struct tally *tallies, size_t count)
{
	size_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += tallies[i].conflicts;
	return sum;
}

size_t prove_recipients(const struct namespace *ns,
	const struct recipients *recipients, const struct model *model,
	time_t now, struct faults *faults)
{
	struct arena *arena = arena_open();
	struct arena *request = arena_open();
	const struct proof proof = { ns, recipients, model_view(model), now,
		faults, arena };
	struct tally *tallies =
		arena_array(arena, ns->n_directories, sizeof *tallies);
	struct pairs pairs = { &proof, tallies };
	struct share last = { .domain = "" };

	for (size_t i = 0; i < recipients_count(recipients); i++) {
		const struct recipient *first = recipients_get(recipients, i);

		assert(first != NULL);
		for (const struct recipient *at = first; at != NULL;
			at = at->next)
			report_stray(&proof, at, share_of(&last, &proof, at),
				&tallies[at->directory->index], request);
		if (is_plain(first, &last))
			continue;
		arena_reset(request);
		conflicts_find(proof.view, first, report_conflict, &pairs);
		report_dead(&proof, first, tallies, request);
	}
	lookalikes_find(recipients, report_alike, &pairs);
	lookalike_domains_find(ns, recipients, report_alike_domain, &pairs);
	/* Last, for they look recipients up, which may not be ready before. */
	prove_contacts(&proof);
	prove_named_targets(&proof);
	prove_rows(ns, model, now, faults);
	report_sums(&proof, tallies);
	const size_t n_conflicts = count_conflicts(tallies, ns->n_directories);

	arena_close(&request);
	arena_close(&arena);
	return n_conflicts;
}
