#include "verdicts/report_lists.h"

#include "unit_main.h"

/* 90 of them took 10 us, nine 1000 and one a second. */
static void take_times(struct report_cube *cube)
{
	enum { ALL = 100, MANY = 90, SECOND_US = 1000000 };
	const struct cube_cell cell = { .start_s = SECOND_US };

	cube_init(cube);
	for (unsigned i = 0; i < ALL; i++)
		cube_take(cube, &cell,
			i < MANY              ? 10
				: i + 1 < ALL ? 1000
					      : SECOND_US);
}

/* Exact below 16 us, then within an eighth. */
START_TEST(a_percentile_is_the_end_of_its_class)
{
	struct report_cube cube;

	take_times(&cube);
	ck_assert_uint_eq(report_percentile(&cube, 0.5), 10);
	ck_assert_uint_eq(report_percentile(&cube, 0.9), 10);
	const unsigned long p99 = report_percentile(&cube, 0.99);

	ck_assert_uint_ge(p99, 1000);
	ck_assert_uint_lt(p99, 1125);
	ck_assert_uint_ge(report_percentile(&cube, 1), 1000000);
	cube_fini(&cube);
}
END_TEST

START_TEST(more_than_is_counted_is_said_so)
{
	struct text out;

	text_init(&out);
	report_distinct_format(&out, &(struct distinct){ .n = DISTINCT_MAX });
	ck_assert_str_eq(out.data, "16");
	text_clear(&out);
	report_distinct_format(
		&out, &(struct distinct){ .n = DISTINCT_MAX + 1 });
	ck_assert_str_eq(out.data, "more than 16");
	text_fini(&out);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, a_percentile_is_the_end_of_its_class);
	tcase_add_test(tcase, more_than_is_counted_is_said_so);
	return unit_run(suite_create("report_lists"), tcase);
}
