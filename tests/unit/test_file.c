/* Whole files read and replaced; what fails leaves the old one. */
#include "base/file.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena *arena;
static char *folder;

static void setup(void)
{
	const char *top = getenv("TMPDIR");

	arena = arena_open();
	folder = arena_printf(
		arena, "%s/file-XXXXXX", top == NULL ? "/tmp" : top);
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static char *path_of(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static void teardown(void)
{
	unlink(path_of("a"));
	unlink(path_of("a.tmp"));
	unlink(path_of("foreign"));
	rmdir(path_of("a"));
	ck_assert_int_eq(rmdir(folder), 0);
	arena_close(&arena);
}

static void replace(const char *text)
{
	struct err err = { 0 };

	ck_assert_msg(
		file_replace(path_of("a"), text, strlen(text), 0640, &err),
		"%s", err.text);
}

static const char *content(void)
{
	size_t len;

	return file_read(path_of("a"), &len, arena, NULL);
}

START_TEST(what_was_written_is_read)
{
	static const char bytes[] = "a\0b\n";
	struct err err = { 0 };
	size_t len = 0;

	ck_assert(file_replace(path_of("a"), bytes, 4, 0640, &err));
	const char *read = file_read(path_of("a"), &len, arena, &err);

	ck_assert_ptr_nonnull(read);
	ck_assert_uint_eq(len, 4);
	ck_assert_int_eq(memcmp(read, bytes, 5), 0);
}
END_TEST

/* From a pipe, whose writer gives little at a time. */
START_TEST(bytes_are_read_as_far_as_there_is_room)
{
	char bytes[8] = "";
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	const pid_t child = fork();

	if (child == 0) {
		for (int i = 0; i < 5; i++)
			if (write(ends[1], "ab", 2) != 2)
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	ck_assert_int_eq(file_fill(ends[0], bytes, 7), 7);
	ck_assert_str_eq(bytes, "abababa");
	ck_assert_int_eq(file_fill(ends[0], bytes, 7), 3);
	ck_assert_mem_eq(bytes, "bab", 3);
	ck_assert_int_eq(file_fill(ends[0], bytes, 7), 0);
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	ck_assert_int_eq(file_fill(ends[0], bytes, 7), -1);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(an_empty_file_is_an_empty_text)
{
	replace("");
	ck_assert_str_eq(content(), "");
}
END_TEST

START_TEST(mode_is_what_was_asked_whatever_the_umask)
{
	struct stat status;

	umask(0777);
	replace("a");
	umask(022);
	ck_assert_int_eq(stat(path_of("a"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
}
END_TEST

START_TEST(replace_leaves_no_temporary_file)
{
	replace("old");
	replace("new");
	ck_assert_str_eq(content(), "new");
	ck_assert_int_ne(access(path_of("a.tmp"), F_OK), 0);
}
END_TEST

START_TEST(a_missing_file_is_named)
{
	struct err err = { 0 };
	size_t len;

	ck_assert_ptr_null(file_read("/nowhere/a", &len, arena, &err));
	ck_assert_str_eq(
		err.text, "open /nowhere/a: No such file or directory");
}
END_TEST

START_TEST(a_folder_is_not_read)
{
	struct err err = { 0 };
	size_t len;

	ck_assert_ptr_null(file_read("/", &len, arena, &err));
	ck_assert_str_eq(err.text, "read /: not a regular file");
}
END_TEST

START_TEST(a_file_is_read_up_to_its_bound)
{
	struct err err = { 0 };
	size_t len;

	ck_assert(file_replace(path_of("a"), "abcd", 4, 0640, &err));
	ck_assert_ptr_nonnull(
		file_read_at_most(4, path_of("a"), &len, arena, &err));
	ck_assert_uint_eq(len, 4);
	ck_assert_ptr_null(
		file_read_at_most(3, path_of("a"), &len, arena, &err));
	ck_assert_str_eq(err.text,
		arena_printf(arena, "read %s: 4 bytes, at most 3 are expected",
			path_of("a")));
}
END_TEST

START_TEST(a_pipe_is_refused_at_once)
{
	struct err err = { 0 };
	size_t len;

	ck_assert_int_eq(mkfifo(path_of("a"), 0600), 0);
	ck_assert_ptr_null(file_read(path_of("a"), &len, arena, &err));
	ck_assert_str_eq(err.text,
		arena_printf(
			arena, "read %s: not a regular file", path_of("a")));
}
END_TEST

START_TEST(a_missing_folder_is_named)
{
	struct err err = { 0 };

	ck_assert(!file_replace("/nowhere/a", "x", 1, 0640, &err));
	ck_assert_str_eq(
		err.text, "create /nowhere/a.tmp: No such file or directory");
	ck_assert(!file_sync("/nowhere", &err));
	ck_assert_str_eq(err.text, "open /nowhere: No such file or directory");
}
END_TEST

static bool fills_what_is_closed(void)
{
	struct stat in, error, null;

	close(STDIN_FILENO);
	close(STDERR_FILENO);
	file_fill_stdio();
	return stat("/dev/null", &null) == 0 && fstat(STDIN_FILENO, &in) == 0 &&
		in.st_rdev == null.st_rdev &&
		fstat(STDERR_FILENO, &error) == 0 &&
		error.st_rdev == null.st_rdev &&
		fstat(STDERR_FILENO + 1, &null) != 0;
}

/* In a child, which may have nothing else open. */
START_TEST(closed_descriptors_are_filled)
{
	int status;

	if (fork() == 0) {
		closefrom(STDERR_FILENO + 1);
		_exit(fills_what_is_closed() ? 0 : 1);
	}
	ck_assert_int_gt(wait(&status), 0);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_full_disk_leaves_the_old_file)
{
	struct rlimit before, limit;
	struct err err = { 0 };
	char *expected = arena_printf(
		arena, "write %s.tmp: File too large", path_of("a"));

	replace("old");
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = (struct rlimit){ 4, before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert(!file_replace(path_of("a"), "longer", 6, 0640, &err));
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert_str_eq(err.text, expected);
	ck_assert_str_eq(content(), "old");
	ck_assert_int_ne(access(path_of("a.tmp"), F_OK), 0);
}
END_TEST

START_TEST(a_refused_rename_leaves_no_temporary_file)
{
	struct err err = { 0 };

	ck_assert_int_eq(mkdir(path_of("a"), 0700), 0);
	ck_assert(!file_replace(path_of("a"), "x", 1, 0640, &err));
	ck_assert_str_eq(err.text,
		arena_printf(arena, "rename %s.tmp to %s: Is a directory",
			path_of("a"), path_of("a")));
	ck_assert_int_ne(access(path_of("a.tmp"), F_OK), 0);
}
END_TEST

static int make_link(const char *path)
{
	return symlink("foreign", path);
}

static int make_hard_link(const char *path)
{
	return link(path_of("foreign"), path);
}

static int make_pipe(const char *path)
{
	return mkfifo(path, 0666);
}

static int (*const makers[])(
	const char *path) = { make_link, make_hard_link, make_pipe };

/* Whoever may write in the folder might have put it there. */
START_TEST(what_is_at_the_temporary_name_is_not_written_to)
{
	struct err err = { 0 };
	size_t len;

	ck_assert(file_replace(path_of("foreign"), "theirs", 6, 0600, &err));
	replace("old");
	ck_assert_int_eq(makers[_i](path_of("a.tmp")), 0);
	ck_assert_msg(file_replace(path_of("a"), "new", 3, 0600, &err), "%s",
		err.text);
	ck_assert_str_eq(content(), "new");
	ck_assert_str_eq(
		file_read(path_of("foreign"), &len, arena, &err), "theirs");
}
END_TEST

/* None that we made: a folder may have something in it. */
START_TEST(a_folder_at_the_temporary_name_is_told)
{
	struct err err = { 0 };

	ck_assert_int_eq(mkdir(path_of("a.tmp"), 0700), 0);
	ck_assert(!file_replace(path_of("a"), "new", 3, 0600, &err));
	ck_assert_str_eq(err.text,
		arena_printf(
			arena, "create %s.tmp: Is a directory", path_of("a")));
	ck_assert_int_eq(rmdir(path_of("a.tmp")), 0);
}
END_TEST

START_TEST(what_can_not_be_shared_is_told)
{
	ck_assert(!file_share(-1, "."));
	ck_assert_int_eq(errno, EBADF);
	ck_assert(!file_share(STDERR_FILENO, "no such folder"));
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(too_long_a_path_is_refused)
{
	struct err err = { 0 };
	char path[PATH_MAX + 1];

	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	ck_assert(!file_replace(path, "x", 1, 0640, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "aaa"));
	ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

static void add_tests(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_was_written_is_read);
	tcase_add_test(tcase, bytes_are_read_as_far_as_there_is_room);
	tcase_add_test(tcase, an_empty_file_is_an_empty_text);
	tcase_add_test(tcase, mode_is_what_was_asked_whatever_the_umask);
	tcase_add_test(tcase, replace_leaves_no_temporary_file);
	tcase_add_test(tcase, a_missing_file_is_named);
	tcase_add_test(tcase, a_folder_is_not_read);
	tcase_add_test(tcase, a_file_is_read_up_to_its_bound);
	tcase_add_test(tcase, a_pipe_is_refused_at_once);
	tcase_add_test(tcase, a_missing_folder_is_named);
	tcase_add_test(tcase, closed_descriptors_are_filled);
	tcase_add_test(tcase, a_full_disk_leaves_the_old_file);
	tcase_add_test(tcase, a_refused_rename_leaves_no_temporary_file);
	tcase_add_loop_test(tcase,
		what_is_at_the_temporary_name_is_not_written_to, 0,
		(int)(sizeof makers / sizeof *makers));
	tcase_add_test(tcase, a_folder_at_the_temporary_name_is_told);
	tcase_add_test(tcase, what_can_not_be_shared_is_told);
	tcase_add_test(tcase, too_long_a_path_is_refused);
}

int main(void)
{
	TCase *tcase = tcase_create("file");

	add_tests(tcase);
	return unit_run(suite_create("file"), tcase);
}
