/* clock_gettime(2), in the unit in which poll(2) counts. */
#include "base/clock.h"

#include <limits.h>
#include <time.h>

int64_t clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_due_ms(unsigned long after_s)
{
	return after_s == 0 ? INT64_MAX
			    : clock_now_ms() + (int64_t)after_s * 1000;
}

int clock_left_ms(int64_t due_ms)
{
	const int64_t left = due_ms - clock_now_ms();

	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}
