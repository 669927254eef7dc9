/* SIGKILL too closes what a process had open; so nothing has to be written. */
#include "base/lifeline.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

void lifeline_wait(int lifeline)
{
	sigset_t all;
	char byte;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setpgid(0, 0);
	/* among the rest, the end of the pipe that keeps it open */
	if (lifeline > 0)
		close_range(0, (unsigned)lifeline - 1, 0);
	close_range((unsigned)lifeline + 1, UINT_MAX, 0);
	while (read(lifeline, &byte, 1) < 0 && errno == EINTR)
		continue;
}
