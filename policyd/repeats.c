/*
 * By a clock that nobody sets: one that is turned back would keep the log
 * silent for as long.
 */
#include "policyd/repeats.h"

enum { PAUSE_MS = REPEATS_PAUSE_S * 1000 };

bool repeats_add(struct repeats *repeats, int64_t now_ms)
{
	if (repeats->count == 0 && now_ms >= repeats->quiet_until_ms) {
		repeats->quiet_until_ms = now_ms + PAUSE_MS;
		return true;
	}
	repeats->count++;
	return false;
}

unsigned long repeats_due(struct repeats *repeats, int64_t now_ms)
{
	const unsigned long count = repeats->count;

	if (count == 0 || now_ms < repeats->quiet_until_ms)
		return 0;
	repeats->count = 0;
	repeats->quiet_until_ms = now_ms + PAUSE_MS;
	return count;
}

unsigned long repeats_left(struct repeats *repeats)
{
	const unsigned long count = repeats->count;

	repeats->count = 0;
	return count;
}
