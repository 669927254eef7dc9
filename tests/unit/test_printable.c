#include "base/printable.h"

#include "unit_main.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const struct printable_case {
	const char *name, *bytes;
	size_t len;
} CASES[] = {
	{ "a letter", "a", 1 },
	{ "a blank", " ", 1 },
	{ "a tilde", "~", 1 },
	{ "a backslash", "\\", 1 },
	{ "two letters", "ab", 1 },
	{ "two bytes", "\xc3\xa4x", 2 },
	{ "three bytes", "\xe7\x94\xa8x", 3 },
	{ "four bytes", "\xf0\x9f\x90\x98x", 4 },
	{ "a combining mark", "\xcc\x88", 2 },
	{ "a soft hyphen", "\xc2\xad", 2 },
	{ "a no-break space", "\xc2\xa0", 2 },
	{ "a joiner, as Persian needs it", "\xe2\x80\x8d", 3 },
	{ "the last character", "\xf4\x8f\xbf\xbf", 4 },
	{ "a tab", "\t", 0 },
	{ "a newline", "\n", 0 },
	{ "an escape", "\x1b[31m", 0 },
	{ "DEL", "\x7f", 0 },
	{ "C1: next line", "\xc2\x85", 0 },
	{ "C1: the last", "\xc2\x9f", 0 },
	{ "a C1 byte", "\x9b", 0 },
	{ "an Arabic letter mark", "\xd8\x9c", 0 },
	{ "left to right mark", "\xe2\x80\x8e", 0 },
	{ "line separator", "\xe2\x80\xa8", 0 },
	{ "right to left override", "\xe2\x80\xae", 0 },
	{ "an isolate", "\xe2\x81\xa6", 0 },
	{ "the end of one", "\xe2\x81\xa9", 0 },
	{ "a byte order mark", "\xef\xbb\xbf", 0 },
	{ "an interlinear mark", "\xef\xbf\xb9", 0 },
	{ "a byte that continues", "\x80", 0 },
	{ "0xff", "\xff", 0 },
	{ "0xc0", "\xc0\x80", 0 },
	{ "0xc1", "\xc1\xbf", 0 },
	{ "overlong, three bytes", "\xe0\x9f\xbf", 0 },
	{ "overlong, four bytes", "\xf0\x8f\xbf\xbf", 0 },
	{ "the first surrogate", "\xed\xa0\x80", 0 },
	{ "the last surrogate", "\xed\xbf\xbf", 0 },
	{ "beyond Unicode", "\xf4\x90\x80\x80", 0 },
	{ "0xf5", "\xf5\x80\x80\x80", 0 },
	{ "half of two", "\xc3", 0 },
	{ "half of three", "\xe7\x94", 0 },
	{ "half of four", "\xf0\x9f\x90", 0 },
	{ "another begins", "\xe7\x94\xc3\xa4", 0 },
};

START_TEST(characters_are_measured)
{
	const struct printable_case *c = &CASES[_i];
	const size_t len = printable_len(c->bytes, strlen(c->bytes));

	ck_assert_msg(len == c->len, "%s: %zu", c->name, len);
}
END_TEST

START_TEST(nul_is_not_shown)
{
	ck_assert_uint_eq(printable_len("\0a", 2), 0);
}
END_TEST

static size_t encode(char out[4], uint32_t c)
{
	const size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = len - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[len] | c);
	return len;
}

static bool is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c ||
		c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
		(c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
		(c >= 0xfff9 && c <= 0xfffb);
}

START_TEST(what_is_not_shown_is_masked)
{
	char text[] = "a\xc3\xa4\x1b[0m\xc3\xe2\x80\xae\xff";

	printable_mask(text);
	ck_assert_str_eq(text, "a\xc3\xa4?[0m?????");
}
END_TEST

/* Each one whole, and cut by a byte. */
START_TEST(all_characters_are_known)
{
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char bytes[4];
		const size_t len = encode(bytes, c);
		const bool is_none = (c >= 0xd800 && c < 0xe000) ||
			is_hidden(c);

		ck_assert_msg(printable_len(bytes, len) == (is_none ? 0 : len),
			"%x", c);
		if (len > 1)
			ck_assert_msg(
				printable_len(bytes, len - 1) == 0, "%x", c);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, characters_are_measured, 0, COUNT(CASES));
	tcase_add_test(tcase, nul_is_not_shown);
	tcase_add_test(tcase, what_is_not_shown_is_masked);
	tcase_add_test(tcase, all_characters_are_known);
	return unit_run(suite_create("printable"), tcase);
}
