/* Stamps of both forms; years, summer time and what is no time at all. */
#include "verdicts/log_clock.h"

#include "base/text.h"
#include "tests/unit/unit_main.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

enum { STAMPS_MAX = 6, SHOWN_SIZE = 32 };

/* So that no database of zones is needed. */
#define CENTRAL_EUROPE "CET-1CEST,M3.5.0,M10.5.0/3"
#define NEW_ZEALAND "NZST-12NZDT,M9.5.0,M4.1.0/3"
#define NEW_YORK "EST5EDT,M3.2.0,M11.1.0"

static const int64_t second_us = 1000 * 1000;

/* "2026-11-21 09:05:03", UTC */
static time_t time_of(const char *text)
{
	struct tm tm = { 0 };

	ck_assert_ptr_nonnull(strptime(text, "%Y-%m-%d %H:%M:%S", &tm));
	return timegm(&tm);
}

static void show(struct text *out, int64_t us)
{
	const time_t seconds = us / second_us;
	char shown[SHOWN_SIZE];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(shown, sizeof shown, "%Y-%m-%d %H:%M:%S", &tm);
	text_adds(out, shown);
	if (us % second_us != 0)
		text_addf(out, ".%06" PRId64, us % second_us);
	text_adds(out, "\n");
}

static const struct {
	const char *name;
	const char *zone;
	const char *written; /* UTC */
	int first_year;
	const char *stamps[STAMPS_MAX];
	const char *times; /* UTC, a line each; "-" = none */
} cases[] = {
	{ "this year", "UTC", "2026-11-21 12:00:00", 0,
		{ "Nov 21 09:05:03", "Nov 21 09:05:04", "Nov 21 10:00:00" },
		"2026-11-21 09:05:03\n2026-11-21 09:05:04\n"
		"2026-11-21 10:00:00\n" },
	{ "a day with a blank, a zero or neither", "UTC", "2026-11-21 12:00:00",
		0, { "Nov  1 09:05:03", "Nov 02 09:05:03", "Nov 3 09:05:03" },
		"2026-11-01 09:05:03\n2026-11-02 09:05:03\n"
		"2026-11-03 09:05:03\n" },
	{ "a stamp too short", "UTC", "2026-11-21 12:00:00", 0,
		{ "Nov 2 9:05:03", "Nov 21 09:05:3" }, "-\n-\n" },
	{ "last year", "UTC", "2026-11-21 12:00:00", 0, { "Nov 23 09:05:03" },
		"2025-11-23 09:05:03\n" },
	{ "a clock ahead of ours by hours", "UTC", "2026-11-21 12:00:00", 0,
		{ "Nov 22 11:59:59" }, "2026-11-22 11:59:59\n" },
	{ "ahead on New Year's Eve", "UTC", "2026-12-31 23:00:00", 0,
		{ "Jan  1 00:30:00" }, "2027-01-01 00:30:00\n" },
	{ "across New Year", "UTC", "2027-01-01 03:00:00", 0,
		{ "Dec 30 23:59:59", "Dec 31 23:59:59", "Jan  1 00:00:00",
			"Jan  1 02:00:00" },
		"2026-12-30 23:59:59\n2026-12-31 23:59:59\n"
		"2027-01-01 00:00:00\n2027-01-01 02:00:00\n" },
	{ "out of order at New Year", "UTC", "2027-01-01 03:00:00", 0,
		{ "Dec 31 23:59:59", "Jan  1 00:00:00", "Dec 31 23:59:58",
			"Jan  1 00:00:01", "Jan  1 00:00:00" },
		"2026-12-31 23:59:59\n2027-01-01 00:00:00\n"
		"2026-12-31 23:59:58\n2027-01-01 00:00:01\n"
		"2027-01-01 00:00:00\n" },
	{ "the first line of a year is late", "UTC", "2027-01-01 03:00:00", 0,
		{ "Jan  1 00:00:00", "Dec 31 23:59:58", "Jan  1 00:00:01" },
		"2027-01-01 00:00:00\n2026-12-31 23:59:58\n"
		"2027-01-01 00:00:01\n" },
	{ "out of order by less than a week", "UTC", "2026-11-21 12:00:00", 0,
		{ "Nov 20 09:00:00", "Nov 14 09:00:01", "Nov 20 09:00:00" },
		"2026-11-20 09:00:00\n2026-11-14 09:00:01\n"
		"2026-11-20 09:00:00\n" },
	{ "back by six days, and it could be a year later", "UTC",
		"2026-11-19 12:00:00", 0,
		{ "Nov 21 09:00:00", "Nov 15 09:00:00" },
		"2025-11-21 09:00:00\n2025-11-15 09:00:00\n" },
	{ "back by eight days, so it is a year later", "UTC",
		"2026-11-19 12:00:00", 0,
		{ "Nov 21 09:00:00", "Nov 13 09:00:00" },
		"2025-11-21 09:00:00\n2026-11-13 09:00:00\n" },
	{ "back by more than a week", "UTC", "2026-11-21 12:00:00", 0,
		{ "Nov 25 09:00:00", "Nov 18 08:59:59" },
		"2025-11-25 09:00:00\n2026-11-18 08:59:59\n" },
	{ "half a year of silence", "UTC", "2026-11-21 12:00:00", 0,
		{ "Jan  3 09:00:00", "Nov 20 09:00:00" },
		"2026-01-03 09:00:00\n2026-11-20 09:00:00\n" },
	{ "three years", "UTC", "2026-11-21 12:00:00", 2024,
		{ "Jun  1 00:00:00", "Feb  1 00:00:00", "Jan  1 00:00:00" },
		"2024-06-01 00:00:00\n2025-02-01 00:00:00\n"
		"2026-01-01 00:00:00\n" },
	{ "29 February", "UTC", "2026-11-21 12:00:00", 0,
		{ "Feb 29 09:00:00", "Mar  1 09:00:00" },
		"2024-02-29 09:00:00\n2024-03-01 09:00:00\n" },
	{ "29 February of this year", "UTC", "2028-02-29 12:00:00", 0,
		{ "Feb 28 23:59:59", "Feb 29 00:00:00" },
		"2028-02-28 23:59:59\n2028-02-29 00:00:00\n" },
	{ "29 February after 1900", "UTC", "1903-01-01 00:00:00", 0,
		{ "Feb 29 09:00:00" }, "1896-02-29 09:00:00\n" },
	{ "a year that is said", "UTC", "2026-11-21 12:00:00", 2019,
		{ "Dec 31 09:00:00", "Jan  1 09:00:00" },
		"2019-12-31 09:00:00\n2020-01-01 09:00:00\n" },
	{ "winter and summer", CENTRAL_EUROPE, "2026-11-21 12:00:00", 0,
		{ "Jan 10 09:00:00", "Jul 10 09:00:00" },
		"2026-01-10 08:00:00\n2026-07-10 07:00:00\n" },
	{ "summer time begins", CENTRAL_EUROPE, "2026-11-21 12:00:00", 0,
		{ "Mar 29 01:59:59", "Mar 29 03:00:00" },
		"2026-03-29 00:59:59\n2026-03-29 01:00:00\n" },
	{ "summer time ends", CENTRAL_EUROPE, "2026-11-21 12:00:00", 0,
		{ "Oct 25 01:59:59", "Oct 25 02:00:00", "Oct 25 02:59:59",
			"Oct 25 02:00:00", "Oct 25 02:59:59",
			"Oct 25 03:00:00" },
		"2026-10-24 23:59:59\n2026-10-25 00:00:00\n"
		"2026-10-25 00:59:59\n2026-10-25 01:00:00\n"
		"2026-10-25 01:59:59\n2026-10-25 02:00:00\n" },
	{ "out of order in that hour", CENTRAL_EUROPE, "2026-11-21 12:00:00", 0,
		{ "Oct 25 02:30:05", "Oct 25 02:30:03", "Oct 25 02:30:06" },
		"2026-10-25 00:30:05\n2026-10-25 00:30:03\n"
		"2026-10-25 00:30:06\n" },
	{ "New Year far from Greenwich", NEW_ZEALAND, "2026-12-31 11:30:00", 0,
		{ "Dec 31 23:59:59", "Jan  1 00:00:00" },
		"2026-12-31 10:59:59\n2026-12-31 11:00:00\n" },
	{ "offsets", CENTRAL_EUROPE, "2026-11-21 12:00:00", 0,
		{ "2026-11-21T09:05:03+01:00", "2026-11-21T09:05:03+0100",
			"2026-11-21T09:05:03Z", "2026-11-21T00:05:03-12:30",
			"2026-11-21T09:05:03+05", "2026-11-21T09:05:03" },
		"2026-11-21 08:05:03\n2026-11-21 08:05:03\n"
		"2026-11-21 09:05:03\n2026-11-21 12:35:03\n"
		"2026-11-21 04:05:03\n2026-11-21 08:05:03\n" },
	{ "fractions", "UTC", "2026-11-21 12:00:00", 0,
		{ "2026-11-21T09:05:03.1+00:00",
			"2026-11-21T09:05:03.123456+00:00",
			"2026-11-21T09:05:03.123456789Z",
			"2026-11-21T09:05:03,5Z", "2026-11-21T09:05:03.000001",
			"2026-11-21T09:05:03.Z" },
		"2026-11-21 09:05:03.100000\n2026-11-21 09:05:03.123456\n"
		"2026-11-21 09:05:03.123456\n2026-11-21 09:05:03.500000\n"
		"2026-11-21 09:05:03.000001\n-\n" },
	{ "any year", "UTC", "2026-11-21 12:00:00", 0,
		{ "1999-12-31T23:59:60Z", "2000-02-29T00:00:00Z",
			"2100-03-01T00:00:00Z", "1970-01-01T00:00:00Z",
			"2026-06-30T00:00:00Z" },
		"2000-01-01 00:00:00\n2000-02-29 00:00:00\n"
		"2100-03-01 00:00:00\n1970-01-01 00:00:00\n"
		"2026-06-30 00:00:00\n" },
	{ "no year that an offset could lead out of", "UTC",
		"2026-11-21 12:00:00", 0,
		{ "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59",
			"9999-12-31T23:59:60-23:59", "9999-01-01T00:00:00Z",
			"9998-12-31T23:59:60-23:59" },
		"-\n-\n-\n-\n9999-01-01 23:59:00\n" },
	{ "one form after the other", "UTC", "2026-11-21 12:00:00", 0,
		{ "2025-12-31T23:59:59Z", "Dec 31 23:59:59", "Jan  1 00:00:00",
			"2026-01-01T00:00:01Z" },
		"2025-12-31 23:59:59\n2025-12-31 23:59:59\n"
		"2026-01-01 00:00:00\n2026-01-01 00:00:01\n" },
	{ "no such day", "UTC", "2026-11-21 12:00:00", 0,
		{ "Nov 31 09:05:03", "Nov  0 09:05:03", "Feb 30 09:05:03",
			"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
			"2026-00-10T00:00:00Z" },
		"-\n-\n-\n-\n-\n-\n" },
	{ "no such month or hour", "UTC", "2026-11-21 12:00:00", 0,
		{ "Foo 21 09:05:03", "anF 21 09:05:03", "Nov 21 24:05:03",
			"Nov 21 09:60:03", "Nov 21 09:05:61",
			"2026-11-21T24:00:00Z" },
		"-\n-\n-\n-\n-\n-\n" },
	{ "no such offset", "UTC", "2026-11-21 12:00:00", 0,
		{ "2026-11-21T09:05:03+", "2026-11-21T09:05:03+01-00",
			"2026-11-21T09:05:03+99:00", "2026-11-21T09:05:03 CET",
			"2026-11-21T09:05:03+01:99", "2026-11-21T09:05" },
		"-\n-\n-\n-\n-\n-\n" },
	{ "a clock that was reset for a while", "UTC", "2026-11-21 12:00:00", 0,
		{ "Nov 21 09:05:03", "Jan  1 00:00:07", "Jan  1 00:00:08",
			"Nov 21 09:05:40" },
		"2026-11-21 09:05:03\n2026-01-01 00:00:07\n"
		"2026-01-01 00:00:08\n2026-11-21 09:05:40\n" },
	{ "a clock that was ahead by weeks", "UTC", "2026-11-21 12:00:00", 0,
		{ "Nov 20 09:05:03", "Dec 24 09:05:03", "Nov 20 09:05:04" },
		"2026-11-20 09:05:03\n2026-12-24 09:05:03\n"
		"2026-11-20 09:05:04\n" },
	{ "a bad one between", "UTC", "2027-01-01 03:00:00", 0,
		{ "Dec 31 23:59:59", "Nov 31 00:00:00", "", "Jan  1 00:00:00" },
		"2026-12-31 23:59:59\n-\n-\n2027-01-01 00:00:00\n" },
};

