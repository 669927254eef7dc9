/* The state folder: made, locked, cleaned, and what its links say. */
#include "snapshot/state.h"

#include "base/arena.h"
#include "snapshot/files.h"
#include "snapshot/folder.h"
#include "tests/unit/folder_case.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *base;
static char path[300];
static struct arena *arena;

static void make_base(void)
{
	arena = arena_open();
	base = test_folder(arena);
	snprintf(path, sizeof path, "%s/state", base);
}

static void remove_base(void)
{
	test_folder_remove(base);
	arena_close(&arena);
}

static struct state *open_state(void)
{
	struct err err = { 0 };
	struct state *state = state_open(path, &err);

	ck_assert_msg(state != NULL, "%s", err.text);
	return state;
}

static const char *in(const char *name)
{
	return arena_printf(arena, "%s/%s", path, name);
}

static void touch(const char *name)
{
	const int fd = open(in(name), O_WRONLY | O_CREAT, 0600);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static bool exists(const char *name)
{
	struct stat status;

	return lstat(in(name), &status) == 0;
}

static unsigned mode_of(const char *name)
{
	struct stat status;

	ck_assert_int_eq(stat(in(name), &status), 0);
	return status.st_mode & 07777;
}

static void refused(const char *sentence)
{
	struct err err = { 0 };

	ck_assert_ptr_null(state_open(path, &err));
	ck_assert_msg(strstr(err.text, sentence) != NULL, "%s", err.text);
}

START_TEST(missing_folders_are_made_0750)
{
	umask(0);
	struct state *state = open_state();

	ck_assert_uint_eq(mode_of("."), 0750);
	ck_assert_uint_eq(mode_of("generations"), 0750);
	ck_assert_uint_eq(mode_of("directories"), 0750);
	ck_assert_str_eq(state_path(state), path);
	state_close(&state);
	ck_assert_ptr_null(state);
	state_close(&state);
}
END_TEST

START_TEST(mode_that_somebody_chose_stays)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(chmod(path, 0711), 0);
	struct state *state = open_state();

	ck_assert_uint_eq(mode_of("."), 0711);
	state_close(&state);
}
END_TEST

