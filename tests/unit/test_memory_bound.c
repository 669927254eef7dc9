/* What tests/e2e can not meet at will: ends and failures while one looks. */
#include "transport-map-gen/memory_bound.h"

#include "transport-map-gen/options.h"

#include "tests/unit/failing_calls.h"
#include "tests/unit/unit_main.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

FAILING_CALL(pid_t, -1, fork, (void), ())
FAILING_CALL(int, -1, pidfd_open, (pid_t pid, unsigned flags), (pid, flags))
FAILING_CALL(pid_t, -1, waitpid, (pid_t pid, int *status, int how),
	(pid, status, how))
FAILING_CALL(DIR *, NULL, opendir, (const char *path), (path))
FAILING_CALL(FILE *, NULL, fopen,
	(const char *restrict path, const char *restrict mode), (path, mode))

enum { THREADS = 20000, AMPLE_MIB = 1024 * 1024, DONE = 7 };

static void *end_at_once(void *context)
{
	return context;
}

/* In the process that is looked at, which nothing of this test needs. */
static int make_threads(const struct options *options)
{
	(void)options;
	for (int i = 0; i < THREADS; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, end_at_once, NULL) != 0)
			_exit(1);
		pthread_join(thread, NULL);
	}
	_exit(DONE);
}

START_TEST(a_thread_that_ends_hides_nothing)
{
	const struct options options = { .command = COMMAND_CHECK,
		.max_memory = AMPLE_MIB };

	ck_assert_int_eq(memory_bound_run(&options, make_threads), DONE);
}
END_TEST

/* Nobody but the bound ends it. */
static int hang(const struct options *options)
{
	(void)options;
	while (pause() != 0)
		continue;
	return DONE;
}

static int hold_much(const struct options *options)
{
	if (mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
		    0) == MAP_FAILED)
		_exit(1);
	return hang(options);
}

static int die(const struct options *options)
{
	(void)options;
	signal(SIGTERM, SIG_DFL);
	raise(SIGTERM);
	_exit(DONE);
}

/* Else this test would go on in that process, too. */
static int finish(const struct options *options)
{
	_exit(options->max_memory == AMPLE_MIB ? DONE : 1);
}

static const struct {
	const char *name;
	memory_bound_command *command;
	unsigned long max_memory;
	int status;
	const char *said; /* part of it */
} ends[] = {
	{ "its own", finish, AMPLE_MIB, DONE, "" },
	{ "above the bound", hold_much, 32, EX_OSERR,
		"than --max-memory 32 allows; what is published stands\n" },
	{ "killed by another", die, AMPLE_MIB, EX_SOFTWARE,
		"error: ended by signal 15 (Terminated)\n" },
};

static const char *said(void)
{
	static char text[512];

	fflush(stderr);
	const ssize_t n = pread(STDERR_FILENO, text, sizeof text - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

/* From now on, into a file that said() reads. */
static void listen_to_stderr(void)
{
	const int fd = fileno(tmpfile());

	ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
}

START_TEST(each_end_has_its_status)
{
	const struct options options = { .command = COMMAND_CHECK,
		.max_memory = ends[_i].max_memory };

	listen_to_stderr();
	ck_assert_msg(
		memory_bound_run(&options, ends[_i].command) == ends[_i].status,
		"%s", ends[_i].name);
	ck_assert_msg(strstr(said(), ends[_i].said) != NULL, "%s: %s",
		ends[_i].name, said());
}
END_TEST

static const struct {
	const char *call;
	int error;
	int status;
	const char *said;
} failing[] = {
	{ "fork", EAGAIN, EX_OSERR, "--max-memory: " },
	{ "pidfd_open", EMFILE, EX_OSERR, "--max-memory: " },
	{ "opendir", EMFILE, EX_OSERR, "can not be read in /proc/" },
	{ "fopen", EMFILE, EX_OSERR, "can not be read in /proc/" },
};

/* It is not left running where nobody can bound it. */
START_TEST(failure_ends_what_it_bounds)
{
	const struct options options = { .command = COMMAND_CHECK,
		.max_memory = AMPLE_MIB };

	listen_to_stderr();
	failing_call_begin(failing[_i].call, 1, failing[_i].error);
	ck_assert_int_eq(memory_bound_run(&options, hang), failing[_i].status);
	ck_assert(failing_call_end());
	ck_assert_msg(strstr(said(), failing[_i].said) != NULL, "%s: %s",
		failing[_i].call, said());
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* Its end is waited for through signals, and known where it is lost. */
START_TEST(interrupted_wait_goes_on)
{
	const struct options options = { .command = COMMAND_CHECK,
		.max_memory = AMPLE_MIB };

	failing_call_begin("waitpid", 1, EINTR);
	ck_assert_int_eq(memory_bound_run(&options, finish), DONE);
	ck_assert(failing_call_end());
	failing_call_begin("waitpid", 1, ECHILD);
	ck_assert_int_eq(memory_bound_run(&options, finish), EX_OSERR);
	ck_assert(failing_call_end());
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("memory_bound");

	tcase_set_timeout(tcase, 60); /* threads, on a busy machine */
	tcase_add_test(tcase, a_thread_that_ends_hides_nothing);
	tcase_add_loop_test(tcase, each_end_has_its_status, 0, COUNT(ends));
	tcase_add_loop_test(
		tcase, failure_ends_what_it_bounds, 0, COUNT(failing));
	tcase_add_test(tcase, interrupted_wait_goes_on);
	return unit_run(suite_create("memory_bound"), tcase);
}
