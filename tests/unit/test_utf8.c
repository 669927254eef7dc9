#include "base/utf8.h"

#include "unit_main.h"

#include <string.h>

static const struct utf8_case {
	const char *name, *bytes;
	uint32_t character;
	size_t len; /* 0 = none */
} CASES[] = {
	{ "a letter", "ab", 'a', 1 },
	{ "DEL", "\x7f", 0x7f, 1 },
	{ "two bytes, the least", "\xc2\x80x", 0x80, 2 },
	{ "two bytes", "\xc3\xa4x", 0xe4, 2 },
	{ "two bytes, the most", "\xdf\xbf", 0x7ff, 2 },
	{ "three bytes, the least", "\xe0\xa0\x80", 0x800, 3 },
	{ "three bytes", "\xe7\x94\xa8x", 0x7528, 3 },
	{ "before the surrogates", "\xed\x9f\xbf", 0xd7ff, 3 },
	{ "behind the surrogates", "\xee\x80\x80", 0xe000, 3 },
	{ "four bytes, the least", "\xf0\x90\x80\x80", 0x10000, 4 },
	{ "the last character", "\xf4\x8f\xbf\xbf", 0x10ffff, 4 },
	{ "a byte that continues", "\x80", 0, 0 },
	{ "overlong, two bytes", "\xc1\xbf", 0, 0 },
	{ "overlong, three bytes", "\xe0\x9f\xbf", 0, 0 },
	{ "overlong, four bytes", "\xf0\x8f\xbf\xbf", 0, 0 },
	{ "the first surrogate", "\xed\xa0\x80", 0, 0 },
	{ "the last surrogate", "\xed\xbf\xbf", 0, 0 },
	{ "beyond Unicode", "\xf4\x90\x80\x80", 0, 0 },
	{ "a lead byte beyond", "\xf5\x80\x80\x80", 0, 0 },
	{ "0xff", "\xff", 0, 0 },
	{ "half of two", "\xc3", 0, 0 },
	{ "half of three", "\xe7\x94", 0, 0 },
	{ "half of four", "\xf0\x9f\x90", 0, 0 },
	{ "another begins", "\xe7\x94\xc3\xa4", 0, 0 },
};

START_TEST(characters_are_read)
{
	const struct utf8_case *c = &CASES[_i];
	uint32_t character = 0;
	const size_t len = utf8_parse(&character, c->bytes, strlen(c->bytes));

	ck_assert_msg(len == c->len, "%s: %zu bytes", c->name, len);
	if (len > 0)
		ck_assert_msg(character == c->character, "%s: U+%04x", c->name,
			character);
}
END_TEST

START_TEST(nothing_is_read_behind_the_end)
{
	static const char bytes[] = "\xf4\x8f\xbf\xbf";
	uint32_t character;

	for (size_t len = 1; len < 4; len++)
		ck_assert_uint_eq(utf8_parse(&character, bytes, len), 0);
	ck_assert_uint_eq(utf8_parse(&character, "\0", 1), 1);
	ck_assert_uint_eq(character, 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, characters_are_read, 0, COUNT(CASES));
	tcase_add_test(tcase, nothing_is_read_behind_the_end);
	return unit_run(suite_create("utf8"), tcase);
}
