/* The calls that processes give up rights by. */
#ifndef TESTS_UNIT_FAILING_KERNEL_CALLS_H
#define TESTS_UNIT_FAILING_KERNEL_CALLS_H

#include "tests/unit/failing_calls.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Takes what the call may have been given, as the C library does. */
#define NEXT_OF_FIVE(type, first_type, name, first) \
	do { \
		type (*next)(first_type, ...); \
		long more[5]; \
		va_list arguments; \
\
		va_start(arguments, first); \
		for (size_t i = 0; i < 5; i++) \
			more[i] = va_arg(arguments, long); \
		va_end(arguments); \
		*(void **)&next = dlsym(RTLD_NEXT, name); \
		return next( \
			first, more[0], more[1], more[2], more[3], more[4]); \
	} while (0)

/* What the one that is due answers, where a test has it not fail. */
static long failing_syscall_answer = -1;

/* Each by its number, as "syscall 444". */
long syscall(long number, ...)
{
	char name[32];

	snprintf(name, sizeof name, "syscall %ld", number);
	if (failing_call_is_due(name))
		return failing_syscall_answer;
	NEXT_OF_FIVE(long, long, "syscall", number);
}

/* As "prctl 38". */
int prctl(int option, ...)
{
	char name[32];

	snprintf(name, sizeof name, "prctl %d", option);
	if (failing_call_is_due(name))
		return -1;
	NEXT_OF_FIVE(int, int, "prctl", option);
}

#endif
