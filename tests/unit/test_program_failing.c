/*
 * A system that fails while another program runs: what it printed is whole,
 * or the failure is told; nothing of it is left behind either way.
 */
#include "base/child.h"
#include "base/program.h"

#include "tests/unit/descriptors.h"
#include "tests/unit/failing_file_calls.h"
#include "tests/unit/unit_main.h"

#include <poll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

FAILING_CALL(int, -1, memfd_create, (const char *name, unsigned flags),
	(name, flags))
FAILING_CALL(off_t, -1, lseek, (int fd, off_t at, int from), (fd, at, from))
FAILING_CALL(ssize_t, -1, pread, (int fd, void *out, size_t size, off_t at),
	(fd, out, size, at))
FAILING_CALL(int, -1, pipe2, (int ends[2], int flags), (ends, flags))
FAILING_CALL(pid_t, -1, fork, (void), ())
FAILING_CALL(int, -1, pidfd_open, (pid_t pid, unsigned flags), (pid, flags))
FAILING_CALL(pid_t, -1, waitpid, (pid_t pid, int *status, int how),
	(pid, status, how))
FAILING_CALL(int, -1, poll, (struct pollfd * fds, nfds_t count, int wait_ms),
	(fds, count, wait_ms))

static const struct {
	const char *name;
	int error;
} calls[] = {
	{ "memfd_create", EMFILE },
	{ "ftruncate", ENOSPC },
	{ "lseek", EIO },
	{ "pread", EIO },
	{ "pipe2", EMFILE },
	{ "fork", EAGAIN },
	{ "pidfd_open", EMFILE },
	{ "poll", ENOMEM },
	{ "poll", EINTR },
	{ "read", EIO },
	{ "read", EINTR },
	{ "write", ENOSPC },
	{ "write", EINTR },
	{ "waitpid", EINTR },
};

static bool run_child(struct text *printed, struct err *err)
{
	static const char *const argv[] = { "cat", NULL };

	return child_run(argv, "whole\n", printed, err);
}

static bool run_program(struct text *printed, struct err *err)
{
	static const char *const argv[] = { "echo", "whole", NULL };
	const struct program program = {
		.argv = argv, .timeout_s = 60, .output_max = 1000
	};
	struct program_output output = { 0 };
	const bool is_done = program_run(&program, &output, err);

	if (is_done)
		text_add(printed, output.printed.data, output.printed.len);
	program_output_fini(&output);
	return is_done;
}

/* Whether the call was made so often. */
static bool run_failing_at(
	bool (*run)(struct text *, struct err *), int index, unsigned n)
{
	const char *name = calls[index].name;
	const size_t n_open = descriptors_count();
	struct text printed;
	struct err err = { 0 };

	text_init(&printed);
	failing_call_begin(name, n, calls[index].error);
	const bool is_done = run(&printed, &err);
	const bool has_failed = failing_call_end();

	ck_assert_msg(is_done || (has_failed && err.text[0] != '\0'),
		"%s %u: %s", name, n, err.text);
	/* It is asked again, and no failure. */
	ck_assert_msg(is_done || calls[index].error != EINTR, "%s %u: %s", name,
		n, err.text);
	if (is_done)
		ck_assert_str_eq(printed.data, "whole\n");
	ck_assert_msg(
		descriptors_count() == n_open, "%s %u: files left", name, n);
	ck_assert_msg(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD,
		"%s %u: a process left", name, n);
	text_fini(&printed);
	return has_failed;
}

START_TEST(child_is_whole_or_told)
{
	unsigned n = 1;

	while (run_failing_at(run_child, _i, n))
		n++;
}
END_TEST

START_TEST(program_is_whole_or_told)
{
	unsigned n = 1;

	while (run_failing_at(run_program, _i, n))
		n++;
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("program_failing");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, child_is_whole_or_told, 0, COUNT(calls));
	tcase_add_loop_test(tcase, program_is_whole_or_told, 0, COUNT(calls));
	return unit_run(suite_create("program_failing"), tcase);
}
