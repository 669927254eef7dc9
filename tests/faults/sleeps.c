/*
 * Preloaded into a program: each of its sleeps is written down in the file
 * SLEEPS, a line of milliseconds each, and then slept.  What it asks for is
 * the same on a busy machine as on an idle one; how long that takes is not.
 * Programs that are run from there are left alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MS_PER_S = 1000, NS_PER_MS = 1000000 };

static int told = -1;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("SLEEPS");

	if (path != NULL)
		told = open(
			path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (told < 0)
		abort();
	unsetenv("LD_PRELOAD");
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
	struct timespec *left)
{
	dprintf(told, "%lld\n",
		(long long)wanted->tv_sec * MS_PER_S +
			wanted->tv_nsec / NS_PER_MS);
	return syscall(SYS_clock_nanosleep, clock, flags, wanted, left) == 0
		? 0
		: errno;
}
