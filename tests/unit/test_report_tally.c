/* Who comes how often, exactly and in bounded memory. */
#include "verdicts/report_tally.h"

#include "unit_main.h"

#include <stdio.h>
#include <string.h>

START_TEST(counts_are_exact_as_long_as_they_are_few)
{
	struct tally tally = { 0 };

	tally_take(&tally, "ann", 5);
	tally_take(&tally, "bob", 7);
	tally_take(&tally, "bob", 3);
	tally_take(&tally, "bob", 9);
	tally_take(&tally, "abe", 1);
	tally_sort(&tally);
	ck_assert_uint_eq(tally.n, 3);
	ck_assert_uint_eq(tally.total, 5);
	ck_assert_uint_eq(tally.missed, 0);
	ck_assert_str_eq(tally.entries[0]->key, "bob");
	ck_assert_uint_eq(tally.entries[0]->count, 3);
	ck_assert_int_eq(tally.entries[0]->first_us, 3);
	ck_assert_int_eq(tally.entries[0]->last_us, 9);
	ck_assert_str_eq(tally.entries[1]->key, "abe");
	ck_assert_str_eq(tally.entries[2]->key, "ann");
	tally_fini(&tally);
}
END_TEST

/* Every tenth is the frequent one, all others come once. */
START_TEST(the_frequent_survive_the_rare)
{
	struct tally tally = { 0 };
	const unsigned long n = 4 * TALLY_MAX;
	size_t most = 0;

	for (unsigned long i = 0; i < n; i++) {
		char key[32];

		snprintf(key, sizeof key, "rare %lu", i);
		tally_take(&tally, i % 10 == 0 ? "frequent" : key, 0);
		most = tally.n > most ? tally.n : most;
	}
	ck_assert_uint_eq(most, TALLY_MAX);
	tally_sort(&tally);
	ck_assert_uint_eq(tally.total, n);
	ck_assert_str_eq(tally.entries[0]->key, "frequent");
	ck_assert_uint_gt(tally.missed, 0);
	/* It was there each time when something was taken from all. */
	ck_assert_uint_eq(tally.entries[0]->count + tally.missed, n / 10);
	tally_fini(&tally);
}
END_TEST

START_TEST(distinct_is_exact_up_to_its_bound)
{
	struct distinct distinct = { .n = 0 };

	for (unsigned i = 0; i < 3 * DISTINCT_MAX; i++) {
		char key[32];

		snprintf(key, sizeof key, "%u", i / 3);
		distinct_add(&distinct, slice_of(key));
	}
	ck_assert_uint_eq(distinct.n, DISTINCT_MAX);
	distinct_add(&distinct, slice_of("one more"));
	distinct_add(&distinct, slice_of("and one"));
	ck_assert_uint_eq(distinct.n, DISTINCT_MAX + 1);
}
END_TEST

START_TEST(nothing_taken_is_nothing)
{
	struct tally tally = { 0 };

	tally_sort(&tally);
	ck_assert_uint_eq(tally.n, 0);
	tally_fini(&tally);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("report_tally");

	tcase_add_test(tests, counts_are_exact_as_long_as_they_are_few);
	tcase_add_test(tests, the_frequent_survive_the_rare);
	tcase_add_test(tests, distinct_is_exact_up_to_its_bound);
	tcase_add_test(tests, nothing_taken_is_nothing);
	return unit_run(suite_create("report_tally"), tests);
}
