/* Cells of time that grow longer, and lose nothing. */
#include "verdicts/report_cube.h"

#include "unit_main.h"

#include <time.h>

/* 2026-11-21 00:00 in Berlin */
static const int64_t DAY = INT64_C(1795215600);

static void setup(void)
{
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
}

static unsigned long sum(const struct report_counts *counts)
{
	struct report_count *list = report_counts_sorted(counts);
	unsigned long total = 0;

	for (size_t i = 0; i < counts->n; i++) {
		ck_assert(i == 0 || list[i].key > list[i - 1].key);
		total += list[i].count;
	}
	free(list);
	return total;
}

static void take(struct report_cube *cube, int64_t time_s, unsigned domain)
{
	const struct cube_cell cell = { time_s, 1, 2, domain, 3 };

	cube_take(cube, &cell, 10);
}

struct step_case {
	const char *name;
	int64_t seconds; /* from the first to the last */
	enum report_step step;
};

enum { MINUTE = 60, HOUR = 3600, A_DAY = 24 * HOUR };

static const struct step_case steps[] = {
	{ "one moment", 0, STEP_MINUTE },
	{ "an hour", HOUR, STEP_MINUTE },
	{ "all minutes that fit", (CUBE_PIECES_MAX - 1) * MINUTE, STEP_MINUTE },
	{ "one more", CUBE_PIECES_MAX *MINUTE, STEP_5_MINUTES },
	{ "a day", A_DAY, STEP_5_MINUTES },
	{ "three days", 3 * A_DAY, STEP_15_MINUTES },
	{ "two weeks", 14 * A_DAY, STEP_HOUR },
	{ "a month", 31 * A_DAY, STEP_3_HOURS },
	{ "a quarter", 90 * A_DAY, STEP_6_HOURS },
	{ "a year", 365 * A_DAY, STEP_DAY },
	{ "five years", INT64_C(5) * 365 * A_DAY, STEP_WEEK },
	{ "twenty years", INT64_C(20) * 365 * A_DAY, STEP_YEAR },
};

START_TEST(pieces_fit_the_period)
{
	const struct step_case *c = &steps[_i];
	struct report_cube cube;
	unsigned n = 0;

	cube_init(&cube);
	for (int64_t i = 0; i <= 1000; i++)
		take(&cube, DAY + i * c->seconds / 1000, 0);
	ck_assert_msg(cube.step == c->step, "%s: %s", c->name,
		report_step_name(cube.step));
	ck_assert_uint_eq(sum(&cube.cells), 1001);
	ck_assert_uint_eq(sum(&cube.latency), 1001);
	for (int64_t at = cube.first_s; at <= cube.last_s; n++)
		at = report_time_next(at, cube.step);
	ck_assert_uint_le(n, CUBE_PIECES_MAX);
	cube_fini(&cube);
}
END_TEST

START_TEST(order_does_not_matter)
{
	struct report_cube forth, back;

	cube_init(&forth);
	cube_init(&back);
	for (int64_t i = 0; i < 5000; i++) {
		take(&forth, DAY + i * 977, 0);
		take(&back, DAY + (4999 - i) * 977, 0);
	}
	ck_assert_int_eq(forth.step, back.step);
	ck_assert_uint_eq(forth.cells.n, back.cells.n);
	struct report_count *a = report_counts_sorted(&forth.cells);
	struct report_count *b = report_counts_sorted(&back.cells);

	for (size_t i = 0; i < forth.cells.n; i++)
		ck_assert(a[i].key == b[i].key && a[i].count == b[i].count);
	free(a);
	free(b);
	cube_fini(&forth);
	cube_fini(&back);
}
END_TEST

START_TEST(a_cell_is_found_again)
{
	const struct cube_cell cell = { DAY + 90, 4, 12, 4095, 1023 };
	struct report_cube cube;

	cube_init(&cube);
	cube_take(&cube, &cell, 17);
	struct report_count *list = report_counts_sorted(&cube.cells);
	const struct cube_cell found = cube_cell_of(list[0].key);

	ck_assert_int_eq(found.start_s, DAY + 60);
	ck_assert_uint_eq(found.verdict, 4);
	ck_assert_uint_eq(found.reason, 12);
	ck_assert_uint_eq(found.domain, 4095);
	ck_assert_uint_eq(found.connector, 1023);
	ck_assert_uint_eq(cube.us_max, 17);
	free(list);
	cube_fini(&cube);
}
END_TEST

START_TEST(clocks_gone_mad_are_survived)
{
	struct report_cube cube;

	cube_init(&cube);
	take(&cube, INT64_MIN / 2, 0);
	take(&cube, 0, 0);
	take(&cube, DAY, 0);
	take(&cube, INT64_MAX / 2, 0);
	ck_assert_uint_eq(sum(&cube.cells), 4);
	cube_fini(&cube);
}
END_TEST

