/*
 * Which listed addresses an unknown one resembles: what its sender probably
 * meant.  The questions come first, then every listed address passes by once;
 * nothing but the best answers is kept.
 */
#ifndef VERDICTS_LIKENESS_H
#define VERDICTS_LIKENESS_H

#include "base/slice.h"

struct likeness;

enum likeness_kind {
	LIKENESS_DOTS, /* the same but for dots, hyphens, underscores */
	LIKENESS_TYPO, /* a letter or two */
	LIKENESS_DOMAIN, /* the same local part in another domain */
};

struct likeness_match {
	char *address; /* a key, as listed */
	enum likeness_kind kind;
	unsigned distance;
};

enum { LIKENESS_BEST = 3 };

struct likeness *likeness_open(void);
void likeness_close(struct likeness **likeness);

/*
 * Asks about an address key (see namespace/address.h), which is copied; the
 * number of the question, from 0.  primary: another domain whose recipients
 * are also those of its own; NULL = none.
 */
size_t likeness_ask(
	struct likeness *likeness, const char *key, const char *primary);
/* A key that is listed; one without a local part is none. */
void likeness_feed(struct likeness *likeness, struct slice listed);
/* The best ones first, at most LIKENESS_BEST; until likeness_close(). */
size_t likeness_get(const struct likeness *likeness, size_t question,
	const struct likeness_match **out);

/*
 * How many letters have to be put in, left out, changed, or swapped with
 * their neighbour to make one text (UTF-8) of the other (optimal string
 * alignment, after Damerau); limit + 1 where it is more than the limit.
 */
unsigned likeness_distance(struct slice a, struct slice b, unsigned limit);

#endif
