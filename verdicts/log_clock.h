/*
 * Time stamps of a mail log -> time.  RFC 3339 stamps ("2026-11-21T09:05:03",
 * with or without a fraction; "+01:00", "+0100" or "Z" behind, nothing is
 * local time) say all; traditional ones (RFC 3164: "Nov 21 09:05:03") are
 * local time and lack the year, which follows from when the file was last
 * written and from the order of its lines.
 */
#ifndef VERDICTS_LOG_CLOCK_H
#define VERDICTS_LOG_CLOCK_H

#include "base/slice.h"

#include <stdint.h>
#include <time.h>

/* An hour that was worked out, and the beginning of its stamps. */
struct log_hour {
	char prefix[16];
	size_t len; /* 0 = none */
	int64_t us; /* local, or UTC where `offset_follows` */
	int64_t again_us; /* it comes again, when summer time ends; or us */
	int year;
	bool offset_follows;
};

struct log_clock {
	time_t written; /* the first line is not later, but for a day */
	time_t latest; /* nor is any other; `written`, unless set after init */
	int first_year; /* of the first stamp, where somebody said so; or 0 */
	int64_t last_us; /* the line before; INT64_MIN = none yet */
	struct log_hour hour;
	bool is_past_latest; /* a year that was inferred led past it */
};

enum { LOG_TOLERANCE_S = 24 * 60 * 60 };

/* For the first line of a file; written: when it was modified last. */
void log_clock_init(struct log_clock *clock, time_t written, int first_year);
/*
 * The time of the next line in the file: microseconds since 1970, UTC.  Each
 * stamp has to pass here, in the order of the lines: a year follows another
 * where the date goes back by more than a week and the next year's is not
 * after `latest`, and the first is the latest in which the stamp would not lie
 * after `written`.  29 February moves on to a year that has it.  False: no
 * time of day.
 */
bool log_clock_read(struct log_clock *clock, struct slice stamp, int64_t *us);

#endif
