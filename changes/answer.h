/*
 * What a generation makes of one recipient, as far as whoever sends to it
 * or receives there can tell; and what becomes of them when it changes.
 */
#ifndef CHANGES_ANSWER_H
#define CHANGES_ANSWER_H

#include "namespace/resolver.h"

struct answer {
	enum verdict verdict;
	enum reason reason;
	const char *domain; /* as configured, "#d"; NULL = not ours */
	const char *directory; /* that decided; NULL = none */
	const char *connector; /* the first; NULL = none */
	const char *nexthop; /* a transport(5) result; "" = as DNS says */
	const char *to; /* the key delivered to, if another; NULL */
};

/* The texts live in the arena, or as long as the view. */
void answer_of(struct answer *out, const struct resolution *resolution,
	struct arena *arena);
/* The same for a key of the maps, whoever the client. */
void answer_of_key(struct answer *out, const struct view *view, const char *key,
	time_t now, struct arena *arena);

/* Accepted or relayed. */
bool answer_is_let_in(const struct answer *answer);

/* Not ours: Postfix says 554 to strangers, as good as a reject. */
enum change {
	CHANGE_NONE, /* nobody could tell */
	CHANGE_ACCEPTED, /* newly */
	CHANGE_REFUSED, /* for good, and was accepted or deferred before */
	CHANGE_DEFERRED, /* and was accepted or refused before */
	CHANGE_REROUTED, /* accepted by both, to another hop or address */
	CHANGES
};

enum change change_of(const struct answer *before, const struct answer *after);
/* "accepted", "refused", "deferred", "rerouted", "unchanged" */
const char *change_format(enum change change);
/*
 * "exchange smtp:[10.8.0.25]:25", "saas smtp:[a]:25 as crm@saas.example", "as
 * DNS says": the way of an accepted recipient; else verdict and reason,
 * "reject unknown", "not ours".
 */
const char *answer_format(const struct answer *answer, struct arena *arena);

#endif