START_TEST(group_is_postshare_or_the_callers)
{
	const struct group *group = getgrnam("postshare");
	const bool has_group = group != NULL;
	const gid_t expected = has_group ? group->gr_gid : getegid();
	struct state *state = open_state();
	struct stat status;
	struct err err = { 0 };

	ck_assert_int_eq(state_has_group(state), has_group);
	touch("file");
	ck_assert(state_own(state, in("file"), &err));
	ck_assert_int_eq(stat(in("file"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
	if (geteuid() == 0)
		ck_assert_uint_eq(status.st_gid, expected);
	ck_assert(!state_own(state, in("absent"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "stat "));
	state_close(&state);
}
END_TEST

/* Who owns the folder might lead root elsewhere. */
START_TEST(links_are_not_followed)
{
	struct state *state = open_state();
	struct err err = { 0 };

	touch("file");
	ck_assert_int_eq(symlink("file", in("link")), 0);
	ck_assert(!state_own(state, in("link"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "chmod "));
	ck_assert_uint_eq(mode_of("file"), 0600);
	state_close(&state);
	ck_assert_int_eq(unlink(in("lock")), 0);
	ck_assert_int_eq(symlink("new", in("lock")), 0);
	refused("/lock: Too many levels of symbolic links");
	ck_assert(!exists("new"));
	ck_assert_int_eq(unlink(in("lock")), 0);
	ck_assert_int_eq(mkdir(in("elsewhere"), 0700), 0);
	ck_assert_int_eq(symlink("elsewhere", in("sync")), 0);
	touch("elsewhere/.file");
	if (geteuid() != 0)
		return;
	refused("/sync is a link, which root does not follow");
	ck_assert_int_eq(unlink(in("sync")), 0);
	ck_assert_int_eq(rmdir(in("generations")), 0);
	ck_assert_int_eq(symlink("elsewhere", in("generations")), 0);
	refused("/generations is a link, which root does not follow");
	ck_assert(exists("elsewhere/.file"));
}
END_TEST

static bool works_as_nobody(void)
{
	if (setresgid(65534, 65534, 65534) != 0 ||
		setresuid(65534, 65534, 65534) != 0)
		return false;
	struct state *state = state_open(path, NULL);
	const bool works =
		state != NULL && state_new_folder(state, NULL) != NULL;

	state_close(&state);
	return works;
}

/* Not root, and perhaps not in the group: the files stay the caller's. */
START_TEST(chgrp_that_fails_is_no_error_to_a_user)
{
	int status;

	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chmod(base, 0777), 0);
	if (fork() == 0)
		_exit(works_as_nobody() ? 0 : 1);
	ck_assert_int_gt(wait(&status), 0);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* In a child: this process has to remove its folders afterwards. */
START_TEST(foreign_file_can_not_be_owned)
{
	struct state *state = open_state();
	struct err err = { 0 };
	int status;

	if (geteuid() == 0 && fork() == 0) {
		const bool is_refused = setresuid(65534, 65534, 65534) == 0 &&
			!state_own(state, "/dev/null", &err) &&
			strstr(err.text, "chmod /dev/null: ") != NULL;

		_exit(is_refused ? 0 : 1);
	}
	if (geteuid() == 0) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	state_close(&state);
}
END_TEST

START_TEST(what_killed_runs_left_is_removed)
{
	struct state *state = open_state();
	struct err err = { 0 };
	const char *folder = state_new_folder(state, &err);

	ck_assert_ptr_nonnull(folder);
	folder = arena_strdup(arena, folder);
	state_close(&state);
	touch("freshness.tmp");
	touch("freshness");
	touch("directories/ad");
	touch("directories/.ad.tmp");
	touch("directories/ad.tmp");
	ck_assert_int_eq(mkdir(in("sync"), 0700), 0);
	touch("sync/ad");
	touch("sync/.ad.tmp");
	touch("generations/.plain");
	ck_assert_int_eq(mkdir(in("generations/.old.3"), 0700), 0);
	touch("generations/.old.3/transport.cdb");
	/* Nor do we make folders in it, but whoever does stops no build. */
	ck_assert_int_eq(mkdir(in("generations/.old.3/policy.cdb"), 0700), 0);
	touch("generations/.old.3/policy.cdb/file");
	ck_assert_int_eq(mkdir(in("generations/4"), 0700), 0);
	ck_assert_int_eq(mkdir(in("folder.tmp"), 0700), 0);
	ck_assert_int_eq(symlink("generations/9", in("routes.tmp")), 0);
	ck_assert_int_eq(symlink("generations/4", in("routes")), 0);
	state = open_state();
	ck_assert(!exists("freshness.tmp"));
	ck_assert(!exists("directories/.ad.tmp"));
	ck_assert(!exists("sync/.ad.tmp"));
	ck_assert(!exists("generations/.old.3"));
	ck_assert(!exists("generations/.plain"));
	ck_assert(!exists("routes.tmp"));
	ck_assert_int_ne(access(folder, F_OK), 0);
	/* Not left by us. */
	ck_assert(exists("freshness"));
	ck_assert(exists("routes"));
	ck_assert(exists("directories/ad"));
	ck_assert(exists("sync/ad"));
	ck_assert(exists("directories/ad.tmp"));
	ck_assert(exists("generations/4"));
	ck_assert(exists("folder.tmp"));
	state_close(&state);
}
END_TEST

START_TEST(new_folder_is_empty_hidden_and_0750)
{
	struct state *state = open_state();
	struct err err = { 0 };
	const char *one = state_new_folder(state, &err);
	const char *two = state_new_folder(state, &err);
	struct folder folder;

	ck_assert_str_ne(one, two);
	ck_assert_ptr_nonnull(strstr(one, "/generations/."));
	ck_assert(folder_list(&folder, one, arena, &err));
	ck_assert_uint_eq(folder.count, 0);
	ck_assert_uint_eq(mode_of(one + strlen(path) + 1), 0750);
	ck_assert_uint_eq(state_newest(state), 0);
	ck_assert_int_eq(
		system(arena_printf(arena, "rm -r '%s/generations'", path)), 0);
	ck_assert_ptr_null(state_new_folder(state, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "create folder "));
	ck_assert_uint_eq(state_newest(state), 0);
	state_close(&state);
}
END_TEST

static const struct {
	const char *name, *target;
	unsigned long number;
} links[] = {
	{ "ours", "generations/42", 42 },
	{ "elsewhere", "/tmp/42", 0 },
	{ "no number", "generations/new", 0 },
	{ "leading zero", "generations/042", 0 },
	{ "zero", "generations/0", 0 },
	{ "more after it", "generations/42/x", 0 },
	{ "nothing", "generations/", 0 },
	{ "the largest", "generations/999999999999999", 999999999999999 },
	{ "none of ours", "generations/1000000000000000", 0 },
};

START_TEST(link_leads_to_a_number)
{
	struct state *state = open_state();

	ck_assert_uint_eq(state_current(state), 0);
	ck_assert_uint_eq(state_routes(state), 0);
	ck_assert_int_eq(symlink(links[_i].target, in("current")), 0);
	ck_assert_msg(
		state_current(state) == links[_i].number, "%s", links[_i].name);
	ck_assert_uint_eq(state_routes(state), 0);
	ck_assert_int_eq(rename(in("current"), in("routes")), 0);
	ck_assert_uint_eq(state_routes(state), links[_i].number);
	state_close(&state);
}
END_TEST

START_TEST(link_that_can_not_be_read_is_what_it_was)
{
	char away[sizeof path + 8];
	struct state *state = open_state();

	ck_assert_int_eq(symlink("generations/4", in("current")), 0);
	ck_assert_uint_eq(state_current(state), 4);
	snprintf(away, sizeof away, "%s.away", path);
	ck_assert_int_eq(rename(path, away), 0);
	const int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	ck_assert_int_ge(file, 0);
	close(file);
	ck_assert_uint_eq(state_current(state), 4);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_uint_eq(state_current(state), 0);
	ck_assert_int_eq(rename(away, path), 0);
	state_close(&state);
}
END_TEST

START_TEST(numbers_are_sorted_as_numbers)
{
	static const char *const names[] = { "10", "9", "012", "x", "100" };
	struct state *state = open_state();
	struct state_numbers numbers;
	struct err err = { 0 };

	ck_assert_uint_eq(state_newest(state), 0);
	for (size_t i = 0; i < 5; i++)
		mkdir(in(arena_printf(arena, "generations/%s", names[i])),
			0700);
	ck_assert(state_numbers(state, &numbers, arena, &err));
	ck_assert_uint_eq(numbers.count, 3);
	ck_assert_uint_eq(numbers.list[0], 9);
	ck_assert_uint_eq(numbers.list[1], 10);
	ck_assert_uint_eq(numbers.list[2], 100);
	ck_assert_uint_eq(state_newest(state), 100);
	ck_assert_str_eq(
		state_generation(state, 9, arena), in("generations/9"));
	state_close(&state);
}
END_TEST

/* The child tells by a pipe when it has the lock. */
START_TEST(second_run_waits_for_the_first)
{
	struct state *state = open_state();
	int ends[2];
	char byte;

	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	const pid_t child = fork();

	if (child == 0) {
		state_close(&state); /* its copy of the lock */
		struct state *second = state_open(path, NULL);

		const bool is_told =
			second != NULL && write(ends[1], "x", 1) == 1;

		state_close(&second);
		_exit(is_told ? 0 : 1);
	}
	const int fd = open(in("lock"), O_RDWR);

	ck_assert_int_ne(flock(fd, LOCK_EX | LOCK_NB), 0);
	close(fd);
	ck_assert_int_eq(read(ends[0], &byte, 1), -1);
	state_close(&state);
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
}
END_TEST

START_TEST(lock_is_not_inherited_by_programs)
{
	struct state *state = open_state();

	ck_assert_int_eq(
		system(arena_printf(arena,
			"ls -l /proc/self/fd | grep -q '%s/lock'", path)),
		1 << 8);
	state_close(&state);
}
END_TEST

START_TEST(what_is_in_the_way_is_named)
{
	snprintf(path, sizeof path, "%s/a/b", base);
	refused("create folder ");
	snprintf(path, sizeof path, "%s/state", base);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(mkdir(in("lock"), 0700), 0);
	refused("/lock: Is a directory");
	ck_assert_int_eq(rmdir(in("lock")), 0);
	touch("generations");
	refused("open folder ");
	ck_assert_int_eq(unlink(in("generations")), 0);
	ck_assert_int_eq(rmdir(in("directories")), 0);
	touch("directories");
	refused("open folder ");
	ck_assert_int_eq(unlink(in("directories")), 0);
	const char *deep = "generations/.x";

	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(mkdir(in(deep), 0700), 0);
		deep = arena_printf(arena, "%s/y", deep);
	}
	refused("/y/y: Is a directory");
}
END_TEST

START_TEST(long_folders_are_listed_in_order)
{
	struct folder folder;
	struct err err = { 0 };

	ck_assert_int_eq(mkdir(path, 0700), 0);
	for (int i = 0; i < 100; i++)
		touch(arena_printf(arena, "%02d", (i * 37) % 100));
	ck_assert(folder_list(&folder, path, arena, &err));
	ck_assert_uint_eq(folder.count, 100);
	for (size_t i = 0; i < 100; i++)
		ck_assert_str_eq(
			folder.names[i], arena_printf(arena, "%02zu", i));
	ck_assert(folder_remove(path, &err));
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert(folder_remove(path, &err));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("state");

	tcase_add_checked_fixture(tc, make_base, remove_base);
	tcase_add_test(tc, missing_folders_are_made_0750);
	tcase_add_test(tc, mode_that_somebody_chose_stays);
	tcase_add_test(tc, group_is_postshare_or_the_callers);
	tcase_add_test(tc, links_are_not_followed);
	tcase_add_test(tc, chgrp_that_fails_is_no_error_to_a_user);
	tcase_add_test(tc, foreign_file_can_not_be_owned);
	tcase_add_test(tc, what_killed_runs_left_is_removed);
	tcase_add_test(tc, new_folder_is_empty_hidden_and_0750);
	tcase_add_loop_test(tc, link_leads_to_a_number, 0, COUNT(links));
	tcase_add_test(tc, link_that_can_not_be_read_is_what_it_was);
	tcase_add_test(tc, numbers_are_sorted_as_numbers);
	tcase_add_test(tc, second_run_waits_for_the_first);
	tcase_add_test(tc, lock_is_not_inherited_by_programs);
	tcase_add_test(tc, what_is_in_the_way_is_named);
	tcase_add_test(tc, long_folders_are_listed_in_order);
	return unit_run(suite_create("state"), tc);
}
