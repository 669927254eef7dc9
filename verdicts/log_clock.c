/*
 * Most lines share their hour with the line before; so an hour is worked out
 * once, by mktime(3) where it is local time, and minutes, seconds and the
 * offset are added.  Where summer time ends an hour comes twice: the second
 * time it is where the minutes go back.
 */
#include "verdicts/log_clock.h"

#include <string.h>

enum {
	TRADITIONAL_HOUR_LEN = sizeof "Nov 21 09:" - 1,
	ISO_HOUR_LEN = sizeof "2026-11-21T09:" - 1,
	MINUTE_LEN = sizeof "05:03" - 1,
	TRADITIONAL_LEN = TRADITIONAL_HOUR_LEN + MINUTE_LEN,
	HOUR_S = 60 * 60,
	DAY_S = 24 * HOUR_S,
	MONTHS = 12,
	/* 29 February: 1896 and 1904 are the farthest apart. */
	YEARS_MAX = 8,
	BACK_AGAIN_MIN = 10,
	/* Whatever the offset and the zone, the date has four digits. */
	ISO_YEAR_MIN = 2,
	ISO_YEAR_MAX = 9998
};

static const int64_t US = 1000 * 1000;
static const int64_t WEEK_US = INT64_C(7) * DAY_S * 1000 * 1000;

void log_clock_init(struct log_clock *clock, time_t written, int first_year)
{
	*clock = (struct log_clock){ .written = written,
		.latest = written,
		.first_year = first_year,
		.last_us = INT64_MIN };
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Two digits, the first of them perhaps a blank; -1 = they are not. */
static int two_digits(const char *at)
{
	const int tens = at[0] == ' ' ? 0 : at[0] - '0';

	if ((at[0] != ' ' && !is_digit(at[0])) || !is_digit(at[1]))
		return -1;
	return tens * 10 + (at[1] - '0');
}

static int month_of(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < MONTHS; i++)
		if (memcmp(names + 3 * i, name, 3) == 0)
			return i;
	return -1;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* month: 0 to 11. */
static bool has_day(int year, int month, int day)
{
	static const int days[MONTHS] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
		31, 30, 31 };

	return day >= 1 &&
		day <= days[month] + (month == 1 && is_leap(year) ? 1 : 0);
}

/* Whether a clock on the wall shows the same hour then. */
static bool is_hour(time_t at, int hour)
{
	struct tm local;

	return localtime_r(&at, &local) != NULL && local.tm_hour == hour;
}

/* When the local hour begins in that year; false: it has no such day. */
static bool local_hour(struct log_hour *out, struct tm stamp, int year)
{
	struct tm first = stamp;

	if (!has_day(year, stamp.tm_mon, stamp.tm_mday))
		return false;
	first.tm_year = year - 1900;
	first.tm_isdst = -1;
	time_t at = mktime(&first);

	if (is_hour(at - HOUR_S, stamp.tm_hour))
		at -= HOUR_S;
	out->us = at * US;
	out->again_us = out->us;
	if (is_hour(at + HOUR_S, stamp.tm_hour))
		out->again_us += HOUR_S * US;
	out->year = year;
	return true;
}

/* The hour in that year, or in the next that has the day. */
static bool local_hour_from(struct log_hour *out, struct tm stamp, int year)
{
	for (int i = 0; i <= YEARS_MAX; i++)
		if (local_hour(out, stamp, year + i))
			return true;
	return false;
}

/* In the latest year in which it does not lie after `written`. */
static bool first_hour(
	const struct log_clock *clock, struct log_hour *out, struct tm stamp)
{
	const time_t limit = clock->written + LOG_TOLERANCE_S;
	struct tm local;

	if (clock->first_year != 0)
		return local_hour_from(out, stamp, clock->first_year);
	if (localtime_r(&limit, &local) == NULL)
		return false;
	for (int i = 0; i <= YEARS_MAX + 1; i++)
		if (local_hour(out, stamp, local.tm_year + 1900 - i) &&
			out->us <= limit * US)
			return true;
	return false;
}

