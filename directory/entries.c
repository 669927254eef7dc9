/*
 * Each entry is known by where its line begins.  A line that is no entry after
 * all, for its key was there, stays as a gap until the end.
 *
 * Where all are mailboxes the first of each key is its entry, which is found
 * out at the end and at once.  From the first contact on entries are indexed
 * by the hashes of their keys, and each line is looked up, a little later
 * than it is written: so the memory that tells whether its key is there has
 * arrived.
 */
#include "directory/entries.h"

#include "base/memory.h"
#include "base/slots.h"
#include "base/text.h"
#include "directory/duplicates.h"
#include "directory/listing.h"

#include <stdlib.h>
#include <string.h>

enum {
	N_PENDING = 16, /* a power of two */
	ROOM_FIRST = 64 * 1024,
	ENTRIES_FIRST = 1024,
	EXPECT_MIN = 1000, /* entries; fewer tell little of the rest */
	NOWHERE = 0, /* begins a line that is no entry */
};

/* A line that is not looked up yet. */
struct pending {
	size_t start;
	size_t key_len;
	uint32_t hash;
	bool is_contact;
};

struct entries {
	void (*clash)(void *context, const struct listing_entry *first,
		const struct listing_entry *again);
	void *context;

	char *lines; /* memory_map(), room bytes of it */
	size_t len, room;
	size_t line; /* where the last one begins */
	size_t *starts; /* of each entry; memory_map() */
	uint32_t *hashes; /* of their keys; memory_map() */
	size_t count, room_for; /* entries */
	size_t n_somebodies;
	bool is_indexed;
	struct slots slots; /* key -> number of the entry */
	struct pending pending[N_PENDING]; /* a ring, oldest first */
	size_t first_pending, n_pending;
	bool has_gaps, is_expected;
};

/* Room for len more bytes. */
char *entries_reserve(struct entries *entries, size_t len)
{
	size_t room = entries->room;

	while (room - entries->len < len)
		room *= 2;
	if (room != entries->room)
		entries->lines =
			memory_remap(entries->lines, entries->room, room);
	entries->room = room;
	return entries->lines + entries->len;
}

void entries_extend(struct entries *entries, size_t len)
{
	entries->len += len;
}

void entries_append(struct entries *entries, const char *bytes, size_t len)
{
	memcpy(entries_reserve(entries, len), bytes, len);
	entries->len += len;
}

static void append_head(struct entries *entries)
{
	struct text head;

	text_init(&head);
	listing_put_head(&head);
	entries_append(entries, head.data, head.len);
	text_fini(&head);
}

struct entries *entries_open(
	void (*clash)(void *context, const struct listing_entry *first,
		const struct listing_entry *again),
	void *context)
{
	struct entries *entries = memory_must(calloc(1, sizeof *entries));

	entries->clash = clash;
	entries->context = context;
	entries->room = ROOM_FIRST;
	entries->lines = memory_map(ROOM_FIRST);
	entries->room_for = ENTRIES_FIRST;
	entries->starts = memory_map(ENTRIES_FIRST * sizeof *entries->starts);
	entries->hashes = memory_map(ENTRIES_FIRST * sizeof *entries->hashes);
	slots_init(&entries->slots);
	append_head(entries);
	entries->line = entries->len;
	return entries;
}

void entries_close(struct entries **entries)
{
	struct entries *e = *entries;

	if (e == NULL)
		return;
	slots_fini(&e->slots);
	memory_unmap(e->starts, e->room_for * sizeof *e->starts);
	memory_unmap(e->hashes, e->room_for * sizeof *e->hashes);
	memory_unmap(e->lines, e->room);
	free(e);
	*entries = NULL;
}

static struct listing_entry line_at(const struct entries *entries, size_t start)
{
	struct listing_walk walk = { entries->lines + start,
		entries->lines + entries->len };
	struct listing_entry entry;

	listing_next(&walk, &entry);
	return entry;
}

