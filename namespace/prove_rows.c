/*
 * The resolver follows so many steps and no more, whether they are names of
 * names or contacts of contacts.  Each row is held to that by itself where it
 * is read or proven; here are the two of them one behind the other.  Asked is
 * the far end of the longest row of names alone: where somebody on the way
 * takes the mail, he is the end.
 */
#include "namespace/prove.h"

#include "base/arena.h"
#include "namespace/resolver.h"
#include "namespace/search.h"
#include "namespace/secondary.h"

#include <string.h>

struct proof {
	const struct namespace *ns;
	const struct view *view;
	time_t now;
	struct faults *faults;
	struct arena *scratch; /* of one contact, or all domains */
	struct arena *request;
	const struct secondary_row *rows, *rows_below; /* of each domain */
};

/* The model can always be read: nothing but a way without end fails. */
static bool has_end(const struct proof *proof, const char *key)
{
	struct resolution resolution;

	arena_reset(proof->request);
	resolve_key(&resolution, proof->view, key, proof->now, proof->request);
	return resolution.reason != REASON_LOOKUP_FAILED;
}

static bool anybody_has_end(const struct proof *proof, const char *name)
{
	struct wildcard wildcard;

	arena_reset(proof->request);
	resolve_wildcard(
		&wildcard, proof->view, name, proof->now, proof->request);
	return wildcard.reason != REASON_LOOKUP_FAILED;
}

static void report(const struct proof *proof, struct place place,
	const char *what, const struct secondary_row *row)
{
	const struct domain *first = &proof->ns->domains[row->from];

	faults_error(proof->faults, place,
		"%s is %zu name%s away from secondary domain \"%s\" (%s:%u), "
		"and what it stands for is too far for that: through more than "
		"%d names and contacts in all nobody is reached; shorten one "
		"of the two ways",
		what, row->steps, row->steps == 1 ? "" : "s",
		first->pattern.name.ascii, first->place.file, first->place.line,
		(int)DEPTH_MAX);
}

static bool is_reached(
	const struct proof *proof, const char *address, const char *name)
{
	const int len = (int)(strrchr(address, '@') - address);

	return has_end(proof,
		arena_printf(proof->scratch, "%.*s@%s", len, address, name));
}

/* Below: what the contact's name has before that of the row, and a dot. */
static bool prove_row(const struct proof *proof, const struct contact *contact,
	const struct secondary_row *row, const char *below, int len)
{
	if (row->steps == 0)
		return true;
	const char *name = arena_printf(proof->scratch, "%.*s%s", len, below,
		proof->ns->domains[row->from].pattern.name.ascii);

	if (is_reached(proof, contact->address, name) ||
		!has_end(proof, contact->address))
		return true;
	report(proof, contact->place,
		arena_printf(proof->scratch, "contact %s", contact->address),
		row);
	return false;
}

static bool prove_row_below(const struct proof *proof,
	const struct contact *contact, const char *name, const char *parent)
{
	const struct domain *owner;

	return proof->view->ops->domain(proof->view,
		       arena_printf(proof->scratch, ".%s", parent),
		       &owner) != LOOKUP_FOUND ||
		prove_row(proof, contact,
			&proof->rows_below[owner - proof->ns->domains], name,
			(int)(parent - name));
}

/* A name below a primary may be a domain of its own. */
static void prove_contact(
	const struct proof *proof, const struct contact *contact)
{
	const char *name = strrchr(contact->address, '@') + 1;
	const struct domain *owner;

	arena_reset(proof->scratch);
	if (proof->view->ops->domain(proof->view, name, &owner) ==
			LOOKUP_FOUND &&
		!prove_row(proof, contact,
			&proof->rows[owner - proof->ns->domains], "", 0))
		return;
	for (const char *at = domain_parent(name); at != NULL;
		at = domain_parent(at))
		if (!prove_row_below(proof, contact, name, at))
			return;
}

static void prove_domain(const struct proof *proof, const struct domain *domain)
{
	const struct secondary_row *row =
		&proof->rows[domain - proof->ns->domains];
	const char *own = domain->pattern.name.ascii;

	if (!domain->is_enabled || row->steps == 0 ||
		domain->secondary_of != NULL)
		return;
	const char *far = proof->ns->domains[row->from].pattern.name.ascii;

	if (domain->catch_all != NULL && !anybody_has_end(proof, far) &&
		anybody_has_end(proof, own))
		report(proof, domain->place, "the catch-all", row);
	if (proof->ns->postmaster != NULL &&
		!is_reached(proof, "postmaster@", far) &&
		is_reached(proof, "postmaster@", own))
		report(proof, proof->ns->postmaster_place,
			arena_printf(proof->scratch, "postmaster@%s", own),
			row);
}

void prove_rows(const struct namespace *ns, const struct model *model,
	time_t now, struct faults *faults)
{
	struct arena *arena = arena_open();
	const struct view *view = model_view(model);
	struct proof proof = { .ns = ns,
		.view = view,
		.now = now,
		.faults = faults,
		.scratch = arena_open(),
		.request = arena_open(),
		.rows = secondary_rows(ns, view, arena),
		.rows_below = secondary_rows_below(ns, view, arena) };

	for (size_t i = 0; i < ns->n_contacts; i++)
		prove_contact(&proof, &ns->contacts[i]);
	for (size_t i = 0; i < ns->n_domains; i++)
		prove_domain(&proof, &ns->domains[i]);
	arena_close(&proof.request);
	arena_close(&proof.scratch);
	arena_close(&arena);
}
