/*
 * Without sums libcdb does it, as it does for Postfix.  With sums the search
 * is our own, since what an answer rests on has to be verified before it is
 * believed; both find the same in every sound file.
 */
#include "snapshot/cdb_search.h"

#include "base/arena.h"

#include <string.h>

enum {
	PAGE = 4096, /* or a divisor of what the machine has */
	/* So many slots are: nearly all keys stand among the first. */
	BELIEVED_MAX = 8,
	BELIEVED_KEY_MIN = 3,
	BELIEVED_VALUE_END = 1 << 24,
	/* What is fetched in advance; a record that is longer is waited for. */
	USUAL_RECORD = 64,
	CACHE_LINE = 64,
	SUM_SIZE = 8,
};

/* What is done with a file in one go. */
struct search {
	const struct cdb_reader *reader;
	struct slice key;
	struct arena *arena;
	struct slice value;
	enum lookup found;
	uint64_t at, len; /* what is being read */
	uint64_t verified; /* the block that was last, and one; 0 = none */
};

/* FAILED, and noted, where the work came upon bytes that are not there. */
static enum lookup search_run(
	struct search *search, void (*work)(void *context))
{
	const struct cdb_reader *reader = search->reader;
	const struct extent extents[BUS_ERROR_EXTENTS] = { reader->file,
		reader->sums.sums };

	if (reader->is_safe)
		work(search);
	else if (!bus_error_guard(extents, work, search))
		search->found = LOOKUP_FAILED;
	if (search->found == LOOKUP_FAILED && !reader->damage->is_found)
		*reader->damage = (struct damage){ true, search->at };
	return search->found;
}

/* Whether the bytes are of the file, and as they were written. */
static bool are_sound(struct search *search, uint64_t at, uint64_t len)
{
	const struct cdb_reader *reader = search->reader;

	search->at = at;
	if (at > reader->file.size || len > reader->file.size - at)
		return false;
	if (reader->is_safe || len == 0)
		return true;
	for (uint64_t block = at / SUMS_BLOCK;
		block <= (at + len - 1) / SUMS_BLOCK; block++) {
		if (search->verified == block + 1)
			continue;
		search->at = block * SUMS_BLOCK;
		if (!sums_hold(&reader->sums, reader->file.bytes, block))
			return false;
		search->verified = block + 1;
	}
	return true;
}

static void keep_value(struct search *search, const void *bytes, size_t len)
{
	search->value = (struct slice){ bytes, len };
	if (search->arena != NULL)
		search->value.bytes = arena_strndup(search->arena, bytes, len);
}

/* NONE: it is another key's record.  A longer value is not looked at. */
static enum lookup record_compare(
	struct search *search, uint64_t at, uint64_t value_end)
{
	const struct slice key = search->key;
	const unsigned char *record = search->reader->file.bytes + at;
	const uint64_t end = search->reader->records_end;

	if (at < CDB_HEADER_SIZE || !are_sound(search, at, CDB_RECORD_SIZE))
		return LOOKUP_FAILED;
	const uint64_t key_len = cdb_layout_number(record);
	const uint64_t value_len = cdb_layout_number(record + 4);
	const uint64_t len = key_len + value_len;

	if (key_len != key.len)
		return LOOKUP_NONE;
	at += CDB_RECORD_SIZE;
	if (value_len >= value_end || at > end || len > end - at ||
		!are_sound(search, at, len))
		return LOOKUP_FAILED;
	record += CDB_RECORD_SIZE;
	if (memcmp(record, key.bytes, key.len) != 0)
		return LOOKUP_NONE;
	keep_value(search, record + key_len, value_len);
	return LOOKUP_FOUND;
}

/* One of the 256 tables, and where in it the search for a hash begins. */
struct start {
	unsigned hash;
	uint64_t table;
	unsigned slots, slot;
};

/* From the next one on: what was asked for need not be the first of them. */
static bool find_expected(
	struct expected *expected, struct slice key, uint32_t *hash)
{
	for (size_t i = expected->next; key.len > 0 && i < expected->count;
		i++) {
		const struct expected_key *known = &expected->keys[i];

		if (!slice_same(
			    (struct slice){ known->bytes, known->len }, key))
			continue;
		expected->next = i;
		*hash = expected->hashes[i];
		return true;
	}
	return false;
}

