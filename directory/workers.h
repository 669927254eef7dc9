/*
 * Functions run side by side, each in a child process, until all have ended
 * or the deadline has passed.  What crashes or hangs there does so alone.
 */
#ifndef DIRECTORY_WORKERS_H
#define DIRECTORY_WORKERS_H

#include "base/err.h"

#include <sys/types.h>

enum worker_end {
	WORKER_ENDED, /* status says how, as wait(2) has it */
	WORKER_OVERDUE, /* killed at the deadline */
	WORKER_STOPPED, /* killed for a signal to this process; or it could
			   not be waited for, and error says why */
	WORKER_NOT_STARTED, /* error says why */
};

/* The caller fills in the first two; the rest is told by workers_run(). */
struct worker {
	void (*run)(void *context); /* in the child, which ends behind it */
	void *context;
	enum worker_end end;
	int status;
	int error;
	unsigned long deadline_s; /* as in the options */
	bool is_running;
	pid_t pid;
	int fd; /* of the process */
};

struct workers_options {
	unsigned long deadline_s; /* 0 = none */
	void (*changed)(void *context); /* one has ended; NULL = nobody asks */
	void *context;
};

/*
 * A worker leads a process group of its own and is killed with all of it at
 * the deadline, or when this process ends, however it does.  SIGINT, SIGTERM,
 * SIGHUP and SIGQUIT kill the workers before they act on this process.
 */
void workers_run(struct worker *workers, size_t count,
	const struct workers_options *options);

#endif
