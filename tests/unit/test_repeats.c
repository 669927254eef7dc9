/* A line once, then its count each minute, whatever is done to cause it. */
#include "policyd/repeats.h"

#include "tests/unit/unit_main.h"

enum { MINUTE_MS = REPEATS_PAUSE_S * 1000, STARTED_MS = 12345 };

START_TEST(the_first_is_written)
{
	struct repeats repeats = { 0 };

	ck_assert(repeats_add(&repeats, 0));
	ck_assert_uint_eq(repeats_due(&repeats, MINUTE_MS), 0);
}
END_TEST

START_TEST(those_of_a_minute_are_told_at_its_end)
{
	struct repeats repeats = { 0 };

	ck_assert(repeats_add(&repeats, STARTED_MS));
	for (unsigned i = 0; i < MINUTE_MS; i++)
		ck_assert(!repeats_add(&repeats, STARTED_MS + i));
	ck_assert_uint_eq(repeats_due(&repeats, STARTED_MS + MINUTE_MS - 1), 0);
	ck_assert_uint_eq(
		repeats_due(&repeats, STARTED_MS + MINUTE_MS), MINUTE_MS);
	ck_assert_uint_eq(repeats_due(&repeats, STARTED_MS + MINUTE_MS), 0);
}
END_TEST

/* The count is a line, too. */
START_TEST(a_minute_goes_by_after_a_count)
{
	struct repeats repeats = { 0 };
	int64_t now = STARTED_MS;

	repeats_add(&repeats, now);
	repeats_add(&repeats, now);
	now += MINUTE_MS;
	ck_assert_uint_eq(repeats_due(&repeats, now), 1);
	ck_assert(!repeats_add(&repeats, now + MINUTE_MS - 1));
	ck_assert_uint_eq(repeats_due(&repeats, now + MINUTE_MS - 1), 0);
	ck_assert_uint_eq(repeats_due(&repeats, now + MINUTE_MS), 1);
}
END_TEST

START_TEST(one_after_a_silent_minute_is_written)
{
	struct repeats repeats = { 0 };

	repeats_add(&repeats, STARTED_MS);
	ck_assert(!repeats_add(&repeats, STARTED_MS + 1));
	ck_assert_uint_eq(repeats_due(&repeats, STARTED_MS + MINUTE_MS), 1);
	ck_assert(repeats_add(&repeats, STARTED_MS + 2 * MINUTE_MS));
}
END_TEST

/* Whoever comes before those counted are told of waits to be told with them. */
START_TEST(none_overtakes_the_count)
{
	struct repeats repeats = { 0 };

	repeats_add(&repeats, STARTED_MS);
	repeats_add(&repeats, STARTED_MS);
	ck_assert(!repeats_add(&repeats, STARTED_MS + 2 * MINUTE_MS));
	ck_assert_uint_eq(repeats_due(&repeats, STARTED_MS + 2 * MINUTE_MS), 2);
}
END_TEST

START_TEST(what_is_left_is_told_at_the_end)
{
	struct repeats repeats = { 0 };

	repeats_add(&repeats, STARTED_MS);
	ck_assert_uint_eq(repeats_left(&repeats), 0);
	repeats_add(&repeats, STARTED_MS);
	repeats_add(&repeats, STARTED_MS);
	ck_assert_uint_eq(repeats_left(&repeats), 2);
	ck_assert_uint_eq(repeats_left(&repeats), 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("repeats");

	tcase_add_test(tcase, the_first_is_written);
	tcase_add_test(tcase, those_of_a_minute_are_told_at_its_end);
	tcase_add_test(tcase, a_minute_goes_by_after_a_count);
	tcase_add_test(tcase, one_after_a_silent_minute_is_written);
	tcase_add_test(tcase, none_overtakes_the_count);
	tcase_add_test(tcase, what_is_left_is_told_at_the_end);
	return unit_run(suite_create("repeats"), tcase);
}