/* Whether that entry has the key; a tab follows it in both. */
static bool has_key(
	const struct entries *entries, size_t number, struct slice key)
{
	const size_t start = entries->starts[number];

	return entries->len - start > key.len &&
		memcmp(entries->lines + start, key.bytes, key.len) == 0 &&
		entries->lines[start + key.len] == '\t';
}

static bool find(const struct entries *entries, struct slice key, uint32_t hash,
	uint32_t *number)
{
	struct slots_walk walk = slots_walk(&entries->slots, hash);

	while (slots_next(&entries->slots, &walk, number))
		if (has_key(entries, *number, key))
			return true;
	return false;
}

/*
 * A mailbox wins over a contact of the same address, as it does between
 * directories; of two contacts the first one stays.
 */
static void put_again(struct entries *entries, uint32_t number, size_t start)
{
	const struct listing_entry first =
		line_at(entries, entries->starts[number]);
	const struct listing_entry again = line_at(entries, start);

	entries->has_gaps = true;
	if (first.target.len == 0)
		return;
	if (again.target.len == 0) {
		entries->n_somebodies += !listing_is_somebody(&first);
		entries->starts[number] = start;
	} else if (!slice_same(first.target, again.target)) {
		entries->clash(entries->context, &first, &again);
	}
}

static void put(struct entries *entries, size_t start, uint32_t hash)
{
	const size_t room = entries->room_for;

	if (entries->count == room) {
		entries->starts = memory_remap(entries->starts,
			room * sizeof *entries->starts,
			2 * room * sizeof *entries->starts);
		entries->hashes = memory_remap(entries->hashes,
			room * sizeof *entries->hashes,
			2 * room * sizeof *entries->hashes);
		entries->room_for = 2 * room;
	}
	entries->starts[entries->count] = start;
	entries->hashes[entries->count++] = hash;
}

static void put_first(struct entries *entries, const struct pending *pending)
{
	bool is_somebody = true;

	if (pending->is_contact) {
		const struct listing_entry entry =
			line_at(entries, pending->start);

		is_somebody = listing_is_somebody(&entry);
	}
	entries->n_somebodies += is_somebody;
	slots_put(&entries->slots, pending->hash, (uint32_t)entries->count);
	put(entries, pending->start, pending->hash);
}

static void look_up(struct entries *entries, const struct pending *pending)
{
	const struct slice key = { entries->lines + pending->start,
		pending->key_len };
	uint32_t number;

	if (find(entries, key, pending->hash, &number))
		put_again(entries, number, pending->start);
	else
		put_first(entries, pending);
}

static void settle_oldest(struct entries *entries)
{
	const struct pending *pending =
		&entries->pending[entries->first_pending];

	entries->first_pending = (entries->first_pending + 1) % N_PENDING;
	entries->n_pending--;
	look_up(entries, pending);
}

/* A key has no tab, and one follows it. */
static size_t key_len_at(const struct entries *entries, size_t start)
{
	const char *line = entries->lines + start;

	return (size_t)((const char *)rawmemchr(line, '\t') - line);
}

/* Of mailboxes that may have the same keys. */
static void look_up_all(struct entries *entries)
{
	const size_t count = entries->count;

	entries->is_indexed = true;
	entries->count = 0;
	entries->n_somebodies = 0;
	slots_reserve(&entries->slots, count);
	for (size_t i = 0; i < count; i++) {
		const struct pending mailbox = { .start = entries->starts[i],
			.key_len = key_len_at(entries, entries->starts[i]),
			.hash = entries->hashes[i] };

		if (i + N_PENDING < count)
			slots_prefetch(&entries->slots,
				entries->hashes[i + N_PENDING]);
		look_up(entries, &mailbox);
	}
}

static bool have_same_key(const void *context, size_t a, size_t b)
{
	const struct entries *entries = context;
	const size_t start = entries->starts[a];

	return has_key(entries, b,
		(struct slice){
			entries->lines + start, key_len_at(entries, start) });
}

