/*
 * Each is put to the resolver, as for the maps.  Most configurations have a
 * way for every name, or a connector for every directory: then nobody needs
 * to be asked for.
 */
#include "snapshot/wayless.h"

#include "base/arena.h"
#include "namespace/resolver.h"
#include "snapshot/names.h"

#include <string.h>

enum { ERRORS_MAX = 100 };

struct proof {
	const struct maps_input *input;
	const struct view *view;
	struct faults *faults;
	struct arena *request; /* of one address */
};

static bool has_way(const struct proof *proof, const char *name)
{
	struct route route;

	return route_find(&route, proof->view, name) == LOOKUP_FOUND;
}

/* A name below has the way of the names below, if not one of its own. */
static bool has_every_way(const struct proof *proof)
{
	const struct namespace *ns = proof->input->ns;
	const char *names[2];

	for (size_t i = 0; i < ns->n_domains; i++) {
		if (!ns->domains[i].is_enabled)
			continue;
		arena_reset(proof->request);
		for (size_t n = route_names(
			     names, &ns->domains[i].pattern, proof->request);
			n > 0; n--)
			if (!has_way(proof, names[n - 1]))
				return false;
	}
	return true;
}

static bool is_lost(const struct proof *proof, const char *key)
{
	struct resolution resolution;

	resolve_key(&resolution, proof->view, key, proof->input->now,
		proof->request);
	return resolution.verdict == VERDICT_ACCEPT &&
		resolution.rewritten == NULL && resolution.route.count == 0;
}

static const char *space_of(
	const struct proof *proof, const struct domain *domain)
{
	return domain_pattern_format(&domain->pattern, proof->request);
}

static void prove_postmaster(
	const struct proof *proof, const struct domain *owner, const char *key)
{
	/* In a secondary domain nobody else's mail goes there, either. */
	const bool may_be_set = proof->input->ns->postmaster == NULL &&
		owner->secondary_of == NULL;

	faults_error(proof->faults, owner->place,
		"nobody takes the mail of %s, which no domain may refuse: "
		"%sput the address space \"%s\" on a connector",
		key, may_be_set ? "set postmaster, or " : "",
		space_of(proof, owner));
}

/* The first of each domain. */
static void prove_postmasters(const struct proof *proof)
{
	const struct maps_input *input = proof->input;
	struct names *names = names_open(input->ns, input->model);
	struct arena *arena = arena_open();
	bool *is_told = arena_array(arena, input->ns->n_domains, sizeof(bool));

	for (size_t i = 0; i < names_count(names); i++) {
		const struct name *name = names_get(names, i);
		bool *is_owner_told =
			&is_told[name->owner - input->ns->domains];

		if (*is_owner_told || !name_has_postmaster(name, proof->view))
			continue;
		arena_reset(proof->request);
		const char *key = arena_printf(
			proof->request, "postmaster@%s", name->ascii);

		if (!is_lost(proof, key))
			continue;
		*is_owner_told = true;
		prove_postmaster(proof, name->owner, key);
	}
	arena_close(&arena);
	names_close(&names);
}

static bool needs_ways(const struct namespace *ns)
{
	for (size_t i = 0; i < ns->n_directories; i++)
		if (ns->directories[i].is_enabled &&
			ns->directories[i].connector == NULL)
			return true;
	return false;
}

static void tell_mailbox(
	const struct proof *proof, const struct recipient *mailbox)
{
	faults_error(proof->faults, mailbox->directory->place,
		"directory \"%s\" lists %s, and no connector takes its mail: "
		"give one to the directory, or put the address space \"#%s\" "
		"on one",
		mailbox->directory->name, mailbox->key, mailbox->domain);
}

/* Recipients come domain by domain, so that the last answer mostly serves. */
static void prove_mailboxes(const struct proof *proof)
{
	const struct recipients *recipients = proof->input->recipients;
	const struct recipient *last = NULL;
	bool has_last_way = false;
	size_t n_told = 0;

	for (size_t i = 0;
		i < recipients_count(recipients) && n_told < ERRORS_MAX; i++) {
		const struct recipient *at =
			recipient_mailbox(recipients_get(recipients, i));

		if (at == NULL || at->directory->connector != NULL)
			continue;
		if (last == NULL || last->directory != at->directory ||
			strcmp(last->domain, at->domain) != 0)
			has_last_way = has_way(proof, at->domain);
		last = at;
		arena_reset(proof->request);
		if (has_last_way || !is_lost(proof, at->key))
			continue;
		tell_mailbox(proof, at);
		n_told++;
		has_last_way = true; /* one of them is enough */
	}
}

void wayless_prove(const struct maps_input *input, struct faults *faults)
{
	const struct proof proof = { .input = input,
		.view = model_view(input->model),
		.faults = faults,
		.request = arena_open() };
	struct arena *request = proof.request;

	if (!has_every_way(&proof)) {
		prove_postmasters(&proof);
		if (needs_ways(input->ns))
			prove_mailboxes(&proof);
	}
	arena_close(&request);
}
