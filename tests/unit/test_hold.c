/* A hold is read as it was written; else it is not known whether it holds. */
#include "snapshot/hold.h"

#include "base/arena.h"
#include "base/file.h"
#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char state[256];
static struct arena *arena;

static const char *in(const char *name)
{
	return arena_printf(arena, "%s/%s", state, name);
}

static void make_state(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(state, sizeof state, "%s/hold.XXXXXX",
		tmp == NULL ? "/tmp" : tmp);
	ck_assert_ptr_nonnull(mkdtemp(state));
	arena = arena_open();
}

static void remove_state(void)
{
	remove(in("hold"));
	ck_assert_int_eq(rmdir(state), 0);
	arena_close(&arena);
}

static void write_file(const char *bytes, size_t len)
{
	ck_assert(file_replace(in("hold"), bytes, len, 0640, NULL));
}

START_TEST(what_is_written_is_read)
{
	const struct hold written = { 41, 1700000001, "Ann Smith" };
	struct hold hold = { 0 };
	struct err err = { 0 };
	struct stat status;

	ck_assert_int_eq(hold_read(&hold, state, arena, &err), LOOKUP_NONE);
	ck_assert_msg(hold_write(&written, state, &err), "%s", err.text);
	ck_assert_int_eq(hold_read(&hold, state, arena, &err), LOOKUP_FOUND);
	ck_assert_uint_eq(hold.generation, 41);
	ck_assert_int_eq(hold.since, 1700000001);
	ck_assert_str_eq(hold.by, "Ann Smith");
	ck_assert_int_eq(stat(in("hold"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
	ck_assert_msg(hold_remove(state, &err), "%s", err.text);
	ck_assert_int_eq(hold_read(&hold, state, arena, &err), LOOKUP_NONE);
}
END_TEST

START_TEST(the_last_one_counts)
{
	struct hold hold = { 41, 1700000001, "ann" };

	ck_assert(hold_write(&hold, state, NULL));
	hold = (struct hold){ 40, 1700000002, "bob" };
	ck_assert(hold_write(&hold, state, NULL));
	hold = (struct hold){ 0 };
	ck_assert_int_eq(hold_read(&hold, state, arena, NULL), LOOKUP_FOUND);
	ck_assert_uint_eq(hold.generation, 40);
	ck_assert_str_eq(hold.by, "bob");
}
END_TEST

#define BYTES(text) text, sizeof text - 1

static const struct {
	const char *name, *bytes;
	size_t len;
} bad[] = {
	{ "empty", BYTES("") },
	{ "a line without end", BYTES("41 1700000001 ann") },
	{ "two lines", BYTES("41 1700000001 ann\n40 1700000001 ann\n") },
	{ "no number", BYTES("x 1700000001 ann\n") },
	{ "no time", BYTES("41 soon ann\n") },
	{ "two words", BYTES("41 1700000001\n") },
	{ "a NUL", BYTES("41 1700000001 a\0n\n") },
	{ "a line, a NUL and more", BYTES("41 1700000001 ann\n\0x") },
};

START_TEST(what_can_not_be_understood_is_told)
{
	struct hold hold;
	struct err err = { 0 };

	write_file(bad[_i].bytes, bad[_i].len);
	ck_assert_msg(hold_read(&hold, state, arena, &err) == LOOKUP_FAILED,
		"%s", bad[_i].name);
	ck_assert_msg(
		strstr(err.text,
			"/hold: not what rollback writes there; "
			"\"transport-map-gen release\" removes it") != NULL,
		"%s: %s", bad[_i].name, err.text);
	ck_assert(hold_remove(state, &err));
}
END_TEST

START_TEST(what_can_not_be_read_is_told)
{
	struct hold hold;
	struct err err = { 0 };

	ck_assert_int_eq(mkdir(in("hold"), 0700), 0);
	ck_assert_int_eq(hold_read(&hold, state, arena, &err), LOOKUP_FAILED);
	ck_assert_ptr_nonnull(strstr(err.text, "/hold: not a regular file"));
	ck_assert(!hold_remove(state, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "remove "));
}
END_TEST

START_TEST(what_can_not_be_looked_at_is_told)
{
	struct hold hold;
	struct err err = { 0 };

	ck_assert_int_eq(symlink("hold", in("hold")), 0);
	ck_assert_int_eq(hold_read(&hold, state, arena, &err), LOOKUP_FAILED);
	ck_assert_str_eq(err.text,
		arena_printf(arena,
			"look at %s/hold: Too many levels of symbolic links",
			state));
}
END_TEST

START_TEST(what_is_not_there_can_not_be_removed)
{
	struct err err = { 0 };

	ck_assert(!hold_remove(state, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/hold: No such file"));
	ck_assert(
		!hold_write(&(struct hold){ 1, 1, "ann" }, in("absent"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/absent/hold"));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("hold");

	tcase_add_checked_fixture(tcase, make_state, remove_state);
	tcase_add_test(tcase, what_is_written_is_read);
	tcase_add_test(tcase, the_last_one_counts);
	tcase_add_loop_test(
		tcase, what_can_not_be_understood_is_told, 0, COUNT(bad));
	tcase_add_test(tcase, what_can_not_be_read_is_told);
	tcase_add_test(tcase, what_can_not_be_looked_at_is_told);
	tcase_add_test(tcase, what_is_not_there_can_not_be_removed);
	return unit_run(suite_create("hold"), tcase);
}
