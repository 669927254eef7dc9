/*
 * Files are touched by the time of day, for Postfix compares it; waits go by
 * the other clock, which goes on evenly whoever sets that one.
 */
#include "snapshot/publish_clock.h"

#include "base/clock.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

static long long real_now_ms(void *context)
{
	struct timespec now;

	(void)context;
	clock_gettime(CLOCK_REALTIME, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static long long real_steady_ms(void *context)
{
	(void)context;
	return clock_now_ms();
}

static void real_sleep_ms(void *context, unsigned ms)
{
	struct timespec left = { ms / 1000, (long)(ms % 1000) * 1000000 };

	(void)context;
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

const struct publish_clock *publish_clock_real(void)
{
	static const struct publish_clock real = { real_now_ms, real_steady_ms,
		real_sleep_ms, NULL };

	return &real;
}