static bool is_past(const struct log_clock *clock, int64_t us)
{
	return clock->first_year == 0 &&
		us > (clock->latest + LOG_TOLERANCE_S) * US;
}

/*
 * In the year of the line before, or in the next where that would go back by
 * more than a week; in the year before it where only that lies within a week:
 * lines of 31 December among those of 1 January.  No year begins after all
 * was written: there a clock was wrong, or the years are.
 */
static bool next_hour(
	struct log_clock *clock, struct log_hour *out, struct tm stamp)
{
	struct log_hour later = *out;
	const int year = clock->hour.year;
	const int64_t earliest_us = clock->last_us - WEEK_US;

	if (local_hour(out, stamp, year - 1) && out->us >= earliest_us)
		return true;
	if (!local_hour_from(out, stamp, year))
		return false;
	if (out->us >= earliest_us || !local_hour_from(&later, stamp, year + 1))
		return true;
	if (is_past(clock, later.us))
		clock->is_past_latest = true;
	else
		*out = later;
	return true;
}

static bool traditional_hour(
	struct log_clock *clock, struct log_hour *out, const char *stamp)
{
	struct tm tm = { .tm_mon = month_of(stamp),
		.tm_mday = two_digits(stamp + 4),
		.tm_hour = two_digits(stamp + 7) };

	if (tm.tm_mon < 0 || tm.tm_hour < 0 || tm.tm_hour > 23)
		return false;
	return clock->last_us == INT64_MIN ? first_hour(clock, out, tm)
					   : next_hour(clock, out, tm);
}

/* Days since 1970 of a date in the Gregorian calendar. */
static int64_t days_of(int year, int month, int day)
{
	static const int before[MONTHS] = { 0, 31, 59, 90, 120, 151, 181, 212,
		243, 273, 304, 334 };
	const int64_t past = year - 1;
	const int64_t leap_days = past / 4 - past / 100 + past / 400;
	const int64_t days_to_1970 = 719162;

	return past * 365 + leap_days - days_to_1970 + before[month] +
		(month > 1 && is_leap(year) ? 1 : 0) + day - 1;
}

static bool iso_hour(
	struct log_hour *out, const char *stamp, bool offset_follows)
{
	const int century = two_digits(stamp);
	const int year = century * 100 + two_digits(stamp + 2);
	struct tm tm = { .tm_mon = two_digits(stamp + 5) - 1,
		.tm_mday = two_digits(stamp + 8),
		.tm_hour = two_digits(stamp + 11) };

	if (century < 0 || year < ISO_YEAR_MIN || year > ISO_YEAR_MAX ||
		tm.tm_mon < 0 || tm.tm_mon >= MONTHS || tm.tm_hour < 0 ||
		tm.tm_hour > 23 || !has_day(year, tm.tm_mon, tm.tm_mday))
		return false;
	if (!offset_follows)
		return local_hour(out, tm, year);
	out->us = (days_of(year, tm.tm_mon, tm.tm_mday) * DAY_S +
			  tm.tm_hour * (int64_t)HOUR_S) *
		US;
	out->again_us = out->us;
	out->year = year;
	return true;
}

/* "05:03" */
static bool add_minutes(int64_t *us, const char *at)
{
	const int minute = two_digits(at);
	const int second = two_digits(at + 3);

	/* 60 is a leap second. */
	if (minute < 0 || minute > 59 || second < 0 || second > 60)
		return false;
	*us += (minute * 60 + second) * US;
	return true;
}

/* ".123456", cut to microseconds; nothing is 0. */
static bool add_fraction(int64_t *us, struct slice *rest)
{
	size_t i = 1;
	int64_t unit = US / 10;

	if (rest->len == 0 || (rest->bytes[0] != '.' && rest->bytes[0] != ','))
		return true;
	for (; i < rest->len && is_digit(rest->bytes[i]); i++) {
		*us += (rest->bytes[i] - '0') * unit;
		unit /= 10;
	}
	*rest = slice_after(*rest, i);
	return i > 1;
}

