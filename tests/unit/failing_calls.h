/*
 * Calls of the system that fail as they do on a bad disk: the test's own
 * stand before those of the C library, and go on to them until it is the
 * turn of the one that was asked for.
 */
#ifndef TESTS_UNIT_FAILING_CALLS_H
#define TESTS_UNIT_FAILING_CALLS_H

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* The one that is to fail; name NULL = none. */
static struct {
	const char *name;
	unsigned left; /* calls until it fails; 0 = it has failed */
	int error;
} failing_call;

/* The n-th call of that name from now on fails with that errno, once. */
static inline void failing_call_begin(const char *name, unsigned n, int error)
{
	failing_call.name = name;
	failing_call.left = n;
	failing_call.error = error;
}

/* Whether there were so many. */
static inline bool failing_call_end(void)
{
	const bool has_failed = failing_call.left == 0;

	failing_call.name = NULL;
	return has_failed;
}

static inline bool failing_call_is_due(const char *name)
{
	if (failing_call.name == NULL || failing_call.left == 0 ||
		strcmp(failing_call.name, name) != 0 || --failing_call.left > 0)
		return false;
	errno = failing_call.error;
	return true;
}

/* A call of the C library, and what it answers where it fails. */
#define FAILING_CALL(type, failed, name, parameters, arguments) \
	type name parameters \
	{ \
		type(*next) parameters; \
\
		if (failing_call_is_due(#name)) \
			return failed; \
		*(void **)&next = dlsym(RTLD_NEXT, #name); \
		return next arguments; \
	}

#endif
