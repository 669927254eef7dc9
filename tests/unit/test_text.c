/* A growing text, and numbers and durations out of plain ones. */
#include "base/text.h"

#include "tests/unit/unit_main.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

START_TEST(pieces_make_one_text)
{
	struct text text;

	text_init(&text);
	ck_assert_ptr_null(text.data);
	text_add(&text, "a\0b", 3);
	text_adds(&text, "-c-");
	text_addf(&text, "%d%s", 42, "d");
	ck_assert_uint_eq(text.len, 9);
	ck_assert_int_eq(memcmp(text.data, "a\0b-c-42d", 10), 0);
	text_clear(&text);
	ck_assert_str_eq(text.data, "");
	text_adds(&text, "again");
	ck_assert_str_eq(text.data, "again");
	text_fini(&text);
	ck_assert_ptr_null(text.data);
}
END_TEST

START_TEST(nothing_added_is_an_empty_text)
{
	struct text text;

	text_init(&text);
	text_clear(&text);
	ck_assert_ptr_null(text.data);
	text_add(&text, NULL, 0);
	ck_assert_str_eq(text.data, "");
	text_addf(&text, "%s", "");
	ck_assert_uint_eq(text.len, 0);
	text_fini(&text);
}
END_TEST

/* Around every size at which the room could be off by one. */
START_TEST(growth_keeps_the_end)
{
	struct text text;
	char tail[16];

	text_init(&text);
	for (int i = 0; i < 3000; i++) {
		const int len = snprintf(tail, sizeof tail, "%d,", i);

		text_addf(&text, "%d,", i);
		ck_assert_str_eq(text.data + text.len - (size_t)len, tail);
	}
	text_fini(&text);
	for (size_t size = 60; size < 70; size++) {
		text_init(&text);
		text_addf(&text, "%*s", (int)size, "");
		text_adds(&text, "x");
		ck_assert_uint_eq(text.len, size + 1);
		ck_assert_uint_eq(strlen(text.data), size + 1);
		text_fini(&text);
	}
}
END_TEST

static const struct {
	const char *text;
	bool is_number;
	unsigned long value;
} numbers[] = {
	{ "0", true, 0 },
	{ "007", true, 7 },
	{ "18446744073709551615", true, 18446744073709551615UL },
	{ "18446744073709551616", false, 0 },
	{ "99999999999999999999999", false, 0 },
	{ "", false, 0 },
	{ " 1", false, 0 },
	{ "1 ", false, 0 },
	{ "+1", false, 0 },
	{ "-1", false, 0 },
	{ "0x10", false, 0 },
	{ "1.5", false, 0 },
};

START_TEST(numbers_are_digits_alone)
{
	unsigned long value = 4711;
	const bool is_number = text_to_ulong(&value, numbers[_i].text);

	ck_assert_msg(
		is_number == numbers[_i].is_number, "\"%s\"", numbers[_i].text);
	ck_assert_msg(value == (is_number ? numbers[_i].value : 4711),
		"\"%s\": %lu", numbers[_i].text, value);
}
END_TEST

static const struct {
	const char *text;
	bool is_duration;
	unsigned long seconds;
} durations[] = {
	{ "0", true, 0 },
	{ "90", true, 90 },
	{ "90s", true, 90 },
	{ "15m", true, 900 },
	{ "12h", true, 43200 },
	{ "2d", true, 172800 },
	{ "1w", true, 604800 },
	{ "4294967295", true, 4294967295UL },
	{ "4294967296", false, 0 },
	{ "7101w", true, 4294684800UL },
	{ "7102w", false, 0 },
	{ "", false, 0 },
	{ "d", false, 0 },
	{ "2y", false, 0 },
	{ "2D", false, 0 },
	{ "2d12h", false, 0 },
	{ "2 d", false, 0 },
	{ "-2d", false, 0 },
	{ "1.5d", false, 0 },
};

START_TEST(durations_have_one_unit)
{
	unsigned long seconds = 4711;
	const bool ok = text_to_duration(&seconds, durations[_i].text);

	ck_assert_msg(
		ok == durations[_i].is_duration, "\"%s\"", durations[_i].text);
	ck_assert_msg(seconds == (ok ? durations[_i].seconds : 4711),
		"\"%s\": %lu", durations[_i].text, seconds);
}
END_TEST

START_TEST(starts_compares_the_whole_prefix)
{
	ck_assert(text_starts("unix:a", "unix:"));
	ck_assert(text_starts("unix", ""));
	ck_assert(text_starts("", ""));
	ck_assert(!text_starts("uni", "unix"));
	ck_assert(!text_starts("Unix:", "unix:"));
}
END_TEST

static const struct {
	const char *text;
	unsigned long number;
} thousands[] = {
	{ "0", 0 },
	{ "999", 999 },
	{ "1,000", 1000 },
	{ "119,950", 119950 },
	{ "1,000,000", 1000000 },
};

START_TEST(number_has_a_comma_for_each_thousand)
{
	char number[TEXT_NUMBER_SIZE];

	ck_assert_str_eq(
		text_number(number, thousands[_i].number), thousands[_i].text);
}
END_TEST

START_TEST(no_text_is_the_same_as_no_text_alone)
{
	char copy[] = "a";

	ck_assert(text_same("a", copy));
	ck_assert(text_same(NULL, NULL));
	ck_assert(!text_same("a", "ab"));
	ck_assert(!text_same("", NULL));
	ck_assert(!text_same(NULL, ""));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("text");

	tcase_add_test(tcase, pieces_make_one_text);
	tcase_add_test(tcase, nothing_added_is_an_empty_text);
	tcase_add_test(tcase, growth_keeps_the_end);
	tcase_add_loop_test(tcase, numbers_are_digits_alone, 0, COUNT(numbers));
	tcase_add_loop_test(
		tcase, durations_have_one_unit, 0, COUNT(durations));
	tcase_add_test(tcase, starts_compares_the_whole_prefix);
	tcase_add_loop_test(tcase, number_has_a_comma_for_each_thousand, 0,
		COUNT(thousands));
	tcase_add_test(tcase, no_text_is_the_same_as_no_text_alone);
	return unit_run(suite_create("text"), tcase);
}