START_TEST(a_page_gets_few_cells_and_all_verdicts)
{
	struct report_cube cube;
	unsigned long of_first = 0;

	cube_init(&cube);
	for (int64_t day = 0; day < 300; day++)
		for (unsigned domain = 0; domain < 400; domain++) {
			take(&cube, DAY + day * A_DAY, 2 + domain);
			take(&cube, DAY + day * A_DAY, 2);
		}
	cube_reduce(&cube, 1);
	ck_assert_uint_le(cube.cells.n, CUBE_CELLS_MAX);
	ck_assert_uint_eq(sum(&cube.cells), 2UL * 300 * 400);
	for (size_t i = 0; i < cube.cells.room; i++)
		if (cube.cells.places[i].count > 0 &&
			cube_cell_of(cube.cells.places[i].key).domain == 2)
			of_first += cube.cells.places[i].count;
	ck_assert_uint_eq(of_first, 300UL * 401);
	cube_fini(&cube);
}
END_TEST

START_TEST(classes_of_latency_cover_all)
{
	ck_assert_uint_eq(cube_latency_least(0), 0);
	for (unsigned i = 1; i < LATENCY_CLASSES; i++) {
		const unsigned long least = cube_latency_least(i);
		const unsigned long before = cube_latency_least(i - 1);

		ck_assert_uint_gt(least, before);
		ck_assert_uint_le(least - before, before / 8 + 1);
	}
	for (unsigned long us = 0; us < 100000; us += 7) {
		struct report_cube cube;
		const struct cube_cell cell = { DAY, 0, 0, 0, 0 };

		cube_init(&cube);
		cube_take(&cube, &cell, us);
		struct report_count *list = report_counts_sorted(&cube.latency);
		const unsigned class = cube_latency_class(list[0].key);

		ck_assert_uint_le(cube_latency_least(class), us);
		ck_assert_uint_gt(cube_latency_least(class + 1), us);
		ck_assert_int_eq(cube_latency_start(list[0].key), DAY);
		free(list);
		cube_fini(&cube);
	}
}
END_TEST

struct floor_case {
	const char *name;
	enum report_step step;
	int64_t time_s, start_s, next_s;
};

static const struct floor_case floors[] = {
	{ "a minute", STEP_MINUTE, 1795215659, 1795215600, 1795215660 },
	{ "a local day", STEP_DAY, 1795215600 + 5 * HOUR, 1795215600,
		1795215600 + A_DAY },
	{ "a week begins on Monday", STEP_WEEK, 1795215600,
		1795215600 - 5 * A_DAY, 1795215600 + 2 * A_DAY },
	/* 2026-10-25, when clocks go back */
	{ "a day of 25 hours", STEP_DAY, 1792879200 + 12 * HOUR, 1792879200,
		1792879200 + 25 * HOUR },
	/* 2026-03-29, when they go on */
	{ "a day of 23 hours", STEP_DAY, 1774738800 + 12 * HOUR, 1774738800,
		1774738800 + 23 * HOUR },
};

START_TEST(pieces_begin_by_the_local_clock)
{
	const struct floor_case *c = &floors[_i];

	ck_assert_msg(report_time_floor(c->time_s, c->step) == c->start_s, "%s",
		c->name);
	ck_assert_msg(report_time_next(c->start_s, c->step) == c->next_s,
		"%s, the next", c->name);
}
END_TEST

START_TEST(time_goes_on_where_clocks_are_changed)
{
	for (int step = STEP_MINUTE; step <= STEP_YEAR; step++)
		for (int64_t at = 1774738800 - A_DAY;
			at < 1774738800 + 2 * A_DAY; at += 600) {
			const int64_t start =
				report_time_floor(at, (enum report_step)step);

			ck_assert_int_le(start, at);
			ck_assert_int_gt(
				report_time_next(start, (enum report_step)step),
				start);
		}
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("report_cube");

	tcase_add_checked_fixture(tests, setup, NULL);
	tcase_add_loop_test(tests, pieces_fit_the_period, 0, COUNT(steps));
	tcase_add_test(tests, order_does_not_matter);
	tcase_add_test(tests, a_cell_is_found_again);
	tcase_add_test(tests, clocks_gone_mad_are_survived);
	tcase_add_test(tests, a_page_gets_few_cells_and_all_verdicts);
	tcase_add_test(tests, classes_of_latency_cover_all);
	tcase_add_loop_test(
		tests, pieces_begin_by_the_local_clock, 0, COUNT(floors));
	tcase_add_test(tests, time_goes_on_where_clocks_are_changed);
	return unit_run(suite_create("report_cube"), tests);
}
