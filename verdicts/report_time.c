/*
 * By localtime_r(3) and mktime(3), so the days on which clocks are changed
 * are 23 or 25 hours long.  An hour that comes twice is one piece of hours,
 * of which mktime(3) names the first or the second: so quarters of an hour
 * and less are cut from UTC, which every zone is whole quarters away from.
 */
#include "verdicts/report_time.h"

#include "base/text.h"

#include <time.h>

static const struct {
	const char *name;
	int seconds; /* 0: by the calendar */
	int hours, days, years;
} steps[] = {
	[STEP_MINUTE] = { "1 minute", 60, 0, 0, 0 },
	[STEP_5_MINUTES] = { "5 minutes", 300, 0, 0, 0 },
	[STEP_15_MINUTES] = { "15 minutes", 900, 0, 0, 0 },
	[STEP_HOUR] = { "1 hour", 0, 1, 0, 0 },
	[STEP_3_HOURS] = { "3 hours", 0, 3, 0, 0 },
	[STEP_6_HOURS] = { "6 hours", 0, 6, 0, 0 },
	[STEP_DAY] = { "1 day", 0, 0, 1, 0 },
	[STEP_WEEK] = { "1 week", 0, 0, 7, 0 },
	[STEP_YEAR] = { "1 year", 0, 0, 0, 1 },
};

const char *report_step_name(enum report_step step)
{
	return steps[step].name;
}

static struct tm local(int64_t time_s)
{
	const time_t time = (time_t)time_s;
	struct tm tm = { 0 };

	localtime_r(&time, &tm);
	return tm;
}

/* tm_isdst -1: mktime() finds out. */
static int64_t start_of(struct tm tm)
{
	tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

int64_t report_time_floor(int64_t time_s, enum report_step step)
{
	const int seconds = steps[step].seconds;

	if (seconds > 0)
		return time_s - ((time_s % seconds) + seconds) % seconds;
	struct tm tm = local(time_s);

	if (step <= STEP_6_HOURS) {
		tm.tm_hour -= tm.tm_hour % steps[step].hours;
		return start_of(tm);
	}
	tm.tm_hour = 0;
	if (step == STEP_WEEK)
		tm.tm_mday -= (tm.tm_wday + 6) % 7;
	if (step == STEP_YEAR) {
		tm.tm_mday = 1;
		tm.tm_mon = 0;
	}
	return start_of(tm);
}

int64_t report_time_next(int64_t start_s, enum report_step step)
{
	if (steps[step].seconds > 0)
		return start_s + steps[step].seconds;
	struct tm tm = local(start_s);

	tm.tm_hour += steps[step].hours;
	tm.tm_mday += steps[step].days;
	tm.tm_year += steps[step].years;
	const int64_t next = start_of(tm);

	/* An hour that comes twice, or one that is left out. */
	return next > start_s ? next
			      : report_time_floor(start_s + 2 * 3600, step);
}

void report_time_format(struct text *out, int64_t time_s)
{
	const struct tm tm = local(time_s);

	text_addf(out, "%04d-%02d-%02d %02d:%02d", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min);
}

static void add_zone(struct text *out, const struct tm *tm)
{
	const long minutes = tm->tm_gmtoff / 60;
	const long size = minutes < 0 ? -minutes : minutes;

	text_addf(out, "%s (UTC%c%02ld:%02ld)", tm->tm_zone,
		minutes < 0 ? '-' : '+', size / 60, size % 60);
}

void report_time_zone(struct text *out, int64_t from_s, int64_t until_s)
{
	const struct tm from = local(from_s), until = local(until_s);

	add_zone(out, &from);
	if (from.tm_gmtoff == until.tm_gmtoff)
		return;
	text_adds(out, ", ");
	add_zone(out, &until);
}
