/* clock_gettime(2), in the unit in which poll(2) counts. */
#include "directory/sql_clock.h"

#include <time.h>

int64_t sql_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
