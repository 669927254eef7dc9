/* Numbers found by the hash of what they stand for. */
#include "base/slots.h"

#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>

static struct slots slots;

static void setup(void)
{
	slots_init(&slots);
}

static void teardown(void)
{
	slots_fini(&slots);
}

/* How many numbers there are of a hash, and the sum of them. */
static size_t count_of(uint32_t hash, size_t *sum)
{
	struct slots_walk walk = slots_walk(&slots, hash);
	uint32_t number;
	size_t count = 0;

	*sum = 0;
	while (slots_next(&slots, &walk, &number)) {
		*sum += number;
		count++;
	}
	return count;
}

START_TEST(nothing_is_found_in_empty_ones)
{
	size_t sum;

	slots_prefetch(&slots, 17);
	ck_assert_uint_eq(count_of(17, &sum), 0);
	slots_reserve(&slots, 0);
	ck_assert_uint_eq(count_of(17, &sum), 0);
}
END_TEST

START_TEST(one_hash_may_have_several_numbers)
{
	static const uint32_t HASHES[] = { 0, 1, UINT32_MAX, UINT32_MAX - 1 };

	for (uint32_t i = 0; i < 40; i++)
		slots_put(&slots, HASHES[i % 4], i);
	for (size_t i = 0; i < 4; i++) {
		size_t sum;

		ck_assert_uint_eq(count_of(HASHES[i], &sum), 10);
		ck_assert_uint_eq(sum, 180 + 10 * i);
	}
	ck_assert_uint_eq(slots.count, 40);
}
END_TEST

static uint32_t hash_of(uint32_t number)
{
	char text[32];

	snprintf(text, sizeof text, "%u@d.example", number);
	return slots_hash(&slots, text, strlen(text));
}

START_TEST(growth_loses_nothing)
{
	/* past what is kept in large pages */
	enum { MANY = 200000 };

	for (uint32_t i = 0; i < MANY; i++)
		slots_put(&slots, hash_of(i), i);
	for (uint32_t i = 0; i < MANY; i++) {
		struct slots_walk walk = slots_walk(&slots, hash_of(i));
		uint32_t number = 0;
		bool is_found = false;

		while (!is_found && slots_next(&slots, &walk, &number))
			is_found = number == i;
		ck_assert_msg(is_found, "%u", i);
	}
}
END_TEST

START_TEST(reserve_leaves_no_growth_to_do)
{
	slots_reserve(&slots, 1000);
	const size_t n_cells = slots.n_cells;

	for (uint32_t i = 0; i < 1000; i++)
		slots_put(&slots, hash_of(i), i);
	ck_assert_uint_eq(slots.n_cells, n_cells);
	ck_assert_uint_ge(n_cells, 1334);
}
END_TEST

/* Names that differ in their numbers alone meet no more than by chance. */
START_TEST(hashes_are_spread)
{
	enum { MANY = 65536, PLACES = 256 };
	size_t counts[PLACES] = { 0 };

	for (uint32_t i = 0; i < MANY; i++)
		counts[hash_of(i) >> 24]++;
	for (size_t i = 0; i < PLACES; i++) {
		ck_assert_uint_gt(counts[i], MANY / PLACES / 2);
		ck_assert_uint_lt(counts[i], MANY / PLACES * 2);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("slots");
	TCase *tcase = tcase_create("slots");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, nothing_is_found_in_empty_ones);
	tcase_add_test(tcase, one_hash_may_have_several_numbers);
	tcase_add_test(tcase, growth_loses_nothing);
	tcase_add_test(tcase, reserve_leaves_no_growth_to_do);
	tcase_add_test(tcase, hashes_are_spread);
	return unit_run(suite, tcase);
}