static void set_zone(const char *zone)
{
	ck_assert_int_eq(setenv("TZ", zone, 1), 0);
	tzset();
}

START_TEST(stamps_become_times)
{
	struct log_clock clock;
	struct text times;
	const char *const *stamp = cases[_i].stamps;

	set_zone(cases[_i].zone);
	log_clock_init(
		&clock, time_of(cases[_i].written), cases[_i].first_year);
	text_init(&times);
	for (int i = 0; i < STAMPS_MAX && stamp[i] != NULL; i++) {
		int64_t us = 0;

		if (log_clock_read(&clock, slice_of(stamp[i]), &us))
			show(&times, us);
		else
			text_adds(&times, "-\n");
	}
	ck_assert_msg(strcmp(times.data, cases[_i].times) == 0,
		"%s:\n%sand not\n%s", cases[_i].name, times.data,
		cases[_i].times);
	text_fini(&times);
}
END_TEST

static bool is_past(struct log_clock *clock, const char *stamp)
{
	int64_t us;

	ck_assert(log_clock_read(clock, slice_of(stamp), &us));
	return clock->is_past_latest;
}

START_TEST(more_than_a_year_is_noticed)
{
	struct log_clock clock;

	set_zone("UTC");
	log_clock_init(&clock, time_of("2026-06-10 00:00:00"), 0);
	ck_assert(!is_past(&clock, "May  1 00:00:00"));
	ck_assert(!is_past(&clock, "Jun 10 23:59:59"));
	ck_assert(is_past(&clock, "Jun 11 00:00:01"));
	log_clock_init(&clock, time_of("2026-06-10 00:00:00"), 0);
	ck_assert(!is_past(&clock, "May  1 00:00:00"));
	ck_assert(is_past(&clock, "Feb  1 00:00:00"));
}
END_TEST