static struct start start_of(const struct cdb_reader *reader, uint32_t hash)
{
	const unsigned char *entry =
		reader->header + hash % CDB_TABLES * CDB_SLOT_SIZE;
	const unsigned slots = cdb_layout_number(entry + 4);

	return (struct start){ .hash = hash,
		.table = cdb_layout_number(entry),
		.slots = slots,
		.slot = slots == 0 ? 0 : (hash >> 8) % slots };
}

static uint64_t place_of(const struct start *start)
{
	return start->table + (uint64_t)start->slot * CDB_SLOT_SIZE;
}

static void go_on(struct start *start)
{
	start->slot = start->slot + 1 == start->slots ? 0 : start->slot + 1;
}

/* Instead of those before. */
static void note_expected(
	struct expected *expected, const struct slice *keys, size_t count)
{
	expected->next = 0;
	expected->count = count;
	cdb_layout_hashes(expected->hashes, keys, count);
	for (size_t i = 0; i < count; i++) {
		struct expected_key *known = &expected->keys[i];

		known->len = keys[i].len <= sizeof known->bytes ? keys[i].len
								: 0;
		memcpy(known->bytes, keys[i].bytes, known->len);
	}
}

/* Where the record of a key may be; 0 = at none of the first slots. */
static unsigned guess_record(const struct cdb_reader *reader, uint32_t hash)
{
	struct start start = start_of(reader, hash);

	for (unsigned i = 0; i < start.slots && i < BELIEVED_MAX;
		i++, go_on(&start)) {
		const unsigned char *slot =
			reader->file.bytes + place_of(&start);
		const unsigned at = cdb_layout_number(slot + 4);

		if (at == 0 || cdb_layout_number(slot) == hash)
			return at;
	}
	return 0;
}

/* One of each line of the cache. */
static void read_lines(const unsigned char *bytes, size_t len)
{
	const volatile unsigned char *at = bytes;

	for (size_t i = 0; i < len; i += CACHE_LINE)
		(void)at[i];
}

static void read_record(const struct cdb_reader *reader, uint64_t at)
{
	const uint64_t first = at / SUMS_BLOCK;
	const uint64_t end = (at + USUAL_RECORD) / SUMS_BLOCK + 1;

	if (end * SUMS_BLOCK > reader->file.size)
		return;
	read_lines(reader->sums.sums.bytes + first * SUM_SIZE, SUM_SIZE);
	read_lines(reader->file.bytes + first * SUMS_BLOCK,
		(end - first) * SUMS_BLOCK);
}

/*
 * No instruction depends on what another one waits for, so the processor
 * waits for several at once.  These are reads: hints to fetch are
 * lost where the address of a page is not at hand.
 */
static void read_expected(void *context)
{
	const struct cdb_reader *reader = context;
	const struct expected *expected = reader->expected;
	unsigned records[CDB_READER_EXPECTED_MAX];

	for (size_t i = 0; i < expected->count; i++)
		records[i] = guess_record(reader, expected->hashes[i]);
	for (size_t i = 0; i < expected->count; i++)
		if (records[i] != 0)
			read_record(reader, records[i]);
}

/* Nothing is believed for it, and what is not there does no harm. */
void cdb_search_expect(
	const struct cdb_reader *reader, const struct slice *keys, size_t count)
{
	struct expected *expected = reader->expected;
	const struct extent extents[BUS_ERROR_EXTENTS] = { reader->file,
		reader->sums.sums };
	uint32_t hash;

	if (count == 1 && find_expected(expected, keys[0], &hash))
		return;
	note_expected(expected, keys, count);
	for (size_t i = 0; i < count; i++) {
		const struct start start =
			start_of(reader, expected->hashes[i]);

		__builtin_prefetch(reader->file.bytes + place_of(&start));
	}
	if (count > 1)
		bus_error_guard(extents, read_expected, (void *)reader);
}

/* cdb(5): from the slot of the hash on, until one is empty. */
static enum lookup find_verified(struct search *search, struct start start)
{
	const unsigned char *file = search->reader->file.bytes;

