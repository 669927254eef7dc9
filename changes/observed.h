/* What a log says happened to one recipient of one message. */
#ifndef CHANGES_OBSERVED_H
#define CHANGES_OBSERVED_H

#include "base/slice.h"
#include "namespace/network.h"
#include "namespace/resolver.h"

#include <stdint.h>

struct attempt;
struct record;

/* Of a message. */
struct observed_client {
	bool is_known;
	struct network network;
};

enum observed_source {
	OBSERVED_VERDICT, /* policyd's line, also a shadow's */
	OBSERVED_REFUSAL, /* smtpd's */
	OBSERVED_DELIVERY, /* a delivery agent's */
};

struct observed {
	enum observed_source source;
	int64_t time_us; /* when it was asked for; else delivered */
	/* As asked, in internal form; any byte may be in it, and a NUL ends
	   it.  Of Postfix's lines in the form of log_address_key(). */
	const char *recipient;
	size_t len;
	bool is_cut; /* policyd's line has no more than the beginning */
	bool says_nothing; /* refused, for no reason of its own */
	struct observed_client client;
	/* A delivery is VERDICT_ACCEPT; 554 Relay access denied is
	   VERDICT_PASS; refused by what was asked for is REASON_VERIFY. */
	enum verdict verdict;
	enum reason reason;
	const char *connector,
		*nexthop; /* by a verdict; NULL = none is given */
	/* By deliveries; NULL = not known, or several. */
	const char *relay; /* "mx[10.8.0.25]:25", "virtual" */
	const char *to; /* log_address_key() of the address delivered to */
	bool is_several; /* it was made several addresses, or ways */
	bool is_bounced; /* the system behind did not have it */
};

/* With copies of all it needs; NULL: the line names no known verdict. */
struct observed *observed_of_verdict(const struct record *record);
/* key: by log_address_key() */
struct observed *observed_of_key(
	enum observed_source source, int64_t time_us, const char *key);
void observed_close(struct observed **observed);

/* "unknown[192.0.2.7]", or the address alone. */
struct observed_client observed_client_parse(struct slice text);
/* One of the addresses it was delivered to, and how that ended. */
void observed_add_attempt(
	struct observed *observed, const struct attempt *attempt);

#endif
