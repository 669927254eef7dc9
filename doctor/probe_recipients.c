/*
 * All published addresses are gone through, for nothing else says who ends
 * where; a million takes some seconds.
 */
#include "doctor/probe_recipients.h"

#include "base/arena.h"
#include "doctor/probes.h"
#include "namespace/resolver.h"
#include "snapshot/generation.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

enum { ADDRESSES_A_ROUND = 1000 };

struct search_for {
	struct probes *probes;
	const struct view *view;
	time_t now;
	struct arena *arena; /* of the run */
	struct arena *round; /* reset now and then */
	size_t n_asked;
};

static bool leads_to(const struct route *route, const struct probe *probe)
{
	for (size_t i = 0; i < route->count; i++)
		if (strcmp(route->connectors[i]->name,
			    probe->connector->name) == 0)
			return true;
	return false;
}

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text > '\x7f')
			return false;
	return true;
}

static void consider(
	struct search_for *search, struct probe *probe, const char *address)
{
	if (!is_ascii(address)) {
		if (probe->beyond_ascii == NULL)
			probe->beyond_ascii =
				arena_strdup(search->arena, address);
	} else if (probe->asked.known == NULL) {
		probe->asked.known = arena_strdup(search->arena, address);
	}
}

static bool each_address(void *context, const char *address)
{
	struct search_for *search = context;
	struct resolution found;

	if (++search->n_asked % ADDRESSES_A_ROUND == 0)
		arena_reset(search->round);
	resolve_key(&found, search->view, address, search->now, search->round);
	if (found.verdict != VERDICT_ACCEPT || found.reason != REASON_LISTED)
		return true;
	for (size_t i = 0; i < search->probes->count; i++)
		if (leads_to(&found.route, &search->probes->list[i]))
			consider(search, &search->probes->list[i], found.final);
	return true;
}

static const char *nobody_at(const char *domain, struct arena *arena)
{
	uint64_t number = 0;

	/* So early that there is no chance, it is one address of many. */
	if (getrandom(&number, sizeof number, 0) < 0)
		number = UINT64_MAX;
	return arena_printf(
		arena, "postshare-probe-%016jx@%s", (uintmax_t)number, domain);
}

/* A secondary domain's mail is rewritten before it leaves. */
static void add_domain(struct search_for *search, const struct domain *domain)
{
	const char *name = domain->pattern.name.ascii;
	struct route route;

	if (!domain->is_enabled || domain->secondary_of != NULL ||
		domain->pattern.scope == SCOPE_SUBDOMAINS ||
		route_find(&route, search->view, name) != LOOKUP_FOUND)
		return;
	for (size_t i = 0; i < search->probes->count; i++) {
		struct probe *probe = &search->probes->list[i];
		const size_t n = probe->asked.n_unknown;

		if (n == SMTP_PROBE_UNKNOWN_MAX || !leads_to(&route, probe))
			continue;
		probe->domains[n] = domain;
		probe->asked.unknown[n] = nobody_at(name, search->arena);
		probe->asked.n_unknown++;
	}
}

void probe_recipients(struct probes *probes, const struct probes_input *input,
	struct arena *arena)
{
	struct search_for search = {
		.probes = probes,
		.view = generation_view(input->published),
		.now = input->now,
		.arena = arena,
		.round = arena_open(),
	};

	/* Damaged maps are another check's matter. */
	generation_walk_addresses(
		input->published, each_address, &search, NULL);
	for (size_t i = 0; i < input->ns->n_domains; i++)
		add_domain(&search, &input->ns->domains[i]);
	arena_close(&search.round);
}
