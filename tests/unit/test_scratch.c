/* A folder of this run's own, which nobody finds behind it. */
#include "transport-map-gen/scratch.h"

#include "failing_file_calls.h"
#include "sink_text.h"
#include "unit_main.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

FAILING_CALL(int, -1, pipe2, (int ends[2], int flags), (ends, flags))
FAILING_CALL(pid_t, -1, fork, (void), ())

static struct arena *arena;
static const char *parent;

static void set_up(void)
{
	arena = arena_open();
	parent = test_folder(arena);
	setenv("TMPDIR", parent, 1);
}

static void tear_down(void)
{
	test_folder_remove(parent);
	arena_close(&arena);
}

/* rmdir(2) tells: it takes no folder that holds anything. */
static void nothing_is_left(void)
{
	ck_assert_int_eq(rmdir(parent), 0);
	ck_assert_int_eq(mkdir(parent, 0700), 0);
}

START_TEST(folder_goes_with_its_files)
{
	struct err err = { 0 };
	struct scratch *scratch = scratch_open(&err);
	struct stat status;

	ck_assert_msg(scratch != NULL, "%s", err.text);
	const char *folder = scratch_folder(scratch);

	ck_assert_int_eq(strncmp(folder, parent, strlen(parent)), 0);
	ck_assert_int_eq(stat(folder, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0700);
	test_write(arena_printf(arena, "%s/map", folder), "x", 1);
	scratch_close(&scratch);
	ck_assert_ptr_null(scratch);
	nothing_is_left();
	scratch_close(&scratch);
}
END_TEST

/* It is its parent that is killed, and this process that inherits it. */
START_TEST(folder_goes_with_who_is_killed)
{
	int status;

	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	const pid_t child = fork();

	if (child == 0) {
		ck_assert_ptr_nonnull(scratch_open(NULL));
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_gt(waitpid(-1, &status, 0), 0);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), EXIT_SUCCESS);
	nothing_is_left();
}
END_TEST

static const struct {
	const char *call;
	int error;
	const char *sentence;
} failing[] = {
	{ "mkdtemp", ENOSPC, "make a folder " },
	{ "pipe2", EMFILE, "open a pipe: " },
	{ "fork", EAGAIN, "fork: " },
};

START_TEST(failure_is_told_and_leaves_nothing)
{
	struct err err = { 0 };

	failing_call_begin(failing[_i].call, 1, failing[_i].error);
	ck_assert_ptr_null(scratch_open(&err));
	ck_assert(failing_call_end());
	ck_assert_msg(strstr(err.text, failing[_i].sentence) == err.text, "%s",
		err.text);
	ck_assert_ptr_nonnull(strstr(err.text, strerror(failing[_i].error)));
	nothing_is_left();
}
END_TEST

static const char *const no_parents[] = { NULL, "" };

START_TEST(without_a_parent_it_is_in_tmp)
{
	struct err err = { 0 };

	if (no_parents[_i] == NULL)
		unsetenv("TMPDIR");
	else
		setenv("TMPDIR", no_parents[_i], 1);
	struct scratch *scratch = scratch_open(&err);

	ck_assert_msg(scratch != NULL, "%s", err.text);
	ck_assert_int_eq(strncmp(scratch_folder(scratch),
				 "/tmp/postshare-candidate.", 25),
		0);
	scratch_close(&scratch);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("scratch");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, folder_goes_with_its_files);
	tcase_add_test(tcase, folder_goes_with_who_is_killed);
	tcase_add_loop_test(
		tcase, failure_is_told_and_leaves_nothing, 0, COUNT(failing));
	tcase_add_loop_test(
		tcase, without_a_parent_it_is_in_tmp, 0, COUNT(no_parents));
	return unit_run(suite_create("scratch"), tcase);
}