static void forget(void *context, size_t number)
{
	struct entries *entries = context;

	entries->starts[number] = NOWHERE;
	entries->has_gaps = true;
}

/* Of mailboxes that came without an index. */
static void keep_the_first(struct entries *entries)
{
	const size_t count = entries->count;

	duplicates_find(&(struct duplicates_of){ .hashes = entries->hashes,
		.count = count,
		.is_same = have_same_key,
		.found = forget,
		.context = entries });
	if (entries->has_gaps)
		entries->count = 0;
	for (size_t i = 0; entries->has_gaps && i < count; i++)
		if (entries->starts[i] != NOWHERE)
			put(entries, entries->starts[i], entries->hashes[i]);
	entries->n_somebodies = entries->count;
}

void entries_settle(struct entries *entries)
{
	while (entries->n_pending > 0)
		settle_oldest(entries);
}

void entries_add(struct entries *entries, size_t key_len, bool is_contact)
{
	const char *key = entries->lines + entries->line;
	const struct pending pending = { .start = entries->line,
		.key_len = key_len,
		.hash = slots_hash(&entries->slots, key, key_len),
		.is_contact = is_contact };

	entries->line = entries->len;
	if (!entries->is_indexed && !is_contact) {
		put(entries, pending.start, pending.hash);
		return;
	}
	if (!entries->is_indexed)
		look_up_all(entries);
	slots_prefetch(&entries->slots, pending.hash);
	if (entries->n_pending == N_PENDING)
		settle_oldest(entries);
	entries->pending[(entries->first_pending + entries->n_pending++) %
		N_PENDING] = pending;
}

/* Once: what is not like the beginning grows as it comes. */
void entries_expect(struct entries *entries, size_t seen, size_t all)
{
	if (!entries->is_indexed || entries->is_expected ||
		entries->count < EXPECT_MIN || seen >= all)
		return;
	const double more = (double)(all - seen) / (double)seen;
	const double count = more * (double)entries->count;

	entries->is_expected = true;
	if (count < UINT32_MAX)
		slots_reserve(&entries->slots, (size_t)count);
}

/* The lines of the entries alone, in their order. */
static void close_gaps(struct entries *entries)
{
	char *old = entries->lines;
	const size_t old_room = entries->room;

	entries->lines = memory_map(old_room);
	entries->len = 0;
	append_head(entries);
	for (size_t i = 0; i < entries->count; i++) {
		const char *line = old + entries->starts[i];
		const char *end = rawmemchr(line, '\n');

		entries->starts[i] = entries->len;
		entries_append(entries, line, (size_t)(end + 1 - line));
	}
	memory_unmap(old, old_room);
}

void entries_finish(struct entries *entries, const struct class_counts *classes)
{
	struct text tail;

	entries_settle(entries);
	if (!entries->is_indexed)
		keep_the_first(entries);
	if (entries->has_gaps)
		close_gaps(entries);
	text_init(&tail);
	listing_put_tail(&tail, classes, entries->count);
	entries_append(entries, tail.data, tail.len);
	text_fini(&tail);
}

size_t entries_count(const struct entries *entries)
{
	return entries->count;
}

size_t entries_somebodies(const struct entries *entries)
{
	return entries->n_somebodies;
}

struct slice entries_listing(const struct entries *entries)
{
	return (struct slice){ entries->lines, entries->len };
}

void entries_index(struct entries *entries)
{
	if (!entries->is_indexed)
		look_up_all(entries);
}

bool entries_vouch(
	const struct entries *entries, struct slice key, size_t *hint)
{
	uint32_t number = (uint32_t)*hint;

	if ((*hint >= entries->count || !has_key(entries, *hint, key)) &&
		!find(entries, key,
			slots_hash(&entries->slots, key.bytes, key.len),
			&number))
		return false;
	*hint = (size_t)number + 1;
	if (entries->n_somebodies == entries->count)
		return true;
	const struct listing_entry entry =
		line_at(entries, entries->starts[number]);

	return listing_is_somebody(&entry);
}
