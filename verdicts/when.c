/*
 * A day, then a time of day, then an offset, each where it is there.  What
 * mktime(3) would mend (February 30) is an error here.
 */
#include "verdicts/when.h"

#include "base/text.h"

#include <string.h>

enum { US = 1000000 };

/* Two digits up to max; what stands behind them, NULL where they do not. */
static const char *take_number(
	int *out, const char *text, size_t digits, int max)
{
	int number = 0;

	for (size_t i = 0; i < digits; i++) {
		if (text[i] < '0' || text[i] > '9')
			return NULL;
		number = number * 10 + (text[i] - '0');
	}
	*out = number;
	return number <= max ? text + digits : NULL;
}

static const char *take_byte(const char *text, char byte)
{
	return text != NULL && *text == byte ? text + 1 : NULL;
}

/* "2026-11-21" */
static const char *take_date(struct tm *out, const char *text)
{
	int year, month, day = 0;

	text = take_byte(take_number(&year, text, 4, 9999), '-');
	if (text == NULL)
		return NULL;
	text = take_byte(take_number(&month, text, 2, 12), '-');
	if (text == NULL)
		return NULL;
	text = take_number(&day, text, 2, 31);
	out->tm_year = year - 1900;
	out->tm_mon = month - 1;
	out->tm_mday = day;
	return month == 0 || day == 0 ? NULL : text;
}

/* The day on which it is so many seconds ago; its noon is on it for sure. */
static void set_day(struct tm *out, time_t now, int days_ago)
{
	struct tm day;

	localtime_r(&now, &day);
	day.tm_hour = 12;
	day.tm_mday -= days_ago;
	day.tm_isdst = -1;
	mktime(&day);
	out->tm_year = day.tm_year;
	out->tm_mon = day.tm_mon;
	out->tm_mday = day.tm_mday;
}

/* Behind the day; text itself where there is none: then it is today. */
static const char *take_day(struct tm *out, const char *text, time_t now)
{
	const char *after = take_date(out, text);

	if (after != NULL)
		return after;
	set_day(out, now, 0);
	if (text_starts(text, "today"))
		return text + strlen("today");
	if (!text_starts(text, "yesterday"))
		return text;
	set_day(out, now, 1);
	return text + strlen("yesterday");
}

/* ".123456": what is below a microsecond is left out. */
static const char *take_fraction(int64_t *us, const char *text)
{
	int64_t unit = US;

	if (*text != '.')
		return text;
	for (text++; *text >= '0' && *text <= '9'; text++) {
		unit /= 10;
		*us += (*text - '0') * unit;
	}
	return text[-1] == '.' ? NULL : text;
}

/* "09:05", "09:05:03", "09:05:03.5" */
static const char *take_clock(struct tm *out, int64_t *us, const char *text)
{
	text = take_byte(take_number(&out->tm_hour, text, 2, 23), ':');
	if (text == NULL)
		return NULL;
	text = take_number(&out->tm_min, text, 2, 59);
	if (text == NULL || *text != ':')
		return text;
	text = take_number(&out->tm_sec, text + 1, 2, 60);
	return text == NULL ? NULL : take_fraction(us, text);
}

/* "Z", "+01:00", "+0100" */
static const char *take_offset(long *seconds, const char *text)
{
	const int sign = *text == '-' ? -1 : 1;
	int hours, minutes = 0;

	*seconds = 0;
	if (*text == 'Z' || *text == 'z')
		return text + 1;
	if (*text != '+' && *text != '-')
		return NULL;
	text = take_number(&hours, text + 1, 2, 23);
	if (text == NULL)
		return NULL;
	text = take_number(&minutes, text + (*text == ':'), 2, 59);
	*seconds = sign * (hours * 3600L + minutes * 60L);
	return text;
}

static bool is_real_day(const struct tm *asked)
{
	struct tm day = { .tm_year = asked->tm_year,
		.tm_mon = asked->tm_mon,
		.tm_mday = asked->tm_mday };

	timegm(&day);
	return day.tm_mday == asked->tm_mday;
}

/* False: it is no such time. */
static bool take_calendar(int64_t *us, const char *text, time_t now)
{
	struct tm tm = { .tm_isdst = -1 };
	int64_t fraction_us = 0;
	long offset_s;
	const char *at = take_day(&tm, text, now);
	const bool has_day = at != text;

	if (!is_real_day(&tm))
		return false;
	if (has_day && *at != '\0' && *at != ' ' && *at != 'T')
		return false;
	if (!has_day || *at != '\0')
		at = take_clock(&tm, &fraction_us, at + has_day);
	if (at == NULL)
		return false;
	if (*at == '\0') {
		*us = (int64_t)mktime(&tm) * US + fraction_us;
		return true;
	}
	at = take_offset(&offset_s, at);
	*us = ((int64_t)timegm(&tm) - offset_s) * US + fraction_us;
	return at != NULL && *at == '\0' && has_day;
}

bool when_parse(int64_t *us, const char *text, time_t now, struct err *err)
{
	unsigned long ago_s;
	const size_t digits = strspn(text, "0123456789");

	*us = (int64_t)now * US;
	if (strcmp(text, "now") == 0)
		return true;
	if (digits > 0 && text[digits] != '\0' &&
		text_to_duration(&ago_s, text)) {
		if (ago_s > (unsigned long)now)
			return err_set(err, "%s ago is before 1970", text);
		*us -= (int64_t)ago_s * US;
		return true;
	}
	if (take_calendar(us, text, now))
		return true;
	return err_set(err,
		"no time: \"%s\"; write 2026-11-21, \"2026-11-21 09:05\", "
		"09:05, today, yesterday, now, or 90s, 15m, 12h, 2d, 1w for so "
		"long ago",
		text);
}

bool when_parse_year(int *year, const char *text, struct err *err)
{
	unsigned long number;

	if (!text_to_ulong(&number, text) || number < 1970 || number > 9999)
		return err_set(err,
			"--year wants a year such as 2026, not \"%s\"", text);
	*year = (int)number;
	return true;
}
