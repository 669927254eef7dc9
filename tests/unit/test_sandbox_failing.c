/*
 * Kernels that know less of Landlock or nothing, and calls that they refuse:
 * policyd goes on with what there is, and says what it goes without.
 */
#include "policyd/sandbox.h"

#include "policyd/journal.h"
#include "policyd/sandbox_calls.h"
#include "policyd/sandbox_files.h"
#include "tests/unit/failing_kernel_calls.h"
#include "tests/unit/sandbox_case.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>
#include <limits.h>
#include <seccomp.h>

enum { CREATE_RULESET = 444, ADD_RULE, RESTRICT_SELF };

FAILING_CALL(scmp_filter_ctx, NULL, seccomp_init, (uint32_t action), (action))
FAILING_CALL(int, -errno, seccomp_load, (scmp_filter_ctx ctx), (ctx))
FAILING_CALL(int, -errno, seccomp_rule_add_array,
	(scmp_filter_ctx ctx, uint32_t action, int call, unsigned arg_cnt,
		const struct scmp_arg_cmp *arg_array),
	(ctx, action, call, arg_cnt, arg_array))

/* Without arguments, as all that we ask for so. */
int seccomp_rule_add(
	scmp_filter_ctx ctx, uint32_t action, int call, unsigned arg_cnt, ...)
{
	int (*next)(scmp_filter_ctx, uint32_t, int, unsigned, ...);

	if (failing_call_is_due("seccomp_rule_add"))
		return -errno;
	ck_assert_uint_eq(arg_cnt, 0);
	*(void **)&next = dlsym(RTLD_NEXT, "seccomp_rule_add");
	return next(ctx, action, call, 0);
}

static char name[32];

static void fail_syscall(long number, unsigned n)
{
	snprintf(name, sizeof name, "syscall %ld", number);
	failing_call_begin(name, n, EINVAL);
}

static bool limit_files(struct err *err)
{
	static const char *const folders[] = { "/usr" };

	return sandbox_limit_files(folders, 1, err);
}

/* -- what is told */

static const struct failing {
	const char *name;
	long call;
	unsigned n;
	bool (*limit)(struct err *err);
	const char *sentence;
} file_calls[] = {
	{ "no Landlock", CREATE_RULESET, 1, limit_files,
		"landlock: Invalid argument" },
	{ "no ruleset", CREATE_RULESET, 2, limit_files,
		"landlock: Invalid argument" },
	{ "no rule", ADD_RULE, 1, limit_files,
		"landlock: /usr: Invalid argument" },
	{ "not in force", RESTRICT_SELF, 1, limit_files,
		"landlock: Invalid argument" },
	{ "no Landlock, and a query", CREATE_RULESET, 1, sandbox_forbid_writing,
		"landlock: Invalid argument" },
	{ "no rule for a query", ADD_RULE, 1, sandbox_forbid_writing,
		"landlock: /dev/null: Invalid argument" },
	{ "not in force for a query", RESTRICT_SELF, 1, sandbox_forbid_writing,
		"landlock: Invalid argument" },
};

static bool has_landlock(void)
{
	return syscall(CREATE_RULESET, 0L, 0L, 1L) > 0;
}

START_TEST(files_that_stay_in_reach_are_told)
{
	const struct failing *call = &file_calls[_i];
	/* Its first rule is the one of gcov, where lines are counted. */
#ifdef HAS_COVERAGE
	const unsigned n = call->n + (call->call == ADD_RULE);
#else
	const unsigned n = call->n;
#endif
	struct err err = { 0 };

	if (!has_landlock())
		return;
	fail_syscall(call->call, n);
	const bool is_limited = call->limit(&err);

	ck_assert_msg(failing_call_end(), "%s: not called", call->name);
	ck_assert_msg(!is_limited, "%s", call->name);
	ck_assert_str_eq(err.text, call->sentence);
}
END_TEST

START_TEST(new_rights_that_stay_possible_are_told)
{
	struct err err = { 0 };

	if (!has_landlock())
		return;
	snprintf(name, sizeof name, "prctl %d", PR_SET_NO_NEW_PRIVS);
	failing_call_begin(name, 1, EPERM);
	ck_assert(!limit_files(&err));
	ck_assert(failing_call_end());
	ck_assert_str_eq(err.text, "landlock: Operation not permitted");
}
END_TEST

static const struct {
	const char *name;
	bool (*limit)(struct err *err);
	const char *sentence;
} calls[] = {
	{ "seccomp_init", sandbox_limit_calls,
		"seccomp: no filter can be made" },
	{ "seccomp_rule_add", sandbox_limit_calls,
		"seccomp: Invalid argument" },
	{ "seccomp_rule_add_array", sandbox_limit_calls,
		"seccomp: Invalid argument" },
	{ "seccomp_load", sandbox_limit_calls,
		"seccomp: Operation not permitted" },
	{ "seccomp_init", sandbox_forbid_network,
		"seccomp: no filter can be made" },
	{ "seccomp_rule_add", sandbox_forbid_network,
		"seccomp: Invalid argument" },
	{ "seccomp_rule_add_array", sandbox_forbid_network,
		"seccomp: Invalid argument" },
	{ "seccomp_load", sandbox_forbid_network,
		"seccomp: Operation not permitted" },
};