START_TEST(a_year_that_is_said_is_not_doubted)
{
	struct log_clock clock;

	set_zone("UTC");
	log_clock_init(&clock, time_of("2026-06-10 00:00:00"), 2026);
	ck_assert(!is_past(&clock, "Dec  1 00:00:00"));
	ck_assert(!is_past(&clock, "Jan  1 00:00:00"));
}
END_TEST

START_TEST(later_members_may_be_later)
{
	struct log_clock clock;

	set_zone("UTC");
	log_clock_init(&clock, time_of("2025-06-10 00:00:00"), 0);
	clock.latest = time_of("2026-06-10 00:00:00");
	ck_assert(!is_past(&clock, "Jun  9 00:00:00"));
	ck_assert(!is_past(&clock, "May  9 00:00:00"));
	ck_assert_int_eq(clock.hour.year, 2026);
}
END_TEST

/* Each hour of a year with summer time, against mktime(3). */
START_TEST(all_hours_are_those_of_mktime)
{
	const time_t begin = time_of("2026-01-01 00:00:00");
	struct log_clock clock;

	set_zone(NEW_YORK);
	log_clock_init(&clock, begin, 2026);
	for (time_t at = begin + 5 * 3600; at < begin + 365 * 86400;
		at += 1800) {
		char stamp[SHOWN_SIZE];
		struct tm local;
		int64_t us = 0;

		localtime_r(&at, &local);
		strftime(stamp, sizeof stamp, "%b %e %H:%M:%S", &local);
		ck_assert(log_clock_read(&clock, slice_of(stamp), &us));
		ck_assert_msg(us == at * second_us, "%s", stamp);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("log_clock");

	tcase_add_loop_test(tcase, stamps_become_times, 0, COUNT(cases));
	tcase_add_test(tcase, more_than_a_year_is_noticed);
	tcase_add_test(tcase, a_year_that_is_said_is_not_doubted);
	tcase_add_test(tcase, later_members_may_be_later);
	tcase_add_test(tcase, all_hours_are_those_of_mktime);
	return unit_run(suite_create("log_clock"), tcase);
}
