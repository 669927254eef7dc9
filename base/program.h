/*
 * A program of somebody else's, which may hang, print without end or leave
 * processes behind: run without a shell, within limits, and its group does
 * not outlive the call.  Our own helpers: child.h.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include "base/err.h"
#include "base/text.h"

struct program {
	/* Then NULL.  A name without "/" is looked for in PROGRAM_PATH. */
	const char *const *argv;
	unsigned long timeout_s; /* until its end; 0 = no limit */
	size_t output_max; /* bytes */
};

#define PROGRAM_PATH \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct program_output {
	struct text printed; /* its standard output */
	struct text complaint; /* the last line, not empty, of what it wrote
				  to standard error, cut off where it is very
				  long; whatever bytes */
};

void program_output_fini(struct program_output *output);

/*
 * Its standard input is empty, its working directory "/"; its environment is
 * PATH = PROGRAM_PATH and LC_ALL = C.UTF-8 alone, all signals are as a shell
 * has them and no other file is open.
 *
 * True: it ended with status 0, and nobody holds its standard output open
 * any more, so that nothing can be missing.  False: *err says how it ended,
 * without naming it; output then has what came until then.
 *
 * It and its process group are killed before this returns; the group also
 * when this process dies, by whatever signal.  What it started and moved
 * into another group lives on.
 */
bool program_run(const struct program *program, struct program_output *output,
	struct err *err);

#endif
