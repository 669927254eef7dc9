/*
 * Questions to DNS, many at a time, with time limits of our own (RFC 1035,
 * RFC 3596).  Neither /etc/hosts nor a search list is asked.
 */
#ifndef DOCTOR_DNS_H
#define DOCTOR_DNS_H

#include "base/err.h"
#include "namespace/lookup.h"
#include "namespace/network.h"

#include <stddef.h>

struct arena;
struct dns;

enum dns_type { DNS_MX, DNS_ADDRESSES };

/* host "" is the null MX (RFC 7505). */
struct dns_mx {
	const char *host;
	unsigned preference;
};

struct dns_question {
	enum dns_type type; /* DNS_ADDRESSES: A and AAAA */
	const char *name; /* ascii */

	/* The answer.  NONE: there is no such record, or no such name. */
	enum lookup lookup;
	bool is_unnamed; /* NXDOMAIN */
	bool is_alias; /* the name is a CNAME */
	const char *why; /* FAILED: "the server did not answer in time" */
	const struct dns_mx *mx; /* lowest preference first, then by host */
	size_t n_mx;
	const struct network *addresses;
	size_t n_addresses;
};

/*
 * resolver: "HOST[:PORT]", "[::1]:53", HOST a name or an address; NULL:
 * those of resolv.conf(5).  NULL on failure.
 */
struct dns *dns_open(const char *resolver, struct err *err);
void dns_close(struct dns **dns);

/*
 * Fills in the answers, which live in the arena.  Returns within seconds of
 * the slowest server's time limit; where not one question was answered in
 * that time the rest are not asked, and have failed as the first did; nor
 * are those that a slow server leaves after a minute.
 */
void dns_ask(struct dns *dns, struct dns_question *questions, size_t count,
	struct arena *arena);

#endif
