/*
 * One recipient, one answer: the rules of resolution, in one place.  The
 * daemon, explain and the compiler of the maps all call this.
 */
#ifndef NAMESPACE_RESOLVER_H
#define NAMESPACE_RESOLVER_H

#include "namespace/address.h"
#include "namespace/view.h"

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

enum { ROUTE_CONNECTORS_MAX = 8 };

/* The connectors whose hops are tried in order; none: no way out is known. */
struct route {
	const struct connector *connectors[ROUTE_CONNECTORS_MAX];
	size_t count;
};

struct resolution {
	enum verdict verdict;
	enum reason reason;
	struct address address; /* as asked */
	const char *final; /* the key it is delivered to */
	const struct domain *domain; /* that accepts it; NULL = none */
	const struct directory *directory; /* that vouched; NULL = none */
	struct route route;
};

/* One step of the way, for explain. */
struct step {
	const char *name; /* "domain", "contact", "directory", "route", ... */
	const char *text; /* what was asked and what came of it */
	struct place place; /* the line that decided; file NULL = none */
};

/* NULL steps are taken in silence.  The texts live in request. */
struct trace {
	void (*step)(void *context, const struct step *step);
	void *context;
};

/* Never fails: what can not be looked up is VERDICT_DEFER. */
void resolve(struct resolution *out, const struct view *view,
	const struct question *question, const struct trace *trace,
	struct arena *request);

/* The way mail for this folded domain leaves, whoever the recipient. */
enum lookup resolve_domain_route(
	struct route *out, const struct view *view, const char *domain);
/* The accepted domain that a folded name belongs to: the longest match. */
enum lookup resolve_domain(
	const struct domain **out, const struct view *view, const char *domain);

/* A directory that never loaded or is past its max-age. */
bool directory_is_stale(
	const struct view *view, const struct directory *directory, time_t now);

/* "smtp:[a]:25, [b]:25": a transport(5) result; "" without connectors. */
const char *route_format(const struct route *route, struct arena *arena);
bool route_equal(const struct route *a, const struct route *b);

const char *verdict_format(enum verdict verdict);
const char *reason_format(enum reason reason);
/*
 * What Postfix is told: "DUNNO", "reject_unverified_recipient", or a whole
 * "NNN X.Y.Z text".  Fixed texts, ASCII, under 200 bytes, no inner host.
 */
const char *reply_format(const struct resolution *resolution);

#endif
