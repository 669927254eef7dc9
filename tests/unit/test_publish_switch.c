/* One step of a publish: a link replaced, retired files touched. */
#include "snapshot/publish_switch.h"

#include "snapshot/files.h"
#include "snapshot/state.h"
#include "tests/unit/folder_case.h"
#include "tests/unit/unit_main.h"

#include <errno.h>
#include <sys/stat.h>

enum { LATER = 2000000000 };

static struct arena *arena;
static const char *folder;
static struct state *state;
static struct err err;

static void set_up(void)
{
	arena = arena_open();
	folder = test_folder(arena);
	state = state_open(folder, NULL);
	ck_assert_ptr_nonnull(state);
	err = (struct err){ 0 };
}

static void tear_down(void)
{
	state_close(&state);
	test_folder_remove(folder);
	arena_close(&arena);
}

static const char *in(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static const char *in_generation(const char *name)
{
	return arena_printf(
		arena, "%s/" FILES_GENERATIONS "/7/%s", folder, name);
}

static void make_generation(void)
{
	ck_assert_int_eq(mkdir(in_generation(""), 0700), 0);
	test_write(in_generation("transport.cdb"), "", 0);
	test_write(in_generation("relay_recipients.cdb"), "", 0);
}

static bool is_touched(const char *name)
{
	struct stat status;

	ck_assert_int_eq(stat(in_generation(name), &status), 0);
	return status.st_mtime == LATER;
}

static bool touch(void)
{
	return switch_touch(state, 7, RETIRED_ROUTES, LATER * 1000LL, &err);
}

static void expect_sentence(
	const char *doing, const char *path, const char *why)
{
	ck_assert_str_eq(
		err.text, arena_printf(arena, "%s %s%s", doing, path, why));
}

START_TEST(link_is_replaced_whatever_a_killed_run_left)
{
	char target[64] = "";

	ck_assert(switch_link(state, FILES_ROUTES, 6, &err));
	ck_assert_int_eq(symlink("nowhere", in(FILES_ROUTES ".tmp")), 0);
	errno = 0;
	ck_assert_msg(
		switch_link(state, FILES_ROUTES, 7, &err), "%s", err.text);
	ck_assert_int_gt(
		readlink(in(FILES_ROUTES), target, sizeof target - 1), 0);
	ck_assert_str_eq(target, FILES_GENERATIONS "/7");
	ck_assert_int_ne(access(in(FILES_ROUTES ".tmp"), F_OK), 0);
}
END_TEST

START_TEST(folder_in_place_of_the_link_is_an_error)
{
	struct stat status;

	ck_assert_int_eq(mkdir(in(FILES_ROUTES), 0700), 0);
	ck_assert(!switch_link(state, FILES_ROUTES, 7, &err));
	expect_sentence("rename", in(FILES_ROUTES ".tmp"),
		arena_printf(
			arena, " to %s: Is a directory", in(FILES_ROUTES)));
	ck_assert_int_ne(lstat(in(FILES_ROUTES ".tmp"), &status), 0);
}
END_TEST

START_TEST(folder_at_the_temporary_name_is_an_error)
{
	ck_assert_int_eq(mkdir(in(FILES_ROUTES ".tmp"), 0700), 0);
	ck_assert(!switch_link(state, FILES_ROUTES, 7, &err));
	expect_sentence("remove", in(FILES_ROUTES ".tmp"), ": Is a directory");
}
END_TEST

START_TEST(files_of_the_kind_are_touched)
{
	make_generation();
	ck_assert(touch());
	ck_assert(is_touched("transport.cdb"));
	ck_assert(!is_touched("relay_recipients.cdb"));
}
END_TEST

/* It was removed since the folder was listed. */
START_TEST(file_that_is_gone_is_passed_over)
{
	make_generation();
	ck_assert_int_eq(
		symlink("nowhere", in_generation("tls_policy.cdb")), 0);
	ck_assert_msg(touch(), "%s", err.text);
	ck_assert(is_touched("transport.cdb"));
}
END_TEST

START_TEST(file_that_can_not_be_touched_is_an_error)
{
	const char *path = in_generation("tls_policy.cdb");

	make_generation();
	ck_assert_int_eq(symlink("tls_policy.cdb", path), 0);
	ck_assert(!touch());
	expect_sentence("stat", path, ": Too many levels of symbolic links");
}
END_TEST

START_TEST(generation_that_is_gone_is_none)
{
	ck_assert(touch());
	ck_assert(switch_touch(state, 0, RETIRED_ROUTES, 0, &err));
	test_write(in(FILES_GENERATIONS "/7"), "", 0);
	ck_assert(!touch());
	expect_sentence(
		"open folder", in(FILES_GENERATIONS "/7"), ": Not a directory");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("publish_switch");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, link_is_replaced_whatever_a_killed_run_left);
	tcase_add_test(tcase, folder_in_place_of_the_link_is_an_error);
	tcase_add_test(tcase, folder_at_the_temporary_name_is_an_error);
	tcase_add_test(tcase, files_of_the_kind_are_touched);
	tcase_add_test(tcase, file_that_is_gone_is_passed_over);
	tcase_add_test(tcase, file_that_can_not_be_touched_is_an_error);
	tcase_add_test(tcase, generation_that_is_gone_is_none);
	return unit_run(suite_create("publish_switch"), tcase);
}
