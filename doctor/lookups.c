/*
 * Two rounds: the MX of all domains; then the addresses of every host that
 * came of it, each asked once however many domains it serves.
 */
#include "doctor/lookups.h"

#include "base/arena.h"
#include "base/table.h"
#include "doctor/here.h"

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
				want_addresses(asker, domain->name), false };
	for (size_t i = 0; i < mx->n_mx; i++) {
		const struct dns_mx *at = &mx->mx[i];

		if (at->host[0] != '\0')
			domain->exchanges[domain->n_exchanges++] =
				(struct exchange){ at->host, at->preference,
					want_addresses(asker, at->host),
					false };
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

static bool is_here(
	const struct dns_question *addresses, const struct here *here)
{
	for (size_t i = 0; i < addresses->n_addresses; i++)
		/* The world's own loopback is not ours. */
		if (!network_is_loopback(&addresses->addresses[i]) &&
			here_has(here, &addresses->addresses[i],
				HOP_DEFAULT_PORT))
			return true;
	return false;
}

static void settle(struct lookups *lookups, const struct instance *instance)
{
	struct here *here = here_open(instance);

	for (size_t i = 0; i < lookups->n_domains; i++) {
		struct mail_domain *domain = &lookups->domains[i];

		for (size_t x = 0; x < domain->n_exchanges; x++)
			domain->exchanges[x].is_here =
				is_here(domain->exchanges[x].addresses, here);
	}
	for (size_t i = 0; i < lookups->n_hosts; i++)
		smart_host_settle(&lookups->hosts[i], instance, here);
	here_close(&here);
}

const struct lookups *lookups_ask(const struct namespace *ns,
	const struct instance *instance, const char *resolver,
	struct arena *arena)
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
	lookups->n_hosts = smart_hosts_collect(&lookups->hosts, ns, arena);
	addresses_collect(&asker);
	settle(lookups, instance);
	table_close(&asker.hosts);
	dns_close(&asker.dns);
	return lookups;
}