START_TEST(calls_that_stay_allowed_are_told)
{
	struct err err = { 0 };

	failing_call_begin(calls[_i].name, 1, EPERM);
	const bool is_limited = calls[_i].limit(&err);

	ck_assert_msg(failing_call_end(), "%s: not called", calls[_i].name);
	ck_assert(!is_limited);
	ck_assert_str_eq(err.text, calls[_i].sentence);
}
END_TEST

/* Each of those for which a rule is made. */
START_TEST(no_filter_is_half_a_filter)
{
	const char *const rules[] = { "seccomp_rule_add",
		"seccomp_rule_add_array" };
	unsigned n = 0;

	do
		failing_call_begin(rules[_i], ++n, EINVAL);
	while (!sandbox_limit_calls(NULL) && failing_call_end() && n < 20);
	ck_assert_uint_ge(n, 15);
}
END_TEST

static const struct {
	long call; /* 0: seccomp_init() */
	const char *sentence;
} lacks[] = {
	{ 0, "system calls are not limited: seccomp: no filter can be made" },
	{ CREATE_RULESET,
		"files are not limited to the state folder: landlock: " },
};

static int lacking;

static int enter(void)
{
	int log[2];
	char said[1024] = "";

	if (pipe2(log, O_NONBLOCK) != 0)
		return LEFT_OUT;
	struct journal *journal = journal_open_stream(log[1]);

	failing_call_begin("seccomp_init", 1, EPERM);
	if (lacks[lacking].call != 0)
		fail_syscall(lacks[lacking].call, 1);
	sandbox_enter("/usr", true, journal);
	const bool has_failed = failing_call_end();

	journal_close(&journal);
	return end_with(has_failed && read(log[0], said, sizeof said - 1) > 0 &&
		strstr(said, lacks[lacking].sentence) != NULL);
}

START_TEST(policyd_goes_on_and_tells_what_it_lacks)
{
	lacking = _i;
	const int status = in_a_child(enter);

	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == DONE,
		"%s: status %x", lacks[_i].sentence, (unsigned)status);
}
END_TEST

/* -- kernels: each version of Landlock knows more than the one before */

static int version;

static int be_limited_by_version(void)
{
	fail_syscall(CREATE_RULESET, 1);
	failing_syscall_answer = version;
	if (!limit_files(NULL) || !failing_call_end())
		return LEFT_OUT;
	return end_with(open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 &&
		errno == EACCES && open("/usr", O_RDONLY | O_CLOEXEC) >= 0);
}

START_TEST(files_are_limited_as_far_as_the_kernel_can)
{
	const long newest = syscall(CREATE_RULESET, 0L, 0L, 1L);

	if (newest < _i)
		return;
	version = _i;
	const int status = in_a_child(be_limited_by_version);

	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == DONE,
		"version %d: status %x", _i, (unsigned)status);
}
END_TEST

/* -- paths */

static const struct {
	const char *name, *path;
} paths[] = {
	{ "a name alone", "no-such-folder" },
	{ "below a folder that is not there", "no/such/folder" },
	{ "below the root", "/no-such-folder" },
	{ "here", "." },
};

static const char *path;

static int limit_to_path(void)
{
	return end_with(sandbox_limit_files(&path, 1, NULL));
}

START_TEST(what_is_above_is_taken)
{
	if (!has_landlock())
		return;
	path = paths[_i].path;
	const int status = in_a_child(limit_to_path);

	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == DONE,
		"%s: status %x", paths[_i].name, (unsigned)status);
}
END_TEST

START_TEST(what_is_no_folder_is_told)
{
	static const char *const folders[] = { "/etc/passwd/state" };
	struct err err = { 0 };

	if (!has_landlock())
		return;
	ck_assert(!sandbox_limit_files(folders, 1, &err));
	ck_assert_str_eq(
		err.text, "landlock: /etc/passwd/state: Not a directory");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_loop_test(
		tcase, files_that_stay_in_reach_are_told, 0, COUNT(file_calls));
	tcase_add_test(tcase, new_rights_that_stay_possible_are_told);
	tcase_add_loop_test(
		tcase, calls_that_stay_allowed_are_told, 0, COUNT(calls));
	tcase_add_loop_test(tcase, no_filter_is_half_a_filter, 0, 2);
	tcase_add_loop_test(tcase, policyd_goes_on_and_tells_what_it_lacks, 0,
		COUNT(lacks));
	tcase_add_loop_test(
		tcase, files_are_limited_as_far_as_the_kernel_can, 1, 7);
	tcase_add_loop_test(tcase, what_is_above_is_taken, 0, COUNT(paths));
	tcase_add_test(tcase, what_is_no_folder_is_told);
	return unit_run(suite_create("sandbox_failing"), tcase);
}
