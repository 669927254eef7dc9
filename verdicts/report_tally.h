/*
 * Who comes how often, in bounded memory: exact as long as there are no more
 * than TALLY_MAX of them.  From then on the rare ones are dropped again and
 * again (Misra and Gries), and each count may be too low by `missed` at most.
 */
#ifndef VERDICTS_REPORT_TALLY_H
#define VERDICTS_REPORT_TALLY_H

#include "base/slice.h"

#include <stddef.h>
#include <stdint.h>

enum { TALLY_MAX = 20000, DISTINCT_MAX = 16 };

/* Exact to DISTINCT_MAX; n is one more where there are more. */
struct distinct {
	uint64_t seen[DISTINCT_MAX];
	unsigned n;
};

void distinct_add(struct distinct *distinct, struct slice bytes);

struct tally_entry {
	char *key;
	unsigned long count;
	int64_t first_us, last_us;
	struct distinct senders, clients;
	/* What its owner knows of it; free() is called for both texts. */
	char *detail;
	char *address;
	unsigned domain;
	int connector; /* -1 = none */
};

struct table;

/* Start with { 0 }. */
struct tally {
	struct table *table;
	struct tally_entry **entries;
	size_t n;
	unsigned long missed;
	unsigned long total;
};

void tally_fini(struct tally *tally);
/*
 * The entry of the key, made where there is none (connector is -1 then);
 * holds until the next call.
 */
struct tally_entry *tally_take(
	struct tally *tally, const char *key, int64_t time_us);
/* The most frequent first, then by key. */
void tally_sort(struct tally *tally);

#endif
