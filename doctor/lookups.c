/*
 * Two rounds: the MX of all domains; then the addresses of every host that
 * came of it, each asked once however many domains it serves.
 */
#include "doctor/lookups.h"

#include "base/arena.h"
#include "base/table.h"

struct asker {
	struct lookups *lookups;
	struct arena *arena;
	struct dns *dns;
	struct table *hosts; /* name -> its question */
	struct dns_question *addresses;
	size_t n_addresses;
};

static bool is_for_the_world(const struct domain *domain)
{
	return domain->is_enabled && !domain->is_trusted_only &&
		domain->pattern.scope != SCOPE_SUBDOMAINS;
}

/* "d" and "#d" side by side are one name. */
static void domains_collect(struct asker *asker, const struct namespace *ns)
{
	struct lookups *lookups = asker->lookups;
	struct dns_question *mx;
	struct table *seen = table_open();

	lookups->domains = arena_array(
		asker->arena, ns->n_domains, sizeof *lookups->domains);
	mx = arena_array(asker->arena, ns->n_domains, sizeof *mx);
	for (size_t i = 0; i < ns->n_domains; i++) {
		const struct domain *domain = &ns->domains[i];
		const char *name = domain->pattern.name.ascii;
		const size_t n = lookups->n_domains;

		if (!is_for_the_world(domain) || table_find(seen, name) != NULL)
			continue;
		table_put(seen, name, &lookups->domains[n]);
		mx[n] = (struct dns_question){ .type = DNS_MX, .name = name };
		lookups->domains[n] = (struct mail_domain){
			.name = name, .domain = domain, .mx = &mx[n]
		};
		lookups->n_domains++;
	}
	table_close(&seen);
	lookups->questions[0] = mx;
	lookups->n_questions[0] = lookups->n_domains;
	dns_ask(asker->dns, mx, lookups->n_domains, asker->arena);
}

static void hosts_collect(struct asker *asker, const struct namespace *ns)
{
	struct lookups *lookups = asker->lookups;
	size_t count = 0;

	for (size_t i = 0; i < ns->n_connectors; i++)
		count += ns->connectors[i].n_hops;
	lookups->hosts =
		arena_array(asker->arena, count, sizeof *lookups->hosts);
	for (size_t i = 0; i < ns->n_connectors; i++) {
		const struct connector *connector = &ns->connectors[i];

		for (size_t h = 0;
			connector->is_enabled && h < connector->n_hops; h++) {
			const struct hop *hop = &connector->hops[h];

			if (hop->host != NULL && !hop->is_literal)
				lookups->hosts[lookups->n_hosts++] =
					(struct smart_host){ connector, hop,
						NULL };
		}
	}
}

static size_t exchanges_of(const struct mail_domain *domain)
{
	return domain->mx->lookup == LOOKUP_FOUND ? domain->mx->n_mx : 1;
}

static const struct dns_question *want_addresses(
	struct asker *asker, const char *name)
{
	struct dns_question *question = table_find(asker->hosts, name);

	if (question != NULL)
		return question;
	question = &asker->addresses[asker->n_addresses++];
	*question =
		(struct dns_question){ .type = DNS_ADDRESSES, .name = name };
	table_put(asker->hosts, name, question);
	return question;
}

static void exchanges_collect(struct asker *asker, struct mail_domain *domain)
{
	const struct dns_question *mx = domain->mx;

	if (mx->lookup == LOOKUP_FAILED || mx->is_unnamed)
		return;
	domain->exchanges = arena_array(
		asker->arena, exchanges_of(domain), sizeof *domain->exchanges);
	if (mx->lookup == LOOKUP_NONE)
		domain->exchanges[domain->n_exchanges++] =
			(struct exchange){ domain->name, 0,
				want_addresses(asker, domain->name) };
	for (size_t i = 0; i < mx->n_mx; i++) {
		const struct dns_mx *at = &mx->mx[i];

		if (at->host[0] != '\0')
			domain->exchanges[domain->n_exchanges++] =
				(struct exchange){ at->host, at->preference,
					want_addresses(asker, at->host) };
	}
}

static void addresses_collect(struct asker *asker)
{
	struct lookups *lookups = asker->lookups;
	size_t room = lookups->n_hosts;

	for (size_t i = 0; i < lookups->n_domains; i++)
		room += exchanges_of(&lookups->domains[i]);
	asker->addresses =
		arena_array(asker->arena, room, sizeof *asker->addresses);
	for (size_t i = 0; i < lookups->n_domains; i++)
		exchanges_collect(asker, &lookups->domains[i]);
	for (size_t i = 0; i < lookups->n_hosts; i++)
		lookups->hosts[i].addresses =
			want_addresses(asker, lookups->hosts[i].hop->host);
	lookups->questions[1] = asker->addresses;
	lookups->n_questions[1] = asker->n_addresses;
	dns_ask(asker->dns, asker->addresses, asker->n_addresses, asker->arena);
}

const struct lookups *lookups_ask(
	const struct namespace *ns, const char *resolver, struct arena *arena)
{
	struct lookups *lookups = arena_alloc(arena, sizeof *lookups);
	struct asker asker = { .lookups = lookups, .arena = arena };
	struct err err = { 0 };

	asker.dns = dns_open(resolver, &err);
	if (asker.dns == NULL) {
		lookups->trouble = arena_strdup(arena, err.text);
		return lookups;
	}
	asker.hosts = table_open();
	domains_collect(&asker, ns);
	hosts_collect(&asker, ns);
	addresses_collect(&asker);
	table_close(&asker.hosts);
	dns_close(&asker.dns);
	return lookups;
}
