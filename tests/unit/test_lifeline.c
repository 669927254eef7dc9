/* A process waits for the end of others, whatever it is told meanwhile. */
#include "base/lifeline.h"

#include "tests/unit/unit_main.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENDED = 7 };

static pid_t start(int ends[2])
{
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	const pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		lifeline_wait(ends[0]);
		/* No file is open but this one. */
		_exit(fcntl(STDERR_FILENO, F_GETFD) == -1 &&
					fcntl(ends[0], F_GETFD) != -1 &&
					getpgrp() == getpid()
				? ENDED
				: 1);
	}
	close(ends[0]);
	return pid;
}

static bool has_ended_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
		WEXITSTATUS(status) == ENDED;
}

START_TEST(waits_until_the_pipe_is_closed)
{
	int ends[2];
	const pid_t pid = start(ends);

	ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
	close(ends[1]);
	ck_assert(has_ended_well(pid));
}
END_TEST

/* Once it is the leader of its group it has blocked them. */
START_TEST(heeds_no_signal)
{
	int ends[2];
	const pid_t pid = start(ends);

	while (getpgid(pid) != pid)
		;
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	ck_assert_int_eq(kill(pid, SIGINT), 0);
	close(ends[1]);
	ck_assert(has_ended_well(pid));
}
END_TEST

/* By SIGKILL, and with a copy of the end in a child of its own. */
START_TEST(knows_that_another_was_killed)
{
	int ends[2];
	const pid_t pid = start(ends);
	const pid_t other = fork();

	ck_assert_int_ge(other, 0);
	if (other == 0)
		for (;;)
			pause();
	close(ends[1]);
	ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
	ck_assert_int_eq(kill(other, SIGKILL), 0);
	ck_assert_int_eq(waitpid(other, NULL, 0), other);
	ck_assert(has_ended_well(pid));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("lifeline");

	tcase_add_test(tcase, waits_until_the_pipe_is_closed);
	tcase_add_test(tcase, heeds_no_signal);
	tcase_add_test(tcase, knows_that_another_was_killed);
	return unit_run(suite_create("lifeline"), tcase);
}
