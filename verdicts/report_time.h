/*
 * Pieces of time for charts, from a minute to a year: each begins where a
 * clock on the wall of this machine would begin it, weeks on Monday, and
 * each is made of whole shorter ones (but a year of weeks).
 */
#ifndef VERDICTS_REPORT_TIME_H
#define VERDICTS_REPORT_TIME_H

#include <stdint.h>

struct text;

enum report_step {
	STEP_MINUTE,
	STEP_5_MINUTES,
	STEP_15_MINUTES,
	STEP_HOUR,
	STEP_3_HOURS,
	STEP_6_HOURS,
	STEP_DAY,
	STEP_WEEK,
	STEP_YEAR,
};

/* "1 hour" */
const char *report_step_name(enum report_step step);
/* Seconds since 1970: the beginning of the piece that holds time_s. */
int64_t report_time_floor(int64_t time_s, enum report_step step);
/* Of the piece after that which begins there. */
int64_t report_time_next(int64_t start_s, enum report_step step);
/* "2026-11-21 09:05"; local time. */
void report_time_format(struct text *out, int64_t time_s);
/* "CET (UTC+01:00)"; both where the period has two: "CET (UTC+01:00), ..." */
void report_time_zone(struct text *out, int64_t from_s, int64_t until_s);

#endif
