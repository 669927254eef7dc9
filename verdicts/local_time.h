/* Times of records as they are shown, in the local time zone. */
#ifndef VERDICTS_LOCAL_TIME_H
#define VERDICTS_LOCAL_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct text;

/*
 * Remembers the last quarter of an hour, within which no zone changes its
 * offset, so that a log in order asks the time zone four times an hour.
 * Start with { 0 }.
 */
struct local_time {
	bool has_quarter;
	int64_t quarter; /* since 1970 */
	char hour[32]; /* "2026-11-21 09" */
	char offset[8]; /* "+01:00" */
	int64_t since_us; /* when that hour began */
};

enum { LOCAL_DAY_LEN = 10, LOCAL_HOUR_LEN = 13 };

/* "2026-11-21 09", its first LOCAL_DAY_LEN bytes the day; until the next. */
const char *local_time_hour(struct local_time *local, int64_t time_us);
/* Appends "2026-11-21 09:05:03". */
void local_time_format(
	struct text *out, struct local_time *local, int64_t time_us);
/* Appends "2026-11-21T09:05:03.123456+01:00" (RFC 3339). */
void local_time_format_exact(
	struct text *out, struct local_time *local, int64_t time_us);

#endif
