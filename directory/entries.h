/*
 * The text of a listing while it is made: a line for each entry, in order of
 * arrival, and each key once.  A mailbox comes before a contact of the same
 * key, wherever they stand; of two contacts the first one stays.
 */
#ifndef DIRECTORY_ENTRIES_H
#define DIRECTORY_ENTRIES_H

#include "base/slice.h"

struct class_counts;
struct entries;
struct listing_entry;

/* clash() is told of a contact that has another target than the first. */
struct entries *entries_open(
	void (*clash)(void *context, const struct listing_entry *first,
		const struct listing_entry *again),
	void *context);
void entries_close(struct entries **entries);

/*
 * A line is put together where it stands: room for len more bytes of it, which
 * may be written to; and that so many of them were, or are taken from bytes.
 */
char *entries_reserve(struct entries *entries, size_t len);
void entries_extend(struct entries *entries, size_t len);
void entries_append(struct entries *entries, const char *bytes, size_t len);
/* The line is whole, with its end; its key has so many bytes. */
void entries_add(struct entries *entries, size_t key_len, bool is_contact);
/* Who clashed is told by now. */
void entries_settle(struct entries *entries);
/*
 * So many of all bytes of the source were read by now: makes room for what
 * is still to come, if it is like what came.
 */
void entries_expect(struct entries *entries, size_t seen, size_t all);
/* No more come: once, and before any of the following. */
void entries_finish(
	struct entries *entries, const struct class_counts *classes);

size_t entries_count(const struct entries *entries);
/* The same but for the contacts that stand for themselves. */
size_t entries_somebodies(const struct entries *entries);
/* The text, as long as the entries. */
struct slice entries_listing(const struct entries *entries);
/* Once before the next. */
void entries_index(struct entries *entries);
/* As stage_vouches(). */
bool entries_vouch(
	const struct entries *entries, struct slice key, size_t *hint);

#endif
