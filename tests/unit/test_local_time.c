#include "verdicts/local_time.h"

#include "record_case.h"
#include "unit_main.h"

static const struct {
	const char *zone;
	int64_t us;
	const char *shown, *exact;
} CASES[] = {
	{ "UTC0", RECORD_TIME_US, "2026-11-21 09:05:03",
		"2026-11-21T09:05:03.000042+00:00" },
	{ "TEST-2", RECORD_TIME_US, "2026-11-21 11:05:03",
		"2026-11-21T11:05:03.000042+02:00" },
	{ "TEST+3:30", RECORD_TIME_US, "2026-11-21 05:35:03",
		"2026-11-21T05:35:03.000042-03:30" },
	{ "TEST-5:45", RECORD_TIME_US, "2026-11-21 14:50:03",
		"2026-11-21T14:50:03.000042+05:45" },
	{ "UTC0", 0, "1970-01-01 00:00:00",
		"1970-01-01T00:00:00.000000+00:00" },
	{ "UTC0", -1, "1969-12-31 23:59:59",
		"1969-12-31T23:59:59.999999+00:00" },
	/* The second before the clocks go back, and the one after. */
	{ "CET-1CEST,M3.5.0,M10.5.0/3", INT64_C(1792889999987654),
		"2026-10-25 02:59:59", "2026-10-25T02:59:59.987654+02:00" },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", INT64_C(1792890000000000),
		"2026-10-25 02:00:00", "2026-10-25T02:00:00.000000+01:00" },
};

START_TEST(a_time_is_shown)
{
	struct local_time local = { 0 };
	struct text text;

	ck_assert_int_eq(setenv("TZ", CASES[_i].zone, 1), 0);
	tzset();
	text_init(&text);
	local_time_format(&text, &local, CASES[_i].us);
	ck_assert_str_eq(text.data, CASES[_i].shown);
	text_clear(&text);
	local_time_format_exact(&text, &local, CASES[_i].us);
	ck_assert_str_eq(text.data, CASES[_i].exact);
	text_fini(&text);
}
END_TEST

/* What is remembered of one time never shows in another. */
START_TEST(what_is_remembered_is_right)
{
	struct local_time kept = { 0 };
	int64_t us = 0;

	ck_assert_int_eq(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	tzset();
	for (unsigned i = 0; i < 20000; i++) {
		struct local_time fresh = { 0 };
		struct text one, other;

		us += INT64_C(1577123456789) / 1000;
		text_init(&one);
		text_init(&other);
		local_time_format_exact(&one, &kept, us);
		local_time_format_exact(&other, &fresh, us);
		ck_assert_str_eq(one.data, other.data);
		ck_assert_int_eq(strncmp(local_time_hour(&kept, us), one.data,
					 LOCAL_DAY_LEN),
			0);
		text_fini(&one);
		text_fini(&other);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, a_time_is_shown, 0, COUNT(CASES));
	tcase_add_test(tcase, what_is_remembered_is_right);
	return unit_run(suite_create("local_time"), tcase);
}
