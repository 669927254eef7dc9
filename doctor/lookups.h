/*
 * What DNS says of the accepted domains that the world sends to, and of the
 * connectors' smart hosts: asked once, looked at by several checks.
 */
#ifndef DOCTOR_LOOKUPS_H
#define DOCTOR_LOOKUPS_H

#include "doctor/dns.h"
#include "doctor/smart_hosts.h"

/* A host that takes a domain's mail, by its MX or, without, by itself. */
struct exchange {
	const char *host;
	unsigned preference;
	const struct dns_question *addresses;
	bool is_here; /* one of them leads to this Postfix */
};

struct mail_domain {
	const char *name;
	const struct domain *domain;
	const struct dns_question *mx;
	/* Lowest preference first; of a domain without MX: itself (RFC 5321
	   5.1); of a null MX: none. */
	struct exchange *exchanges;
	size_t n_exchanges;
};

struct lookups {
	struct mail_domain *domains;
	size_t n_domains;
	struct smart_host *hosts;
	size_t n_hosts;
	const struct dns_question *questions[2]; /* of MX; of addresses */
	size_t n_questions[2];
	const char *trouble; /* why nothing was asked; NULL = it was */
};

/*
 * resolver: as for dns_open().  Domains that are for trusted clients alone
 * and those of subdomains alone are nothing that an MX leads to.
 */
const struct lookups *lookups_ask(const struct namespace *ns,
	const struct instance *instance, const char *resolver,
	struct arena *arena);

#endif
