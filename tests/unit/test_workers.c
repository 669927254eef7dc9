#include "directory/workers.h"

#include "unit_main.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* No worker can hang a test for longer. */
enum { LONG_MS = 20000 };

static void finish(void *context)
{
	(void)context;
}

static void leave(void *context)
{
	(void)context;
	_exit(3);
}

static void crash(void *context)
{
	(void)context;
	raise(SIGKILL);
}

static void hang(void *context)
{
	(void)context;
	while (true)
		pause();
}

static void run(struct worker *workers, size_t count, unsigned long deadline_s)
{
	const struct workers_options options = { .deadline_s = deadline_s };

	workers_run(workers, count, &options);
}

START_TEST(each_end_is_told)
{
	struct worker workers[] = { { .run = finish }, { .run = leave },
		{ .run = crash }, { .run = hang } };

	run(workers, 4, 1);
	for (size_t i = 0; i < 4; i++)
		ck_assert(!workers[i].is_running);
	ck_assert_int_eq(workers[0].end, WORKER_ENDED);
	ck_assert(WIFEXITED(workers[0].status));
	ck_assert_int_eq(WEXITSTATUS(workers[0].status), 0);
	ck_assert_int_eq(workers[1].end, WORKER_ENDED);
	ck_assert_int_eq(WEXITSTATUS(workers[1].status), 3);
	ck_assert_int_eq(workers[2].end, WORKER_ENDED);
	ck_assert(WIFSIGNALED(workers[2].status));
	ck_assert_int_eq(WTERMSIG(workers[2].status), SIGKILL);
	ck_assert_int_eq(workers[3].end, WORKER_OVERDUE);
	ck_assert_uint_eq(workers[3].deadline_s, 1);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(nobody_is_waited_for_without_workers)
{
	run(NULL, 0, 0);
}
END_TEST

/* Two pipes; each writes into one and waits for the other's byte. */
struct meeting {
	int mine, other;
};

static void meet(void *context)
{
	const struct meeting *meeting = context;
	char byte = 'x';

	if (write(meeting->mine, &byte, 1) != 1 ||
		read(meeting->other, &byte, 1) != 1)
		_exit(1);
}

START_TEST(they_run_side_by_side)
{
	int a[2], b[2];

	ck_assert_int_eq(pipe(a), 0);
	ck_assert_int_eq(pipe(b), 0);
	struct meeting meetings[] = { { a[1], b[0] }, { b[1], a[0] } };
	struct worker workers[] = {
		{ .run = meet, .context = &meetings[0] },
		{ .run = meet, .context = &meetings[1] },
	};

	run(workers, 2, LONG_MS / 1000);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(workers[i].end, WORKER_ENDED);
		ck_assert_int_eq(workers[i].status, 0);
	}
}
END_TEST

static void look_around(void *context)
{
	struct sigaction action;
	sigset_t mask;

	(void)context;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigaction(SIGINT, NULL, &action);
	if (getpgrp() != getpid() || action.sa_handler != SIG_DFL ||
		sigismember(&mask, SIGTERM) || sigismember(&mask, SIGUSR1))
		_exit(1);
}

static void ignore(int number)
{
	(void)number;
}

START_TEST(worker_leads_a_group_and_has_no_handlers)
{
	struct worker worker = { .run = look_around };
	sigset_t blocked, after;

	signal(SIGINT, ignore);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	run(&worker, 1, 0);
	ck_assert_int_eq(worker.status, 0);
	sigprocmask(SIG_SETMASK, NULL, &after);
	ck_assert(sigismember(&after, SIGUSR1));
	ck_assert(!sigismember(&after, SIGTERM));
}
END_TEST

/* Nobody has the other end any more within LONG_MS. */
static bool is_closed(int fd)
{
	struct pollfd end = { .fd = fd, .events = POLLIN };
	char byte;

	while (poll(&end, 1, LONG_MS) == 1)
		if (read(fd, &byte, 1) <= 0)
			return true;
	return false;
}

/* Leaves one behind that has the pipe, and ends or not. */
static void leave_one_behind(void *context)
{
	const int *pipe_end = context;

	if (fork() == 0)
		hang(NULL);
	if (write(*pipe_end, "x", 1) != 1)
		_exit(1);
}

static void leave_one_and_hang(void *context)
{
	leave_one_behind(context);
	hang(NULL);
}

static void (*const LEAVERS[])(
	void *context) = { leave_one_behind, leave_one_and_hang };

START_TEST(what_it_left_behind_is_killed)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	struct worker worker = { .run = LEAVERS[_i], .context = &ends[1] };

	run(&worker, 1, 1);
	ck_assert_int_eq(worker.end, _i == 0 ? WORKER_ENDED : WORKER_OVERDUE);
	close(ends[1]);
	ck_assert(is_closed(ends[0]));
}
END_TEST

