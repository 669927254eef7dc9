/*
 * Maps by chance: with sums and without, the same is found.  What is damaged
 * is nobody's: a slot may lead anywhere, and its record alone is believed.
 */
#include "snapshot/cdb_layout.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/files.h"
#include "snapshot/sums.h"
#include "tests/unit/chance.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>

enum { SEEDS = 40, VALUE_MAX = 3000, ABSENT = 300 };

static struct arena *arena;
static char folder[64];

static void setup(void)
{
	arena = arena_open();
	snprintf(folder, sizeof folder, "/tmp/cdb_search.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
	ck_assert_int_eq(
		nftw(folder, model_case_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
	arena_close(&arena);
}

static const char *in(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

/* Now and then longer than a block, or than several. */
static const char *any_value(struct chance *chance)
{
	const size_t len = 1 +
		(happens(chance, 3) ? draw(chance, VALUE_MAX)
				    : draw(chance, 30));
	char *value = arena_alloc(arena, len + 1);

	for (size_t i = 0; i < len; i++)
		value[i] = (char)(1U + draw(chance, 255));
	return value;
}

static void write_map(const char *name, struct chance *chance, unsigned count)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(in(name), &err);

	ck_assert_msg(writer != NULL, "%s", err.text);
	for (unsigned i = 0; i < count; i++)
		ck_assert(cdb_writer_add(writer,
			i == 7 ? "" : arena_printf(arena, "user%u@x", i),
			any_value(chance), &err));
	ck_assert_msg(cdb_writer_close(&writer, &err), "%s", err.text);
}

/* One map, opened both ways. */
struct pair {
	struct cdb_reader *plain, *verified;
	struct sums *sums;
};

static void pair_open(struct pair *pair, const char *name)
{
	struct err err = { 0 };

	ck_assert_msg(sums_open(&pair->sums, folder, &err), "%s", err.text);
	const struct sums_list list = sums_of(pair->sums, name);

	pair->plain = cdb_reader_open(in(name), &err);
	pair->verified = cdb_reader_open_verified(in(name), &list, &err);
	ck_assert_msg(
		pair->plain != NULL && pair->verified != NULL, "%s", err.text);
}

static void pair_close(struct pair *pair)
{
	ck_assert(!cdb_reader_is_damaged(pair->verified, NULL));
	ck_assert(!cdb_reader_is_damaged(pair->plain, NULL));
	cdb_reader_close(&pair->plain);
	cdb_reader_close(&pair->verified);
	sums_close(&pair->sums);
}

static void expect_same(const struct pair *pair, const char *key)
{
	struct slice a = { "", 0 };
	struct slice b = { "", 0 };
	const struct slice expected = slice_of(key);
	const enum lookup found =
		cdb_reader_find_slice(pair->plain, slice_of(key), &a);

	ck_assert_int_ne(found, LOOKUP_FAILED);
	ck_assert_int_eq(
		cdb_reader_find_slice(pair->verified, slice_of(key), &b),
		found);
	ck_assert(slice_same(a, b));
	/* Until the next one that is expected, whoever is asked for. */
	cdb_reader_expect(pair->verified, &expected, 1);
	ck_assert_int_eq(
		cdb_reader_copy(pair->verified, slice_of(key), arena, &b),
		found);
	ck_assert(slice_same(a, b));
	if (found == LOOKUP_FOUND)
		ck_assert_int_eq(b.bytes[b.len], '\0');
}

static bool find_each(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	const struct pair *pair = context;

	(void)value, (void)value_len;
	expect_same(pair, arena_strndup(arena, key, key_len));
	return true;
}

static void compare(const char *name)
{
	struct pair pair;

	pair_open(&pair, name);
	ck_assert(cdb_reader_walk(pair.verified, find_each, &pair));
	ck_assert(cdb_reader_walk(pair.plain, find_each, &pair));
	for (unsigned i = 0; i < ABSENT; i++)
		expect_same(&pair, arena_printf(arena, "nobody%u@x", i));
	expect_same(&pair, "");
	expect_same(&pair, memset(arena_alloc(arena, 101), 'x', 100));
	expect_same(&pair, "user1@x");
	pair_close(&pair);
}

START_TEST(both_find_the_same)
{
	struct chance chance = { 100 + (uint64_t)_i };

	/* A small one is copied, a large one mapped. */
	write_map(FILES_POLICY, &chance, draw(&chance, 200));
	write_map(FILES_RELAY_RECIPIENTS, &chance, 2000 + draw(&chance, 1000));
	ck_assert(sums_write(folder, NULL, NULL));
	compare(FILES_POLICY);
	compare(FILES_RELAY_RECIPIENTS);
}
END_TEST

struct expected_case {
	const char *name;
	const char *expected, *asked; /* a digit N: "userN@x"; - a long key */
};

static const struct expected_case expected_cases[] = {
	{ "in their order", "1234", "1234" },
	{ "in another order", "1234", "4321" },
	{ "some of them, and twice", "1234", "1144" },
	{ "others", "1234", "5678" },
	{ "others in between", "1234", "15263748" },
	{ "nobody", "", "1" },
	{ "one twice", "1122", "1212" },
	{ "longer than is kept", "1-2", "1-2-" },
	{ "as many as there is room for", "0123456789012345",
		"0123456789012345" },
};

static const char *key_of(char letter)
{
	return letter == '-' ? memset(arena_alloc(arena, 101), 'x', 100)
			     : arena_printf(arena, "user%c@x", letter);
}

static void expect_several(const struct cdb_reader *reader, const char *letters)
{
	struct slice keys[CDB_READER_EXPECTED_MAX];
	size_t count = 0;

	for (; *letters != '\0'; letters++)
		keys[count++] = slice_of(key_of(*letters));
	cdb_reader_expect(reader, keys, count);
}

/* Whoever was expected, before or instead. */
START_TEST(hints_do_not_change_what_is_found)
{
	const struct expected_case *c = &expected_cases[_i];
	struct chance chance = { 96 };
	struct pair pair;

	write_map(FILES_POLICY, &chance, 10);
	write_map(FILES_RELAY_RECIPIENTS, &chance, 3000);
	ck_assert(sums_write(folder, NULL, NULL));
	pair_open(&pair, FILES_RELAY_RECIPIENTS);
	expect_several(pair.verified, c->expected);
	for (const char *at = c->asked; *at != '\0'; at++) {
		const struct slice key = slice_of(key_of(*at));
		struct slice a = { "", 0 };
		struct slice b = { "", 0 };

		ck_assert_msg(cdb_reader_find_slice(pair.verified, key, &a) ==
				cdb_reader_find_slice(pair.plain, key, &b),
			"%s: %s", c->name, key.bytes);
		ck_assert_msg(slice_same(a, b), "%s", c->name);
	}
	pair_close(&pair);
}
END_TEST

/* Its tables stand at its end. */
START_TEST(hints_about_what_is_gone_do_no_harm)
{
	struct chance chance = { 97 };
	struct pair pair;
	struct slice value;

	write_map(FILES_POLICY, &chance, 10);
	write_map(FILES_RELAY_RECIPIENTS, &chance, 3000);
	ck_assert(sums_write(folder, NULL, NULL));
	pair_open(&pair, FILES_RELAY_RECIPIENTS);
	ck_assert_int_eq(truncate(in(FILES_RELAY_RECIPIENTS), 4096), 0);
	expect_several(pair.verified, "0123456789");
	ck_assert_int_eq(cdb_reader_find_slice(
				 pair.verified, slice_of("user1@x"), &value),
		LOOKUP_FAILED);
	ck_assert_int_eq(truncate(in(FILES_SUMS), 0), 0);
	expect_several(pair.verified, "0123456789");
	cdb_reader_close(&pair.plain);
	cdb_reader_close(&pair.verified);
	sums_close(&pair.sums);
}
END_TEST

static bool count(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	(void)key, (void)key_len, (void)value, (void)value_len;
	++*(unsigned *)context;
	return true;
}

START_TEST(a_walk_ends_where_the_damage_begins)
{
	struct chance chance = { 99 };
	struct pair pair;
	struct err err = { 0 };
	unsigned seen = 0;

	write_map(FILES_POLICY, &chance, 10);
	write_map(FILES_RELAY_RECIPIENTS, &chance, 3000);
	ck_assert(sums_write(folder, NULL, NULL));
	pair_open(&pair, FILES_RELAY_RECIPIENTS);
	ck_assert_int_eq(truncate(in(FILES_RELAY_RECIPIENTS), 49152), 0);
	for (int i = 0; i < 2; i++) {
		seen = 0;
		ck_assert(!cdb_reader_walk(
			i == 0 ? pair.plain : pair.verified, count, &seen));
		ck_assert_uint_gt(seen, 100);
		ck_assert_uint_lt(seen, 3000);
	}
	ck_assert(cdb_reader_is_damaged(pair.verified, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "damaged: not as it was"));
	ck_assert(cdb_reader_is_damaged(pair.plain, NULL));
	cdb_reader_close(&pair.plain);
	cdb_reader_close(&pair.verified);
	sums_close(&pair.sums);
}
END_TEST

/* A copy needs its file no more. */
START_TEST(a_small_file_may_go_once_it_is_open)
{
	struct chance chance = { 98 };
	struct pair pair;

	write_map(FILES_POLICY, &chance, 10);
	write_map(FILES_RELAY_RECIPIENTS, &chance, 10);
	ck_assert(sums_write(folder, NULL, NULL));
	pair_open(&pair, FILES_POLICY);
	ck_assert_int_eq(truncate(in(FILES_POLICY), 0), 0);
	ck_assert_int_eq(truncate(in(FILES_SUMS), 0), 0);
	struct slice value;

	ck_assert_int_eq(cdb_reader_find_slice(
				 pair.verified, slice_of("user1@x"), &value),
		LOOKUP_FOUND);
	ck_assert(!cdb_reader_is_damaged(pair.verified, NULL));
	ck_assert_int_eq(
		cdb_reader_find_slice(pair.plain, slice_of("user1@x"), &value),
		LOOKUP_FAILED);
	cdb_reader_close(&pair.plain);
	cdb_reader_close(&pair.verified);
	sums_close(&pair.sums);
}
END_TEST

static void read_at(void *bytes, size_t size, uint64_t at)
{
	const int fd = open(in(FILES_RELAY_RECIPIENTS), O_RDONLY);

	ck_assert_int_eq(pread(fd, bytes, size, (off_t)at), (ssize_t)size);
	close(fd);
}

static void write_at(const void *bytes, size_t size, uint64_t at)
{
	const int fd = open(in(FILES_RELAY_RECIPIENTS), O_WRONLY);

	ck_assert_int_eq(pwrite(fd, bytes, size, (off_t)at), (ssize_t)size);
	close(fd);
}

/* Of everybody in the map as it was: how many are found. */
static unsigned count_found(
	const struct cdb_reader *reader, const struct cdb_reader *sound)
{
	struct cdb_cursor cursor;
	struct slice key, value, seen;
	unsigned found = 0;

	cdb_cursor_init(&cursor, sound);
	while (cdb_cursor_next(&cursor, &key, &value) == LOOKUP_FOUND) {
		const enum lookup how =
			cdb_reader_find_slice(reader, key, &seen);

		ck_assert_int_ne(how, LOOKUP_NONE);
		ck_assert(how == LOOKUP_FAILED || slice_same(seen, value));
		found += how == LOOKUP_FOUND;
	}
	return found;
}

static void expect_nobody(const struct cdb_reader *reader)
{
	struct slice value;

	for (unsigned i = 0; i < ABSENT; i++)
		ck_assert_int_ne(
			cdb_reader_find_slice(reader,
				slice_of(arena_printf(arena, "nobody%u@x", i)),
				&value),
			LOOKUP_FOUND);
}

static void write_large(struct pair *pair, unsigned count)
{
	struct chance chance = { 97 };

	write_map(FILES_POLICY, &chance, 10);
	write_map(FILES_RELAY_RECIPIENTS, &chance, count);
	ck_assert(sums_write(folder, NULL, NULL));
	pair_open(pair, FILES_RELAY_RECIPIENTS);
}

/* One byte costs those that it leads to, not all whose slots stand by it. */
START_TEST(a_damaged_slot_hides_nobody_and_shows_nobody)
{
	enum { USERS = 1500, FLIPS = 40 };
	struct chance chance = { 96 };
	struct pair pair;
	struct stat status;
	unsigned char header[4], byte;

	write_large(&pair, USERS);
	read_at(header, sizeof header, 0);
	ck_assert_int_eq(stat(in(FILES_RELAY_RECIPIENTS), &status), 0);
	const unsigned slots = cdb_layout_number(header);

	for (unsigned i = 0; i < FLIPS; i++) {
		const uint64_t at =
			slots + draw(&chance, (unsigned)status.st_size - slots);

		read_at(&byte, 1, at);
		const unsigned char other =
			byte ^ (unsigned char)(1U << draw(&chance, 8));

		write_at(&other, 1, at);
		ck_assert_uint_ge(
			count_found(pair.verified, pair.plain), USERS - 2);
		expect_nobody(pair.verified);
		write_at(&byte, 1, at);
	}
	ck_assert_uint_eq(count_found(pair.verified, pair.plain), USERS);
	ck_assert(cdb_reader_is_damaged(pair.verified, NULL));
	cdb_reader_close(&pair.plain);
	cdb_reader_close(&pair.verified);
	sums_close(&pair.sums);
}
END_TEST

/* The slot that a search for the key begins with leads there. */
static void lead(struct slice key, uint64_t position)
{
	unsigned char entry[CDB_SLOT_SIZE];
	const unsigned hash = cdb_layout_hash(key);
	const uint32_t slot[2] = { htole32(hash), htole32((uint32_t)position) };

	read_at(entry, sizeof entry, hash % CDB_TABLES * CDB_SLOT_SIZE);
	write_at(slot, sizeof slot,
		cdb_layout_number(entry) +
			(hash >> 8) % cdb_layout_number(entry + 4) *
				CDB_SLOT_SIZE);
}

/*
 * The length of a value, and what follows it, look like a record whose key
 * begins within another key: the bytes are sound, and it was never written.
 */
START_TEST(what_looks_like_a_record_is_none)
{
	struct pair pair;
	struct cdb_cursor cursor;
	struct slice key, value, found;
	unsigned tried = 0;

	write_large(&pair, 1500);
	cdb_cursor_init(&cursor, pair.plain);
	while (tried < 200 &&
		cdb_cursor_next(&cursor, &key, &value) == LOOKUP_FOUND) {
		if (key.len < 5 || value.len < 5)
			continue;
		const struct slice part = { key.bytes + 4, value.len };
		const uint64_t at =
			cursor.position - value.len - key.len - CDB_RECORD_SIZE;

		lead(part, at + 4);
		ck_assert_int_eq(
			cdb_reader_find_slice(pair.verified, part, &found),
			LOOKUP_FAILED);
		tried++;
	}
	ck_assert_uint_eq(tried, 200);
	cdb_reader_close(&pair.plain);
	cdb_reader_close(&pair.verified);
	sums_close(&pair.sums);
}
END_TEST

/* Nor are these a damage where a slot is sound. */
START_TEST(a_value_that_is_too_long_to_be_believed_is_found)
{
	enum { LONG = 1 << 24 };
	struct err err = { 0 };
	struct chance chance = { 95 };
	struct pair pair;
	char *value = memset(arena_alloc(arena, LONG + 1), 'v', LONG);

	write_map(FILES_POLICY, &chance, 10);
	struct cdb_writer *writer =
		cdb_writer_open(in(FILES_RELAY_RECIPIENTS), &err);

	ck_assert_msg(writer != NULL, "%s", err.text);
	ck_assert(cdb_writer_add(writer, "long@x", value, &err));
	ck_assert(cdb_writer_add(writer, "@x", "of two bytes", &err));
	ck_assert_msg(cdb_writer_close(&writer, &err), "%s", err.text);
	ck_assert(sums_write(folder, NULL, NULL));
	compare(FILES_RELAY_RECIPIENTS);
	pair_open(&pair, FILES_RELAY_RECIPIENTS);
	ck_assert(!cdb_reader_is_whole(pair.verified));
	pair_close(&pair);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("cdb_search");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, both_find_the_same, 0, SEEDS);
	tcase_add_test(tcase, a_walk_ends_where_the_damage_begins);
	tcase_add_loop_test(tcase, hints_do_not_change_what_is_found, 0,
		sizeof expected_cases / sizeof *expected_cases);
	tcase_add_test(tcase, hints_about_what_is_gone_do_no_harm);
	tcase_add_test(tcase, a_small_file_may_go_once_it_is_open);
	tcase_add_test(tcase, a_damaged_slot_hides_nobody_and_shows_nobody);
	tcase_add_test(tcase, what_looks_like_a_record_is_none);
	tcase_add_test(tcase, a_value_that_is_too_long_to_be_believed_is_found);
	return unit_run(suite_create("cdb_search"), tcase);
}
