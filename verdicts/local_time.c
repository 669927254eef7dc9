/*
 * Digits by hand: a line of TSV has a time, and printf(3) would take longer
 * than all the rest of it.
 */
#include "verdicts/local_time.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { QUARTER_S = 15 * 60, US = 1000000 };

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static void look_up(struct local_time *local, int64_t quarter)
{
	const time_t start = (time_t)(quarter * QUARTER_S);
	struct tm tm = { .tm_mday = 1 };

	localtime_r(&start, &tm);
	const long minutes = tm.tm_gmtoff / 60;
	const long distance = minutes < 0 ? -minutes : minutes;

	snprintf(local->hour, sizeof local->hour, "%04d-%02d-%02d %02d",
		tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour);
	snprintf(local->offset, sizeof local->offset, "%c%02u:%02u",
		minutes < 0 ? '-' : '+', (unsigned)distance / 60 % 100,
		(unsigned)distance % 60);
	local->since_us =
		((int64_t)start - tm.tm_min * 60 - tm.tm_sec) * (int64_t)US;
	local->quarter = quarter;
	local->has_quarter = true;
}

const char *local_time_hour(struct local_time *local, int64_t time_us)
{
	const int64_t quarter = floor_div(time_us, (int64_t)QUARTER_S * US);

	if (!local->has_quarter || local->quarter != quarter)
		look_up(local, quarter);
	return local->hour;
}

static char *two_digits(char *at, unsigned number)
{
	*at++ = (char)('0' + number / 10 % 10);
	*at++ = (char)('0' + number % 10);
	return at;
}

/* Appends "09:05:03", the hour known; returns what is below the second. */
static unsigned add_clock(
	struct text *out, const struct local_time *local, int64_t time_us)
{
	const int64_t within = time_us - local->since_us;
	const unsigned seconds = (unsigned)(within / US);
	char clock[6] = ":00:00";

	two_digits(clock + 1, seconds / 60);
	two_digits(clock + 4, seconds % 60);
	text_add(out, clock, sizeof clock);
	return (unsigned)(within % US);
}

void local_time_format(
	struct text *out, struct local_time *local, int64_t time_us)
{
	text_adds(out, local_time_hour(local, time_us));
	add_clock(out, local, time_us);
}

void local_time_format_exact(
	struct text *out, struct local_time *local, int64_t time_us)
{
	const size_t start = out->len;
	char fraction[7] = ".000000";

	text_adds(out, local_time_hour(local, time_us));
	out->data[start + LOCAL_DAY_LEN] = 'T';
	const unsigned us = add_clock(out, local, time_us);

	two_digits(fraction + 1, us / 10000);
	two_digits(fraction + 3, us / 100 % 100);
	two_digits(fraction + 5, us % 100);
	text_add(out, fraction, sizeof fraction);
	text_adds(out, local->offset);
}