	for (unsigned i = 0; i < start.slots; i++, go_on(&start)) {
		const uint64_t at = place_of(&start);
		const unsigned char *slot = file + at;
		enum lookup found = LOOKUP_NONE;

		if (!are_sound(search, at, CDB_SLOT_SIZE))
			return LOOKUP_FAILED;
		if (cdb_layout_number(slot + 4) == 0)
			return LOOKUP_NONE;
		if (cdb_layout_number(slot) == start.hash)
			found = record_compare(search,
				cdb_layout_number(slot + 4), UINT64_MAX);
		if (found != LOOKUP_NONE)
			return found;
	}
	return LOOKUP_NONE;
}

/*
 * Slots are believed where they lead to a record of the key, whose bytes are
 * verified: what is found was written, whatever led to it.  With keys of that
 * length and values below that end, sound bytes at no place but a record's
 * first are taken for one (docs/decisions/0016-sums-of-maps.md).
 */
static bool find_believing(struct search *search, struct start start)
{
	const unsigned char *file = search->reader->file.bytes;

	if (search->key.len < BELIEVED_KEY_MIN)
		return false;
	for (unsigned i = 0; i < start.slots && i < BELIEVED_MAX;
		i++, go_on(&start)) {
		const unsigned char *slot = file + place_of(&start);
		const unsigned at = cdb_layout_number(slot + 4);

		if (at == 0)
			return false;
		if (cdb_layout_number(slot) == start.hash &&
			record_compare(search, at, BELIEVED_VALUE_END) ==
				LOOKUP_FOUND)
			return true;
	}
	return false;
}

static enum lookup find_by_slots(struct search *search)
{
	const struct cdb_reader *reader = search->reader;
	uint32_t hash;

	if (!find_expected(reader->expected, search->key, &hash))
		hash = cdb_layout_hash(search->key);
	const struct start start = start_of(reader, hash);

	return !reader->is_safe && find_believing(search, start)
		? LOOKUP_FOUND
		: find_verified(search, start);
}

static enum lookup find_by_libcdb(struct search *search)
{
	/* libcdb keeps the place it found in here. */
	struct cdb cdb = search->reader->cdb;

	if (search->key.len > cdb.cdb_dend)
		return LOOKUP_NONE;
	const int found =
		cdb_find(&cdb, search->key.bytes, (unsigned)search->key.len);

	if (found < 0)
		return LOOKUP_FAILED;
	if (found == 0)
		return LOOKUP_NONE;
	keep_value(search, cdb_getdata(&cdb), cdb_datalen(&cdb));
	return LOOKUP_FOUND;
}

/* A byte of each page, so that who reads them next finds them there. */
static void touch(const void *bytes, size_t len)
{
	const volatile unsigned char *at = bytes;

	for (size_t i = 0; i < len; i += PAGE)
		(void)at[i];
	if (len > 0)
		(void)at[len - 1];
}

static void find(void *context)
{
	struct search *search = context;

	search->found = search->reader->has_sums ? find_by_slots(search)
						 : find_by_libcdb(search);
	if (search->found == LOOKUP_FOUND)
		touch(search->value.bytes, search->value.len);
}

enum lookup cdb_search_find(const struct cdb_reader *reader, struct slice key,
	struct arena *arena, struct slice *value)
{
	struct search search = { .reader = reader, .key = key, .arena = arena };
	const enum lookup found = search_run(&search, find);

	if (found == LOOKUP_FOUND)
		*value = search.value;
	return found;
}

static void verify(void *context)
{
	struct search *search = context;
	const uint64_t at = search->at;
	const uint64_t len = search->len;

	search->found = LOOKUP_FAILED;
	if (search->reader->has_sums && !are_sound(search, at, len))
		return;
	search->at = at;
	touch(search->reader->file.bytes + at, len);
	search->found = LOOKUP_FOUND;
}

bool cdb_search_verify(
	const struct cdb_reader *reader, uint64_t at, uint64_t len)
{
	struct search search = { .reader = reader, .at = at, .len = len };

	return search_run(&search, verify) == LOOKUP_FOUND;
}
