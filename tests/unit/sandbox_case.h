/* A process that closes itself in and then tries something. */
#ifndef TESTS_UNIT_SANDBOX_CASE_H
#define TESTS_UNIT_SANDBOX_CASE_H

#include <check.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DONE = 0, REFUSED = 3, LEFT_OUT = 77 };

#if defined(HAS_SANITIZER) || defined(HAS_COVERAGE)
static const bool is_lenient = true;
#else
static const bool is_lenient = false;
#endif

struct attempt {
	const char *name;
	int (*run)(void);
	bool is_lenient; /* allowed to a sanitizer, or to gcov */
};

/* Its exit status. */
static inline int end_with(bool is_done)
{
	return is_done ? DONE : REFUSED;
}

/* The status of wait(2). */
static inline int in_a_child(int (*run)(void))
{
	int status;
	const pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(run());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

#endif
