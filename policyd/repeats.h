/*
 * A line that others can cause as often as they like: it is written when it is
 * new, then counted, and the count is written once a minute and at the end, so
 * that no peer fills the log.  To begin with all is zero.
 */
#ifndef POLICYD_REPEATS_H
#define POLICYD_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

enum { REPEATS_PAUSE_S = 60 };

struct repeats {
	int64_t quiet_until_ms; /* as clock_now_ms() counts */
	unsigned long count; /* that nobody was told of */
};

/* Whether to write it; where not, it is counted. */
bool repeats_add(struct repeats *repeats, int64_t now_ms);
/* How many to tell of now, and then for a minute of none; 0: nothing to. */
unsigned long repeats_due(struct repeats *repeats, int64_t now_ms);
/* How many to tell of where no minute is left to wait for. */
unsigned long repeats_left(struct repeats *repeats);

#endif
