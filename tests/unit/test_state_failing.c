/* A state folder that can not be opened is told, and can be a moment later. */
#include "snapshot/state.h"

#include "base/arena.h"
#include "base/text.h"

#include "tests/unit/failing_file_calls.h"
#include "tests/unit/publish_case.h"

#include <grp.h>
#include <string.h>

static struct publish_case c;

static void set_up(void)
{
	publish_case_init(&c);
}

static void tear_down(void)
{
	publish_case_fini(&c);
}

static const struct failing {
	const char *name, *sentence;
	int error;
} calls[] = {
	{ "open", "", EMFILE },
	{ "opendir", "", EMFILE },
	{ "stat", "stat ", EIO },
	{ "flock", "lock ", ENOLCK },
	{ "readdir", "read folder ", EIO },
	{ "mkdir", "create folder ", ENOSPC },
	{ "lstat", "stat ", EIO },
	{ "fchmodat", "chmod ", EROFS },
	{ "lchown", "chgrp ", EIO },
	{ "readlink", "read link ", EIO },
	{ "unlink", "remove ", EIO },
	{ "rmdir", "remove folder ", EIO },
	{ "getgrnam", "look for the group postshare", EIO },
	{ "getgrnam", "look for the group postshare", EACCES },
	{ "fopen", "open /etc/group", EACCES },
};

FAILING_CALL(
	FILE *, NULL, fopen, (const char *path, const char *mode), (path, mode))

/* Finds nobody, so that the file of groups is read wherever this is run. */
struct group *getgrnam(const char *name)
{
	(void)name;
	if (!failing_call_is_due("getgrnam"))
		errno = 0;
	return NULL;
}

/* What a run that was killed has left. */
static void leave_behind(void)
{
	ck_assert_int_eq(system(arena_printf(c.arena,
				 "mkdir -p '%s/generations/.new.x' && "
				 "touch '%s/generations/.new.x/map' "
				 "'%s/current.tmp'",
				 c.path, c.path, c.path)),
		0);
}

/* Whether the call was made so often; then it is told, or does no harm. */
static bool open_failing_at(
	const struct failing *call, unsigned n, unsigned *n_told)
{
	struct err err = { 0 };

	failing_call_begin(call->name, n, call->error);
	struct state *opened = state_open(c.path, &err);
	const bool has_failed = failing_call_end();

	if (opened == NULL) {
		ck_assert_msg(has_failed &&
				text_starts(err.text, call->sentence) &&
				strstr(err.text, strerror(call->error)) != NULL,
			"%s %u: %s", call->name, n, err.text);
		++*n_told;
	} else {
		publish_case_nothing_is_left(&c);
		state_close(&opened);
	}
	return has_failed;
}

/* A new one each time, and one that is used. */
START_TEST(failed_call_is_told)
{
	const struct failing *call = &calls[_i];
	unsigned n_told = 0, n = 0;

	state_close(&c.state);
	do {
		ck_assert_int_eq(
			system(arena_printf(c.arena, "rm -rf '%s'", c.path)),
			0);
	} while (open_failing_at(call, ++n, &n_told));
	n = 0;
	do {
		publish_case_open(&c);
		state_close(&c.state);
		leave_behind();
	} while (open_failing_at(call, ++n, &n_told));
	ck_assert_msg(n_told > 0, "%s was never told", call->name);
	publish_case_open(&c);
	publish_case_nothing_is_left(&c);
}
END_TEST

START_TEST(lock_is_waited_for_through_signals)
{
	state_close(&c.state);
	failing_call_begin("flock", 1, EINTR);
	publish_case_open(&c);
	ck_assert(failing_call_end());
}
END_TEST

/* A disk that fails for a moment makes nothing look unpublished. */
START_TEST(links_are_remembered)
{
	publish_case_maps(&c, "r1", "u1");
	ck_assert_uint_eq(state_current(c.state), 1);
	failing_call_begin("readlink", 1, EIO);
	ck_assert_uint_eq(state_current(c.state), 1);
	ck_assert(failing_call_end());
}
END_TEST

static const struct failing new_folder_calls[] = {
	{ "mkdtemp", "create folder ", ENOSPC },
	{ "lstat", "stat ", EIO },
	{ "fchmodat", "chmod ", EROFS },
	{ "lchown", "chgrp ", EIO },
};

START_TEST(new_folder_that_fails_is_told)
{
	struct err err = { 0 };
	const struct failing *call = &new_folder_calls[_i];

	failing_call_begin(call->name, 1, call->error);
	ck_assert_ptr_null(state_new_folder(c.state, &err));
	ck_assert(failing_call_end());
	ck_assert_msg(text_starts(err.text, call->sentence), "%s", err.text);
	state_close(&c.state);
	publish_case_open(&c);
	publish_case_nothing_is_left(&c);
}
END_TEST

/* Nobody but root may give a file away; he goes on without. */
START_TEST(who_may_not_give_keeps)
{
	state_close(&c.state);
	failing_call_begin("lchown", 1, EPERM);
	struct err err = { 0 };
	struct state *opened = state_open(c.path, &err);

	failing_call_end();
	if (geteuid() == 0)
		ck_assert(text_starts(err.text, "chgrp "));
	else
		ck_assert_ptr_nonnull(opened);
	state_close(&opened);
}
END_TEST

START_TEST(unlisted_generations_are_told)
{
	struct err err = { 0 };
	struct state_numbers numbers;

	publish_case_maps(&c, "r1", "u1");
	failing_call_begin("opendir", 1, EMFILE);
	ck_assert(!state_numbers(c.state, &numbers, c.arena, &err));
	ck_assert(failing_call_end());
	ck_assert(text_starts(err.text, "open folder "));
	failing_call_begin("opendir", 1, EMFILE);
	ck_assert_uint_eq(state_newest(c.state), 0);
	ck_assert(failing_call_end());
	ck_assert_uint_eq(state_newest(c.state), 1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("state_failing");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(tcase, failed_call_is_told, 0, COUNT(calls));
	tcase_add_test(tcase, lock_is_waited_for_through_signals);
	tcase_add_test(tcase, links_are_remembered);
	tcase_add_loop_test(tcase, new_folder_that_fails_is_told, 0,
		COUNT(new_folder_calls));
	tcase_add_test(tcase, who_may_not_give_keeps);
	tcase_add_test(tcase, unlisted_generations_are_told);
	return unit_run(suite_create("state_failing"), tcase);
}
