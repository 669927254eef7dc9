/*
 * Whether the world's mail comes to this Postfix, by MX (RFC 5321 5.1), and
 * whether its smart hosts are found.  What a server can not tell is unknown,
 * never wrong.
 */
#include "doctor/checks.h"

#include "base/arena.h"
#include "doctor/lookups.h"

#include <string.h>

static const struct lookups *lookups_of(struct examination *examination)
{
	if (examination->lookups == NULL)
		examination->lookups =
			lookups_ask(examination->ns, examination->instance,
				examination->resolver, examination->arena);
	return examination->lookups;
}

/* All that failed in one way are one finding: with the first of them. */
static void report_failed(struct examination *examination,
	const struct dns_question *list, size_t count, size_t at)
{
	const char *resolver = examination->resolver;
	size_t same = 0;

	for (size_t i = 0; i < count; i++) {
		if (list[i].lookup != LOOKUP_FAILED ||
			strcmp(list[i].why, list[at].why) != 0)
			continue;
		if (i < at)
			return;
		same++;
	}
	check_found(examination, SEVERITY_UNKNOWN,
		resolver == NULL ? "resolv.conf" : resolver, "",
		"the %s of %s%s can not be looked up: %s",
		list[at].type == DNS_MX ? "MX" : "addresses", list[at].name,
		same == 1 ? ""
			  : arena_printf(examination->arena, " and %zu more",
				    same - 1),
		list[at].why);
}

static void run_unanswered(struct examination *examination)
{
	const struct lookups *lookups = lookups_of(examination);

	if (lookups->trouble != NULL)
		check_found(examination, SEVERITY_UNKNOWN, "resolver", "",
			"nothing can be looked up: %s", lookups->trouble);
	for (size_t kind = 0; kind < 2; kind++)
		for (size_t i = 0; i < lookups->n_questions[kind]; i++)
			if (lookups->questions[kind][i].lookup == LOOKUP_FAILED)
				report_failed(examination,
					lookups->questions[kind],
					lookups->n_questions[kind], i);
}

/* Of the exchanges, how many are of a kind. */
struct tally {
	size_t n_here, n_elsewhere, n_missing, n_failed;
};

static struct tally tally_of(const struct mail_domain *domain)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < domain->n_exchanges; i++) {
		const struct exchange *exchange = &domain->exchanges[i];

		switch (exchange->addresses->lookup) {
		case LOOKUP_FOUND:
			if (exchange->is_here)
				tally.n_here++;
			else
				tally.n_elsewhere++;
			break;
		case LOOKUP_NONE: tally.n_missing++; break;
		case LOOKUP_FAILED: tally.n_failed++; break;
		}
	}
	return tally;
}

static void check_missing(
	struct examination *examination, const struct mail_domain *domain)
{
	const struct dns_question *mx = domain->mx;

	if (mx->lookup != LOOKUP_NONE)
		return;
	if (mx->is_unnamed)
		check_found(examination, SEVERITY_ERROR, domain->name, "",
			"there is no %s in DNS: nobody outside can write to "
			"it; publish its MX, or --skip mx-missing where it is "
			"for inside alone",
			domain->name);
	else if (tally_of(domain).n_missing > 0)
		check_found(examination, SEVERITY_ERROR, domain->name, "",
			"DNS has neither an MX nor an address of %s: nobody "
			"outside can write to it; publish an MX that names "
			"this Postfix",
			domain->name);
}

static void check_null(
	struct examination *examination, const struct mail_domain *domain)
{
	if (domain->mx->lookup == LOOKUP_FOUND && domain->n_exchanges == 0)
		check_found(examination, SEVERITY_ERROR, domain->name, "",
			"%s has the MX \".\", which says that it takes no mail "
			"(RFC 7505): nobody outside can write to it; publish "
			"an MX that names this Postfix",
			domain->name);
}

static void check_alias(
	struct examination *examination, const struct mail_domain *domain)
{
	for (size_t i = 0;
		domain->mx->lookup == LOOKUP_FOUND && i < domain->n_exchanges;
		i++)
		if (domain->exchanges[i].addresses->is_alias)
			check_found(examination, SEVERITY_WARNING, domain->name,
				"",
				"the MX %s is a CNAME, which an MX must not "
				"name (RFC 2181 10.3): some systems refuse to "
				"send there; name the host itself",
				domain->exchanges[i].host);
}

static void check_unresolved(
	struct examination *examination, const struct mail_domain *domain)
{
	const struct tally tally = tally_of(domain);
	const bool is_all = tally.n_missing == domain->n_exchanges;

	for (size_t i = 0;
		domain->mx->lookup == LOOKUP_FOUND && i < domain->n_exchanges;
		i++) {
		const struct exchange *exchange = &domain->exchanges[i];

		if (exchange->addresses->lookup == LOOKUP_NONE)
			check_found(examination,
				is_all ? SEVERITY_ERROR : SEVERITY_WARNING,
				domain->name, "",
				"the MX %s has no address in DNS: %s",
				exchange->host,
				is_all ? "nobody outside can write to the "
					 "domain"
				       : "senders go on to another");
	}
}

