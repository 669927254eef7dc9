/*
 * Preloaded into a program, so that who sleeps is not waited for: a sleep
 * moves the clocks on and returns.  Parent and children share that clock.
 * With FAULTS_NOW=SECONDS the time of day begins there, so that two runs
 * write the same bytes.  Programs that are run from there see neither.
 */
#include "tests/faults/marker.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_S = 1000000000 };

static struct shared {
	atomic_llong slept_ns;
	long long day_ns; /* what is added to the time of day */
} * shared;

static long long kernel_ns(clockid_t clock)
{
	struct timespec now = { 0, 0 };

	syscall(SYS_clock_gettime, clock, &now);
	return (long long)now.tv_sec * NS_PER_S + now.tv_nsec;
}

__attribute__((constructor)) static void begin(void)
{
	const char *from = getenv("FAULTS_NOW");
	void *page = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		abort();
	shared = page;
	if (from != NULL)
		shared->day_ns = strtoll(from, NULL, 10) * NS_PER_S -
			kernel_ns(CLOCK_REALTIME);
	unsetenv("LD_PRELOAD");
	prctl(MAIN_BEGINS, 0, 0, 0, 0);
}

static long long now_ns(clockid_t clock)
{
	if (shared == NULL)
		return kernel_ns(clock);
	return kernel_ns(clock) + atomic_load(&shared->slept_ns) +
		(clock == CLOCK_REALTIME ? shared->day_ns : 0);
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
	const long long ns = now_ns(clock);

	out->tv_sec = ns / NS_PER_S;
	out->tv_nsec = ns % NS_PER_S;
	return 0;
}

time_t time(time_t *out)
{
	const time_t now = now_ns(CLOCK_REALTIME) / NS_PER_S;

	if (out != NULL)
		*out = now;
	return now;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	const long long ns = now_ns(CLOCK_REALTIME);

	(void)zone;
	out->tv_sec = ns / NS_PER_S;
	out->tv_usec = ns % NS_PER_S / 1000;
	return 0;
}

/* What a signal would cut short ends at once. */
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
	struct timespec *left)
{
	(void)clock;
	(void)left;
	if ((flags & TIMER_ABSTIME) != 0)
		return EINVAL;
	atomic_fetch_add(&shared->slept_ns,
		(long long)wanted->tv_sec * NS_PER_S + wanted->tv_nsec);
	return 0;
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	return clock_nanosleep(CLOCK_REALTIME, 0, wanted, left);
}
