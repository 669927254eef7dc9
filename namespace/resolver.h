/*
 * One recipient, one answer: the rules of resolution, in one place.  The
 * daemon, explain and the compiler of the maps all call this.
 */
#ifndef NAMESPACE_RESOLVER_H
#define NAMESPACE_RESOLVER_H

#include "namespace/address.h"
#include "namespace/route.h"

enum verdict {
	VERDICT_ACCEPT,
	VERDICT_RELAY,
	VERDICT_REJECT,
	VERDICT_DEFER,
	VERDICT_PASS,
};

enum reason {
	REASON_LISTED,
	REASON_CONTACT,
	REASON_POSTMASTER,
	REASON_SECONDARY,
	REASON_CATCH_ALL,
	REASON_UNLISTED,
	REASON_VERIFY,
	REASON_UNKNOWN,
	REASON_DIRECTORY_STALE,
	REASON_LOOP,
	REASON_NOT_OURS,
	REASON_NOT_AN_ADDRESS,
	REASON_LOOKUP_FAILED,
};

/* recipient: Postfix's internal form, unquoted.  client: NULL = unknown. */
struct question {
	const char *recipient;
	size_t len;
	const struct network *client;
	time_t now;
};

struct resolution {
	enum verdict verdict;
	enum reason reason;
	struct address address; /* as asked */
	const char *final; /* the key it is delivered to */
	/* The first address that an alias makes of it; NULL = none does. */
	const char *rewritten;
	bool is_caught; /* rewritten by a catch-all */
	const struct domain *domain; /* that accepts it; NULL = none */
	const struct directory *directory; /* that decided; NULL = none */
	struct route route;
};

/* One step of the way, for explain; what it is about, where there is one. */
struct step {
	const char *name; /* "domain", "contact", "directory", "route", ... */
	const char *text; /* what was asked and what came of it */
	const struct domain *domain;
	const struct connector *connector;
	const struct directory *directory;
	const char *address; /* a key: a contact, or what a directory lists */
};

/* The texts of steps live in the request's arena. */
struct trace {
	void (*step)(void *context, const struct step *step);
	void *context;
};

/*
 * Never fails: what can not be looked up is VERDICT_DEFER.  trace NULL:
 * the steps are taken in silence.
 */
void resolve(struct resolution *out, const struct view *view,
	const struct question *question, const struct trace *trace,
	struct arena *request);

/* The same for a key of the maps, whoever the client, in silence. */
void resolve_key(struct resolution *out, const struct view *view,
	const char *key, time_t now, struct arena *request);

/*
 * The answer for whoever nobody lists in a domain: what a wildcard of the
 * maps has to say.
 */
struct wildcard {
	enum verdict verdict;
	enum reason reason;
	const struct domain *domain;
	const char *target; /* an address key, "@d", or NULL: not rewritten */
};

/*
 * name in ascii form; "?.d" stands for the names below d that have no
 * entries, as no label is "?".
 */
void resolve_wildcard(struct wildcard *out, const struct view *view,
	const char *name, time_t now, struct arena *request);

/*
 * A directory of the view that never loaded, or more than its max-age before
 * or, by a clock that was wrong then, after this time.
 */
bool directory_is_stale(
	const struct view *view, const struct directory *directory, time_t now);

/* Whether mail is taken: accepted or relayed. */
bool verdict_takes(enum verdict verdict);
const char *verdict_format(enum verdict verdict);
const char *reason_format(enum reason reason);
/*
 * What Postfix is told: "DUNNO", "reject_unverified_recipient", or a whole
 * "NNN X.Y.Z text".  Fixed texts, ASCII, under 200 bytes, no inner host.
 */
const char *reply_format(const struct resolution *resolution);

#endif