static const char *hosts_of(
	const struct mail_domain *domain, struct arena *arena)
{
	enum { SHOWN = 4 };
	const char *hosts = "";

	for (size_t i = 0; i < domain->n_exchanges && i < SHOWN; i++)
		hosts = arena_printf(arena, "%s%s%s", hosts, i == 0 ? "" : ", ",
			domain->exchanges[i].host);
	return domain->n_exchanges <= SHOWN
		? hosts
		: arena_printf(arena, "%s, ...", hosts);
}

static void check_elsewhere(
	struct examination *examination, const struct mail_domain *domain)
{
	const struct tally tally = tally_of(domain);

	if (tally.n_elsewhere == 0 || tally.n_here > 0 || tally.n_failed > 0)
		return;
	check_found(examination, SEVERITY_WARNING, domain->name, "",
		"mail for %s goes to %s, and none of its addresses is one "
		"where this Postfix takes mail on port 25; where NAT leads "
		"here, set proxy_interfaces to the outer address; where a "
		"filter stands in front, --skip mx-elsewhere",
		domain->name, hosts_of(domain, examination->arena));
}

/* The exchanges are in order of preference. */
static void check_backup(
	struct examination *examination, const struct mail_domain *domain)
{
	const struct exchange *before = NULL, *here = NULL;

	for (size_t i = 0; i < domain->n_exchanges && here == NULL; i++) {
		const struct exchange *exchange = &domain->exchanges[i];

		if (exchange->is_here)
			here = exchange;
		else if (before == NULL &&
			exchange->addresses->lookup == LOOKUP_FOUND)
			before = exchange;
	}
	if (before == NULL || here == NULL ||
		before->preference == here->preference)
		return;
	check_found(examination, SEVERITY_WARNING, domain->name, "",
		"this Postfix is but the backup of %s: mail goes to %s "
		"(preference %u) before it comes to %s (preference %u)",
		domain->name, before->host, before->preference, here->host,
		here->preference);
}

static void each_domain(struct examination *examination,
	void (*check)(struct examination *examination,
		const struct mail_domain *domain))
{
	const struct lookups *lookups = lookups_of(examination);

	for (size_t i = 0; i < lookups->n_domains; i++)
		check(examination, &lookups->domains[i]);
}

static void run_missing(struct examination *examination)
{
	each_domain(examination, check_missing);
}

static void run_null(struct examination *examination)
{
	each_domain(examination, check_null);
}

static void run_alias(struct examination *examination)
{
	each_domain(examination, check_alias);
}

static void run_unresolved(struct examination *examination)
{
	each_domain(examination, check_unresolved);
}

static void run_elsewhere(struct examination *examination)
{
	each_domain(examination, check_elsewhere);
}

static void run_backup(struct examination *examination)
{
	each_domain(examination, check_backup);
}

static void run_host(struct examination *examination)
{
	const struct lookups *lookups = lookups_of(examination);

	for (size_t i = 0; i < lookups->n_hosts; i++) {
		const struct smart_host *host = &lookups->hosts[i];

		if (host->lookup == LOOKUP_NONE)
			check_found(examination, SEVERITY_ERROR,
				host->hop->text, "",
				"smart host %s of connector \"%s\" has no "
				"address: its mail is deferred, and bounced "
				"where DNS has no such name; mend the name in "
				"%s, or in DNS",
				host->hop->text, host->connector->name,
				examination->config);
	}
}

static void run_loop(struct examination *examination)
{
	const struct lookups *lookups = lookups_of(examination);

	for (size_t i = 0; i < lookups->n_hosts; i++) {
		const struct smart_host *host = &lookups->hosts[i];

		if (host->loops)
			check_found(examination, SEVERITY_ERROR,
				host->hop->text, "",
				"smart host %s of connector \"%s\" is this "
				"Postfix by its address: mail would come "
				"straight back; name the other system in %s",
				host->hop->text, host->connector->name,
				examination->config);
	}
}

static const struct check checks[] = {
	{ "dns-unanswered", "DNS answers what is asked", run_unanswered },
	{ "mx-missing", "each accepted domain has an MX", run_missing },
	{ "mx-null", "no accepted domain has a null MX", run_null },
	{ "mx-alias", "no MX is a CNAME", run_alias },
	{ "mx-unresolved", "each MX has an address", run_unresolved },
	{ "mx-elsewhere", "an MX leads to this Postfix", run_elsewhere },
	{ "mx-backup", "no other host is before this Postfix", run_backup },
	{ "smart-host-unresolved", "each smart host has an address", run_host },
	{ "smart-host-loop", "no smart host's name leads back", run_loop },
};

const struct check *check_dns(size_t index)
{
	return index < sizeof checks / sizeof checks[0] ? &checks[index] : NULL;
}
