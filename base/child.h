/* Another program, run without a shell and waited for. */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include "base/err.h"

struct text;

enum { CHILD_S = 60 };

/*
 * argv[0] is found in PATH, else in /usr/sbin, which cron's PATH often
 * lacks.  input (NULL: none) is its standard input; its standard output is
 * added to output (NULL: thrown away).  False where it can not be run, or
 * ends with another status than 0, and err has the last line of what it
 * complained of then; else that is thrown away.  After CHILD_S it is killed,
 * where the kernel has pidfd_open(2), and what would write more than 64 MiB
 * can not.
 */
bool child_run(const char *const argv[], const char *input, struct text *output,
	struct err *err);

#endif
