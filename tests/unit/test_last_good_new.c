/* What is to replace a copy: put in its place, or the old one stands. */
#include "directory/last_good.h"

#include "base/arena.h"

#include "tests/unit/last_good_case.h"
#include "tests/unit/listing_case.h"
#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *temporary_of(const struct last_good_case *c)
{
	return arena_printf(c->arena, "%s/directories/.ad.tmp", c->state);
}

/* One of the first entry alone. */
static void old_copy_stands(struct last_good_case *c)
{
	ck_assert_int_eq(last_good_case_read(c), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&c->found), "row 2 ann@d.example\n");
}

static void write_fails(struct last_good_case *c, const char *doing,
	const char *path, const char *why)
{
	ck_assert(!last_good_case_write(c, 2));
	ck_assert_str_eq(c->err.text,
		arena_printf(c->arena, "%s %s: %s", doing, path, why));
}

/* As the folder is, so that whoever may explain can say where it is from. */
START_TEST(copy_is_0640_and_of_the_group_of_the_folder)
{
	struct last_good_case c;
	struct stat folder, copy;

	last_good_case_init(&c);
	const char *path = arena_printf(c.arena, "%s/directories", c.state);

	ck_assert_int_eq(mkdir(path, 0750), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(chown(path, (uid_t)-1, 4711), 0);
	ck_assert(last_good_case_write(&c, 1));
	ck_assert_int_eq(stat(path, &folder), 0);
	ck_assert_int_eq(stat(c.copy, &copy), 0);
	ck_assert_uint_eq(copy.st_mode & 07777, 0640);
	ck_assert_uint_eq(copy.st_gid, folder.st_gid);
	last_good_case_fini(&c);
}
END_TEST

START_TEST(folder_that_can_not_be_made_is_an_error)
{
	struct last_good_case c;

	last_good_case_init(&c);
	ck_assert(!listing_keep(
		last_good_case_listing(&c, 1), "/no/such/state", "ad", &c.err));
	ck_assert_str_eq(c.err.text,
		"create /no/such/state/directories: No such file or directory");
	last_good_case_fini(&c);
}
END_TEST

START_TEST(file_that_can_not_be_made_is_an_error)
{
	struct last_good_case c;

	last_good_case_init(&c);
	test_write(arena_printf(c.arena, "%s/directories", c.state), "", 0);
	write_fails(&c, "create", temporary_of(&c), "Not a directory");
	last_good_case_fini(&c);
}
END_TEST

/* Whoever may write in the folder might have put it there, or a backup. */
START_TEST(what_is_at_the_temporary_name_goes)
{
	struct last_good_case c;
	struct stat status;

	last_good_case_init(&c);
	ck_assert(last_good_case_write(&c, 1));
	const char *temporary = temporary_of(&c);
	const char *others = arena_printf(c.arena, "%s/others", c.state);

	test_write(others, "theirs\n", 7);
	if (_i == 0)
		ck_assert_int_eq(symlink("../others", temporary), 0);
	else
		ck_assert_int_eq(mkfifo(temporary, 0600), 0);
	ck_assert_msg(last_good_case_write(&c, 2), "%s", c.err.text);
	ck_assert_int_eq(lstat(c.copy, &status), 0);
	ck_assert(S_ISREG(status.st_mode));
	ck_assert_int_eq(stat(others, &status), 0);
	ck_assert_int_eq(status.st_size, 7);
	last_good_case_fini(&c);
}
END_TEST

START_TEST(folder_at_the_temporary_name_is_an_error)
{
	struct last_good_case c;

	last_good_case_init(&c);
	ck_assert(last_good_case_write(&c, 1));
	const char *temporary = temporary_of(&c);

	ck_assert_int_eq(mkdir(temporary, 0700), 0);
	write_fails(&c, "create", temporary, "Is a directory");
	old_copy_stands(&c);
	last_good_case_fini(&c);
}
END_TEST

START_TEST(copy_that_can_not_be_replaced_is_an_error)
{
	struct last_good_case c;

	last_good_case_init(&c);
	ck_assert(last_good_case_write(&c, 1));
	ck_assert_int_eq(unlink(c.copy), 0);
	ck_assert_int_eq(mkdir(c.copy, 0700), 0);
	ck_assert(!last_good_case_write(&c, 1));
	ck_assert_str_eq(c.err.text,
		arena_printf(c.arena,
			"rename %s/directories/.ad.tmp to %s: Is a directory",
			c.state, c.copy));
	ck_assert_int_eq(last_good_case_read(&c), LOOKUP_FAILED);
	ck_assert_int_ne(access(temporary_of(&c), F_OK), 0);
	last_good_case_fini(&c);
}
END_TEST

START_TEST(full_disk_leaves_the_old_copy)
{
	struct last_good_case c;

	last_good_case_init(&c);
	ck_assert(last_good_case_write(&c, 1));
	const char *temporary = temporary_of(&c);

	test_limit_files(10);
	write_fails(&c, "write", temporary, "File too large");
	test_limit_files(RLIM_INFINITY);
	old_copy_stands(&c);
	last_good_case_fini(&c);
}
END_TEST

START_TEST(what_is_abandoned_leaves_the_old_copy)
{
	struct last_good_new copy;
	struct last_good_case c;

	last_good_case_init(&c);
	ck_assert(last_good_case_write(&c, 1));
	ck_assert(last_good_write(
		last_good_case_listing(&c, 3), c.copy, c.arena, &c.err));
	ck_assert(last_good_adopt(&copy, c.copy, c.arena, &c.err));
	last_good_abandon(&copy);
	ck_assert_int_ne(access(copy.temporary, F_OK), 0);
	old_copy_stands(&c);
	last_good_case_fini(&c);
}
END_TEST

START_TEST(what_was_written_can_be_synced_ahead)
{
	struct last_good_new copy;
	struct last_good_case c;

	last_good_case_init(&c);
	ck_assert(last_good_write(
		last_good_case_listing(&c, 1), c.copy, c.arena, &c.err));
	ck_assert(last_good_adopt(&copy, c.copy, c.arena, &c.err));
	last_good_sync(&copy);
	ck_assert_int_eq(last_good_case_read(&c), LOOKUP_NONE);
	ck_assert(last_good_commit(&copy, &c.err));
	ck_assert_int_eq(last_good_case_read(&c), LOOKUP_FOUND);
	last_good_case_fini(&c);
}
END_TEST

START_TEST(what_could_not_be_synced_leaves_the_old_copy)
{
	struct last_good_new copy;
	struct last_good_case c;

	last_good_case_init(&c);
	ck_assert(last_good_case_write(&c, 1));
	ck_assert(last_good_write(
		last_good_case_listing(&c, 3), c.copy, c.arena, &c.err));
	ck_assert(last_good_adopt(&copy, c.copy, c.arena, &c.err));
	copy.is_synced = true;
	copy.failed = EIO;
	ck_assert(!last_good_commit(&copy, &c.err));
	ck_assert_str_eq(c.err.text,
		arena_printf(c.arena, "write %s: Input/output error",
			copy.temporary));
	ck_assert_int_ne(access(copy.temporary, F_OK), 0);
	old_copy_stands(&c);
	last_good_case_fini(&c);
}
END_TEST

START_TEST(what_is_discarded_can_not_be_adopted)
{
	struct last_good_new copy;
	struct last_good_case c;

	last_good_case_init(&c);
	ck_assert(last_good_write(
		last_good_case_listing(&c, 1), c.copy, c.arena, &c.err));
	last_good_discard(c.copy, c.arena);
	ck_assert(!last_good_adopt(&copy, c.copy, c.arena, &c.err));
	ck_assert_str_eq(c.err.text,
		arena_printf(c.arena, "open %s: No such file or directory",
			copy.temporary));
	last_good_case_fini(&c);
}
END_TEST

START_TEST(link_in_its_place_is_not_adopted)
{
	struct last_good_new copy;
	struct last_good_case c;

	last_good_case_init(&c);
	ck_assert(last_good_case_write(&c, 1));
	const char *temporary = temporary_of(&c);

	ck_assert_int_eq(symlink("ad", temporary), 0);
	ck_assert(!last_good_adopt(&copy, c.copy, c.arena, &c.err));
	ck_assert_str_eq(c.err.text,
		arena_printf(c.arena,
			"open %s: Too many levels of symbolic links",
			temporary));
	ck_assert_int_ne(access(temporary, F_OK), 0);
	last_good_case_fini(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("last_good_new");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */
	tcase_add_test(tcase, copy_is_0640_and_of_the_group_of_the_folder);
	tcase_add_test(tcase, folder_that_can_not_be_made_is_an_error);
	tcase_add_test(tcase, file_that_can_not_be_made_is_an_error);
	tcase_add_loop_test(tcase, what_is_at_the_temporary_name_goes, 0, 2);
	tcase_add_test(tcase, folder_at_the_temporary_name_is_an_error);
	tcase_add_test(tcase, copy_that_can_not_be_replaced_is_an_error);
	tcase_add_test(tcase, full_disk_leaves_the_old_copy);
	tcase_add_test(tcase, what_is_abandoned_leaves_the_old_copy);
	tcase_add_test(tcase, what_was_written_can_be_synced_ahead);
	tcase_add_test(tcase, what_could_not_be_synced_leaves_the_old_copy);
	tcase_add_test(tcase, what_is_discarded_can_not_be_adopted);
	tcase_add_test(tcase, link_in_its_place_is_not_adopted);
	return unit_run(suite_create("last_good_new"), tcase);
}
