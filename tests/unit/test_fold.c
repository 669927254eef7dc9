/* Folding as Postfix folds, and NFC. */
#include "namespace/fold.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"

#include <string.h>
#include <sysexits.h>
#include <unicode/uclean.h>
#include <unicode/utf8.h>

struct text_case {
	const char *name;
	const char *in;
	const char *out; /* NULL: not UTF-8 */
};

static const struct text_case folds[] = {
	{ "empty", "", "" },
	{ "ascii is lowered", "Ann+Tag@EXAMPLE.org[\\]^_`{|}~",
		"ann+tag@example.org[\\]^_`{|}~" },
	{ "ascii controls stay", "A\x01\x7fZ", "a\x01\x7fz" },
	{ "latin capital", "J\xc3\x9cRGEN", "j\xc3\xbcrgen" },
	{ "sharp s becomes ss",
		"Stra\xc3\x9f"
		"e",
		"strasse" },
	{ "capital sharp s becomes ss",
		"STRA\xe1\xba\x9e"
		"E",
		"strasse" },
	{ "final sigma becomes sigma", "\xcf\x82", "\xcf\x83" },
	{ "dotted capital I keeps its dot", "\xc4\xb0", "i\xcc\x87" },
	{ "dotless i stays", "\xc4\xb1", "\xc4\xb1" },
	{ "kelvin sign becomes k", "\xe2\x84\xaa", "k" },
	{ "the longest growth, threefold", "\xce\x90",
		"\xce\xb9\xcc\x88\xcc\x81" },
	{ "no composition is done", "U\xcc\x88", "u\xcc\x88" },
	{ "four octets", "\xf0\x90\x90\x80", "\xf0\x90\x90\xa8" },
	{ "last code point", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
	{ "latin-1", "j\xfcrgen", NULL },
	{ "lone tail", "a\x80", NULL },
	{ "cut two", "a\xc3", NULL },
	{ "cut three", "a\xe2\x82", NULL },
	{ "cut four", "a\xf0\x90\x90", NULL },
	{ "lead without tail",
		"\xc3"
		"a",
		NULL },
	{ "third octet no tail",
		"\xe2\x82"
		"a",
		NULL },
	{ "overlong two", "\xc0\xaf", NULL },
	{ "overlong three", "\xe0\x9f\xbf", NULL },
	{ "overlong four", "\xf0\x8f\xbf\xbf", NULL },
	{ "surrogate", "\xed\xa0\x80", NULL },
	{ "over the last code point", "\xf4\x90\x80\x80", NULL },
	{ "five octets", "\xf8\x88\x80\x80\x80", NULL },
};

static const struct text_case forms[] = {
	{ "empty", "", "" },
	{ "ascii stays as it is", "Ann@EXAMPLE", "Ann@EXAMPLE" },
	{ "decomposed is composed",
		"U\xcc\x88"
		"ber",
		"\xc3\x9c"
		"ber" },
	{ "composed stays",
		"\xc3\x9c"
		"ber",
		"\xc3\x9c"
		"ber" },
	{ "composition exclusion grows", "\xe0\xa5\x98",
		"\xe0\xa4\x95\xe0\xa4\xbc" },
	{ "beyond the basic plane", "\xf0\x9d\x85\x9e",
		"\xf0\x9d\x85\x97\xf0\x9d\x85\xa5" },
	{ "case is kept", "\xc3\x9f\xc3\x9c", "\xc3\x9f\xc3\x9c" },
	{ "latin-1", "j\xfcrgen", NULL },
};

static void check_case(const struct text_case *c, const char *out)
{
	if (c->out == NULL)
		ck_assert_msg(out == NULL, "%s: got \"%s\"", c->name, out);
	else
		ck_assert_msg(out != NULL && strcmp(out, c->out) == 0,
			"%s: got \"%s\"", c->name, out == NULL ? "NULL" : out);
}

START_TEST(folds_as_postfix_does)
{
	const struct text_case *c = &folds[_i];
	struct arena *arena = arena_open();

	check_case(c, fold(c->in, strlen(c->in), arena));
	arena_close(&arena);
}
END_TEST

START_TEST(normalizes_to_nfc)
{
	const struct text_case *c = &forms[_i];
	struct arena *arena = arena_open();

	check_case(c, normalize(c->in, strlen(c->in), arena));
	arena_close(&arena);
}
END_TEST

START_TEST(takes_no_more_than_the_length)
{
	struct arena *arena = arena_open();

	ck_assert_str_eq(fold("ABC", 2, arena), "ab");
	ck_assert_str_eq(fold("\xc3\x9c\xc3\x9c", 2, arena), "\xc3\xbc");
	ck_assert_ptr_null(fold("\xc3\x9c\xc3\x9c", 3, arena));
	ck_assert_str_eq(normalize("ABC", 2, arena), "AB");
	arena_close(&arena);
}
END_TEST

START_TEST(a_nul_is_no_text)
{
	struct arena *arena = arena_open();

	ck_assert_ptr_null(fold("a\0b", 3, arena));
	ck_assert_ptr_null(normalize("a\0b", 3, arena));
	arena_close(&arena);
}
END_TEST

/* Room for threefold growth suffices, and folding twice changes nothing. */
START_TEST(every_code_point_folds_once)
{
	struct arena *arena = arena_open();

	for (UChar32 c = 1; c <= 0x10ffff; c++) {
		char bytes[5] = { 0 };
		int32_t len = 0;

		if (U_IS_SURROGATE(c))
			continue;
		U8_APPEND_UNSAFE(bytes, len, c);
		const char *once = fold(bytes, (size_t)len, arena);

		ck_assert_ptr_nonnull(once);
		ck_assert_str_eq(fold(once, strlen(once), arena), once);
		arena_reset(arena);
	}
	arena_close(&arena);
}
END_TEST

static const struct {
	const char *text, *capital;
	size_t len;
} capitals[] = {
	{ "\xc3\xbc"
	  "ber",
		"\xc3\x9c", 2 }, /* u with diaeresis */
	{ "ab", "A", 1 },
	{ "\xc3\x9f", "", 2 }, /* sharp s: its capital is two letters */
	{ "\xe4\xb8\xad", "", 3 }, /* no case at all */
};

START_TEST(capital_of_one_character)
{
	char capital[FOLD_CHARACTER_SIZE];
	const size_t len = fold_capital(capital, capitals[_i].text);

	ck_assert_uint_eq(len, capitals[_i].len);
	ck_assert_str_eq(capital, capitals[_i].capital);
}
END_TEST

static void *no_memory(const void *context, size_t size)
{
	(void)context;
	(void)size;
	return NULL;
}

static void *no_more_memory(const void *context, void *memory, size_t size)
{
	(void)memory;
	return no_memory(context, size);
}

static void keep(const void *context, void *memory)
{
	(void)context;
	(void)memory;
}

START_TEST(without_memory_it_ends_as_all_else_does)
{
	struct arena *arena = arena_open();
	UErrorCode status = U_ZERO_ERROR;

	u_cleanup();
	u_setMemoryFunctions(NULL, no_memory, no_more_memory, keep, &status);
	ck_assert(U_SUCCESS(status));
	fold("\xc3\x84", 2, arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("fold");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, folds_as_postfix_does, 0, COUNT(folds));
	tcase_add_loop_test(tcase, normalizes_to_nfc, 0, COUNT(forms));
	tcase_add_test(tcase, takes_no_more_than_the_length);
	tcase_add_test(tcase, a_nul_is_no_text);
	tcase_add_loop_test(
		tcase, capital_of_one_character, 0, COUNT(capitals));
	tcase_add_test(tcase, every_code_point_folds_once);
	tcase_add_exit_test(
		tcase, without_memory_it_ends_as_all_else_does, EX_OSERR);
	return unit_run(suite_create("fold"), tcase);
}