/* "Z", "+01:00", "+0100", "+01" */
static bool subtract_offset(int64_t *us, struct slice rest)
{
	const char *at = rest.bytes;

	if (rest.len == 1 && (*at == 'Z' || *at == 'z'))
		return true;
	if ((rest.len != 3 && rest.len != 5 && rest.len != 6) ||
		(*at != '+' && *at != '-') || (rest.len == 6 && at[3] != ':'))
		return false;
	const int hours = two_digits(at + 1);
	const int minutes = rest.len == 3 ? 0 : two_digits(at + rest.len - 2);

	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	const int64_t offset_us = (hours * 60 + minutes) * 60 * US;

	*us += *at == '-' ? offset_us : -offset_us;
	return true;
}

static bool is_same_hour(
	const struct log_hour *hour, const char *stamp, size_t len)
{
	return hour->len == len && memcmp(hour->prefix, stamp, len) == 0;
}

static void hour_found(
	struct log_clock *clock, struct log_hour *hour, const char *stamp)
{
	memcpy(hour->prefix, stamp, hour->len);
	clock->hour = *hour;
}

/* The hour that comes twice, when it comes again. */
static int64_t hour_again(struct log_clock *clock, int64_t us)
{
	struct log_hour *hour = &clock->hour;

	if (hour->again_us == hour->us || clock->last_us == INT64_MIN ||
		us >= clock->last_us - BACK_AGAIN_MIN * 60 * US)
		return us;
	us += hour->again_us - hour->us;
	hour->us = hour->again_us;
	return us;
}

/* Some write "Nov 7" where others write "Nov  7". */
static struct slice pad_day(struct slice stamp, char room[TRADITIONAL_LEN])
{
	const size_t month = sizeof "Nov " - 1;

	if (stamp.len != TRADITIONAL_LEN - 1)
		return stamp;
	memcpy(room, stamp.bytes, month);
	room[month] = ' ';
	memcpy(room + month + 1, stamp.bytes + month, stamp.len - month);
	return (struct slice){ room, TRADITIONAL_LEN };
}

static bool read_traditional(
	struct log_clock *clock, struct slice stamp, int64_t *us)
{
	struct log_hour hour = { .len = TRADITIONAL_HOUR_LEN };
	char room[TRADITIONAL_LEN];

	stamp = pad_day(stamp, room);
	if (stamp.len != TRADITIONAL_LEN)
		return false;
	if (!is_same_hour(&clock->hour, stamp.bytes, hour.len)) {
		if (!traditional_hour(clock, &hour, stamp.bytes))
			return false;
		hour_found(clock, &hour, stamp.bytes);
	}
	*us = clock->hour.us;
	if (!add_minutes(us, stamp.bytes + TRADITIONAL_HOUR_LEN))
		return false;
	*us = hour_again(clock, *us);
	if (is_past(clock, *us))
		clock->is_past_latest = true;
	return true;
}

static bool read_iso(struct log_clock *clock, struct slice stamp, int64_t *us)
{
	struct log_hour hour = { .len = ISO_HOUR_LEN };
	struct slice rest;
	int64_t within_us = 0;

	if (stamp.len < ISO_HOUR_LEN + MINUTE_LEN ||
		!add_minutes(&within_us, stamp.bytes + ISO_HOUR_LEN))
		return false;
	rest = slice_after(stamp, ISO_HOUR_LEN + MINUTE_LEN);
	if (!add_fraction(&within_us, &rest))
		return false;
	hour.offset_follows = rest.len > 0;
	if (hour.offset_follows && !subtract_offset(&within_us, rest))
		return false;
	if (clock->hour.offset_follows != hour.offset_follows ||
		!is_same_hour(&clock->hour, stamp.bytes, hour.len)) {
		if (!iso_hour(&hour, stamp.bytes, hour.offset_follows))
			return false;
		hour_found(clock, &hour, stamp.bytes);
	}
	*us = hour_again(clock, clock->hour.us + within_us);
	return true;
}

bool log_clock_read(struct log_clock *clock, struct slice stamp, int64_t *us)
{
	const bool is_read = stamp.len > 0 && is_digit(stamp.bytes[0])
		? read_iso(clock, stamp, us)
		: read_traditional(clock, stamp, us);

	if (is_read)
		clock->last_us = *us;
	return is_read;
}
