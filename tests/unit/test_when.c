#include "verdicts/when.h"

#include "unit_main.h"

#include <string.h>

/* Sunday 2026-03-29 14:00:00 +02:00, the day on which summer begins. */
#define NOW 1774785600
#define ZONE "CET-1CEST,M3.5.0,M10.5.0/3"

#define NO_TIME(text) \
	"no time: \"" text "\"; write 2026-11-21, \"2026-11-21 09:05\", " \
	"09:05, today, yesterday, now, or 90s, 15m, 12h, 2d, 1w for so long " \
	"ago"

static const struct when_case {
	const char *text;
	int64_t us;
	const char *err;
} CASES[] = {
	{ "now", NOW * 1000000LL, "" },
	{ "90s", (NOW - 90) * 1000000LL, "" },
	{ "15m", (NOW - 900) * 1000000LL, "" },
	{ "12h", (NOW - 43200) * 1000000LL, "" },
	{ "2d", (NOW - 172800) * 1000000LL, "" },
	{ "1w", (NOW - 604800) * 1000000LL, "" },
	/* 13 hours after midnight: one of them was left out. */
	{ "today", (NOW - 13 * 3600) * 1000000LL, "" },
	{ "yesterday", (NOW - 37 * 3600) * 1000000LL, "" },
	{ "2026-03-28", (NOW - 37 * 3600) * 1000000LL, "" },
	{ "yesterday 23:00", (NOW - 14 * 3600) * 1000000LL, "" },
	{ "today 09:05", (NOW - 4 * 3600 - 55 * 60) * 1000000LL, "" },
	{ "09:05", (NOW - 4 * 3600 - 55 * 60) * 1000000LL, "" },
	{ "09:05:03", (NOW - 4 * 3600 - 55 * 60 + 3) * 1000000LL, "" },
	{ "09:05:03.25", (NOW - 4 * 3600 - 55 * 60 + 3) * 1000000LL + 250000,
		"" },
	{ "2026-11-21", 1795215600000000LL, "" },
	{ "2026-11-21 09:05", 1795248300000000LL, "" },
	{ "2026-11-21T09:05:03", 1795248303000000LL, "" },
	{ "2026-11-21T09:05:03Z", 1795251903000000LL, "" },
	{ "2026-11-21T09:05:03+01:00", 1795248303000000LL, "" },
	{ "2026-11-21 09:05:03.123456-0130", 1795257303123456LL, "" },
	{ "2026-11-21 09:05:03.1234567Z", 1795251903123456LL, "" },
	{ "2024-02-29", 1709161200000000LL, "" },
	{ "", 0, NO_TIME("") },
	{ "2026-02-29", 0, NO_TIME("2026-02-29") },
	{ "2026-13-01", 0, NO_TIME("2026-13-01") },
	{ "2026-00-01", 0, NO_TIME("2026-00-01") },
	{ "2026-1-1", 0, NO_TIME("2026-1-1") },
	{ "2026-11-21 24:00", 0, NO_TIME("2026-11-21 24:00") },
	{ "2026-11-21 09", 0, NO_TIME("2026-11-21 09") },
	{ "2026-11-21x", 0, NO_TIME("2026-11-21x") },
	{ "2026-11-21Z", 0, NO_TIME("2026-11-21Z") },
	{ "2026-11-21 09:05:03.", 0, NO_TIME("2026-11-21 09:05:03.") },
	{ "09:05:03.Z", 0, NO_TIME("09:05:03.Z") },
	{ "09:05Z", 0, NO_TIME("09:05Z") },
	{ "9:05", 0, NO_TIME("9:05") },
	{ "tomorrow", 0, NO_TIME("tomorrow") },
	{ "today09:05", 0, NO_TIME("today09:05") },
	{ "90", 0, NO_TIME("90") },
	{ "2y", 0, NO_TIME("2y") },
	{ "-2d", 0, NO_TIME("-2d") },
	{ "3000w", 0, "3000w ago is before 1970" },
};

START_TEST(a_time_is_read)
{
	const struct when_case *c = &CASES[_i];
	struct err err = { 0 };
	int64_t us = 0;

	ck_assert_int_eq(setenv("TZ", ZONE, 1), 0);
	const bool is_time = when_parse(&us, c->text, NOW, &err);

	ck_assert_msg(
		strcmp(err.text, c->err) == 0, "%s: %s", c->text, err.text);
	ck_assert_int_eq(is_time, c->err[0] == '\0');
	if (is_time)
		ck_assert_msg(us == c->us, "%s: %lld", c->text, (long long)us);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, a_time_is_read, 0, COUNT(CASES));
	return unit_run(suite_create("when"), tcase);
}
