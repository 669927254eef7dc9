/*
 * The text of a last-good copy, in memory: who reads a directory makes one,
 * who serves it walks over it.
 */
#ifndef DIRECTORY_LISTING_H
#define DIRECTORY_LISTING_H

#include "base/slice.h"

#include <stdint.h>

struct class_counts;
struct text;

/* One line of it; slices of the text. */
struct listing_entry {
	struct slice address; /* a key; an "@" within */
	struct slice domain; /* what follows its last "@" */
	struct slice origin;
	struct slice target; /* a key; without length: a mailbox */
};

/* What stands before and behind the entries. */
void listing_put_head(struct text *text);
void listing_put_tail(struct text *text, const struct class_counts *classes,
	size_t n_entries);

/* What is left of a text. */
struct listing_walk {
	const char *at, *end;
};

/*
 * Stands before the first entry, with the count that the last line tells;
 * false where the text has no such beginning and end, or has a NUL in it.
 */
bool listing_begin(
	struct listing_walk *walk, struct slice text, size_t *n_entries);
/* The next entry; false at the first line that is none. */
bool listing_next(struct listing_walk *walk, struct listing_entry *out);
/*
 * Whether what is left is the end of n_entries entries: only then it was a
 * whole text, and its classes are added; NULL = not wanted.
 */
bool listing_finish(const struct listing_walk *walk, size_t n_entries,
	struct class_counts *classes);

/* As much of the end of a text as listing_fits() looks at. */
enum { LISTING_END = 32 };
/*
 * Whether a text of so many bytes may have this end: it tells of so many
 * entries that their lines have no more than 4,096 bytes on average.  Of what
 * may not, *n_entries is nothing.
 */
bool listing_fits(struct slice end, uint64_t size, size_t *n_entries);

/* A contact that stands for itself vouches for nobody. */
bool listing_is_somebody(const struct listing_entry *entry);

#endif
