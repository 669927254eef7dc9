#include "namespace/width.h"

#include "unit_main.h"

#include <string.h>

static const struct {
	const char *text;
	size_t width;
} CASES[] = {
	{ "", 0 }, { "abc", 3 }, { "äöü", 3 }, { "日本", 4 },
	{ "ｆ", 2 }, /* full width */
	{ "ｱ", 1 }, /* half width */
	{ "e\xcc\x81", 1 }, /* with an accent of its own */
	{ "a\xe2\x80\x8b", 1 }, /* zero width space */
	{ "\xf0\x9f\x93\xa7", 2 }, /* e-mail */
	{ "a\xff", 2 }, { "\xe2\x82", 1 }, /* cut */
};

START_TEST(text_has_a_width)
{
	ck_assert_uint_eq(width_of(CASES[_i].text, strlen(CASES[_i].text)),
		CASES[_i].width);
}
END_TEST

START_TEST(what_fits_is_whole_characters)
{
	ck_assert_uint_eq(width_fit("abc", 3, 2), 2);
	ck_assert_uint_eq(width_fit("abc", 3, 9), 3);
	ck_assert_uint_eq(width_fit("日本", 6, 3), 3);
	ck_assert_uint_eq(width_fit("日本", 6, 1), 0);
	ck_assert_uint_eq(width_fit("e\xcc\x81x", 4, 1), 3);
	ck_assert_uint_eq(width_fit("abc", 3, 0), 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, text_has_a_width, 0, COUNT(CASES));
	tcase_add_test(tcase, what_fits_is_whole_characters);
	return unit_run(suite_create("width"), tcase);
}