static const int SIGNALS[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGKILL };

/* Runs a worker that hangs, as a builder would, until a signal ends it. */
static pid_t start_builder(int pipe_end, void (*handler)(int number))
{
	const pid_t builder = fork();

	if (builder == 0) {
		/* libcheck's own handler would end the test, and a shell's
		 * background job or nohup(1) has some ignored */
		for (size_t i = 0; i < sizeof SIGNALS / sizeof *SIGNALS; i++)
			signal(SIGNALS[i], handler);
		struct worker worker = { .run = leave_one_and_hang,
			.context = &pipe_end };

		run(&worker, 1, LONG_MS / 1000);
		_exit(worker.end == WORKER_STOPPED ? 7 : 8);
	}
	ck_assert_int_gt(builder, 0);
	return builder;
}

START_TEST(no_worker_outlives_us)
{
	int ends[2], status;
	char byte;

	ck_assert_int_eq(pipe(ends), 0);
	const pid_t builder = start_builder(ends[1], SIG_DFL);

	close(ends[1]);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	ck_assert_int_eq(kill(builder, SIGNALS[_i]), 0);
	ck_assert_int_eq(waitpid(builder, &status, 0), builder);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGNALS[_i]);
	ck_assert(is_closed(ends[0]));
}
END_TEST

START_TEST(caught_signal_stops_the_workers)
{
	int ends[2], status;
	char byte;

	ck_assert_int_eq(pipe(ends), 0);
	const pid_t builder = start_builder(ends[1], ignore);

	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	ck_assert_int_eq(kill(builder, SIGTERM), 0);
	ck_assert_int_eq(waitpid(builder, &status, 0), builder);
	ck_assert_int_eq(WEXITSTATUS(status), 7);
}
END_TEST

/* As under nohup(1). */
START_TEST(ignored_signal_is_ignored)
{
	int a[2], b[2], status;
	char byte = 'x';

	ck_assert_int_eq(pipe(a), 0);
	ck_assert_int_eq(pipe(b), 0);
	signal(SIGHUP, SIG_IGN);
	const pid_t builder = fork();

	if (builder == 0) {
		struct meeting meeting = { a[1], b[0] };
		struct worker worker = { .run = meet, .context = &meeting };

		run(&worker, 1, LONG_MS / 1000);
		_exit(worker.end == WORKER_ENDED ? worker.status : 8);
	}
	ck_assert_int_eq(read(a[0], &byte, 1), 1);
	ck_assert_int_eq(kill(builder, SIGHUP), 0);
	ck_assert_int_eq(write(b[1], &byte, 1), 1);
	ck_assert_int_eq(waitpid(builder, &status, 0), builder);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* No descriptor is left to watch it by. */
START_TEST(worker_that_can_not_be_watched_is_not_started)
{
	struct worker worker = { .run = hang };
	const int next = dup(STDIN_FILENO);
	struct rlimit limit, none;

	ck_assert_int_ge(next, 0);
	close(next);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ (rlim_t)next, limit.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	run(&worker, 1, 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(worker.end, WORKER_NOT_STARTED);
	ck_assert_int_eq(worker.error, EMFILE);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

struct count {
	const struct worker *workers;
	unsigned calls, running;
};

static void count_call(void *context)
{
	struct count *count = context;

	count->running = 0;
	for (size_t i = 0; i < 3; i++)
		count->running += count->workers[i].is_running;
	count->calls++;
}

START_TEST(changes_are_told)
{
	struct worker workers[] = { { .run = finish }, { .run = finish },
		{ .run = finish } };
	struct count count = { .workers = workers };
	const struct workers_options options = { .changed = count_call,
		.context = &count };

	workers_run(workers, 3, &options);
	ck_assert_uint_ge(count.calls, 2); /* once all run, once all ended */
	ck_assert_uint_le(count.calls, 4);
	ck_assert_uint_eq(count.running, 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60); /* processes, on a busy machine */
	tcase_add_test(tcase, each_end_is_told);
	tcase_add_test(tcase, nobody_is_waited_for_without_workers);
	tcase_add_test(tcase, they_run_side_by_side);
	tcase_add_test(tcase, worker_leads_a_group_and_has_no_handlers);
	tcase_add_loop_test(
		tcase, what_it_left_behind_is_killed, 0, COUNT(LEAVERS));
	tcase_add_loop_test(tcase, no_worker_outlives_us, 0, COUNT(SIGNALS));
	tcase_add_test(tcase, caught_signal_stops_the_workers);
	tcase_add_test(tcase, ignored_signal_is_ignored);
	tcase_add_test(tcase, worker_that_can_not_be_watched_is_not_started);
	tcase_add_test(tcase, changes_are_told);
	return unit_run(suite_create("workers"), tcase);
}
