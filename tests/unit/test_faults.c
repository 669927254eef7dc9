/* All faults of a run, in order, with their places. */
#include "base/faults.h"

#include "tests/unit/unit_main.h"

#include <string.h>

static struct faults *faults;

static void setup(void)
{
	faults = faults_open();
}

static void teardown(void)
{
	faults_close(&faults);
}

START_TEST(errors_and_advice_are_counted_apart)
{
	ck_assert_uint_eq(faults_count(faults), 0);
	ck_assert_uint_eq(faults_errors(faults), 0);
	faults_advice(faults, (struct place){ "a.conf", 3 }, "use %s", "#d");
	faults_error(faults, (struct place){ "a.conf", 2 }, "no %s", "route");
	ck_assert_uint_eq(faults_count(faults), 2);
	ck_assert_uint_eq(faults_errors(faults), 1);
	ck_assert_int_eq(faults_get(faults, 0)->kind, FAULT_ADVICE);
	ck_assert_str_eq(faults_get(faults, 0)->text, "use #d");
	ck_assert_int_eq(faults_get(faults, 1)->kind, FAULT_ERROR);
	ck_assert_str_eq(faults_get(faults, 1)->text, "no route");
	ck_assert_uint_eq(faults_get(faults, 1)->place.line, 2);
}
END_TEST

START_TEST(a_warning_is_no_error)
{
	faults_warning(faults, (struct place){ "a.conf", 3 }, "no %s", "group");
	faults_add(faults, faults_get(faults, 0));
	ck_assert_uint_eq(faults_errors(faults), 0);
	for (size_t i = 0; i < 2; i++) {
		const struct fault *fault = faults_get(faults, i);

		ck_assert_int_eq(fault->kind, FAULT_WARNING);
		ck_assert_str_eq(fault->text, "no group");
		ck_assert_uint_eq(fault->place.line, 3);
	}
}
END_TEST

START_TEST(the_file_name_is_copied)
{
	char file[] = "a.conf";

	faults_error(faults, (struct place){ file, 1 }, "x");
	memset(file, '?', sizeof file - 1);
	ck_assert_str_eq(faults_get(faults, 0)->place.file, "a.conf");
}
END_TEST

START_TEST(no_file_is_an_empty_name)
{
	faults_error(faults, (struct place){ 0 }, "x");
	ck_assert_str_eq(faults_get(faults, 0)->place.file, "");
}
END_TEST

START_TEST(many_faults_keep_their_order)
{
	for (unsigned i = 0; i < 1000; i++)
		faults_error(faults, (struct place){ "f", i }, "%u", i);
	ck_assert_uint_eq(faults_errors(faults), 1000);
	for (unsigned i = 0; i < 1000; i++)
		ck_assert_uint_eq(faults_get(faults, i)->place.line, i);
}
END_TEST

START_TEST(a_long_sentence_is_cut)
{
	char text[2 * ERR_TEXT_SIZE];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	faults_error(faults, (struct place){ "f", 1 }, "%s", text);
	ck_assert_uint_eq(
		strlen(faults_get(faults, 0)->text), ERR_TEXT_SIZE - 1);
}
END_TEST

START_TEST(close_takes_nothing_too)
{
	struct faults *none = NULL;

	faults_close(&none);
	faults_close(&faults);
	ck_assert_ptr_null(faults);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("faults");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, errors_and_advice_are_counted_apart);
	tcase_add_test(tcase, a_warning_is_no_error);
	tcase_add_test(tcase, the_file_name_is_copied);
	tcase_add_test(tcase, no_file_is_an_empty_name);
	tcase_add_test(tcase, many_faults_keep_their_order);
	tcase_add_test(tcase, a_long_sentence_is_cut);
	tcase_add_test(tcase, close_takes_nothing_too);
	return unit_run(suite_create("faults"), tcase);
}
