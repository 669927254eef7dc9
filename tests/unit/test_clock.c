#include "base/clock.h"

#include "tests/unit/unit_main.h"

#include <limits.h>

START_TEST(time_does_not_go_back)
{
	const int64_t before = clock_now_ms();

	ck_assert_int_le(before, clock_now_ms());
}
END_TEST

START_TEST(what_is_left_fits_poll)
{
	const int64_t now = clock_now_ms();

	ck_assert_int_eq(clock_left_ms(now), 0);
	ck_assert_int_eq(clock_left_ms(now - 1), 0);
	ck_assert_int_eq(clock_left_ms(0), 0);
	ck_assert_int_eq(clock_left_ms(now + (int64_t)INT_MAX * 2), INT_MAX);
	ck_assert_int_eq(clock_left_ms(INT64_MAX), INT_MAX);
	ck_assert_int_gt(clock_left_ms(now + 600000), 0);
	ck_assert_int_le(clock_left_ms(now + 600000), 600000);
}
END_TEST

START_TEST(what_is_due_comes_when_its_seconds_are_over)
{
	const int64_t now = clock_now_ms();

	ck_assert_int_ge(clock_due_ms(1), now + 1000);
	ck_assert_int_le(clock_due_ms(1), clock_now_ms() + 1000);
	ck_assert_int_ge(clock_due_ms(604800), now + 604800000);
	ck_assert_int_gt(clock_left_ms(clock_due_ms(0)), 0);
	ck_assert(clock_due_ms(0) == INT64_MAX);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, time_does_not_go_back);
	tcase_add_test(tcase, what_is_left_fits_poll);
	tcase_add_test(tcase, what_is_due_comes_when_its_seconds_are_over);
	return unit_run(suite_create("clock"), tcase);
}
