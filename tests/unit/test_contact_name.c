/* Names and aliases: which are taken as they are, and what of the others. */
#include "transport-map-gen/contact_name.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"

#include <string.h>

#define X10 "xxxxxxxxxx"
#define X50 X10 X10 X10 X10 X10
#define X64 X50 X10 "xxxx"

static const struct {
	const char *name;
	const char *address;
	bool is_shared;
	const char *contact, *alias;
} cases[] = {
	{ "plain", "nora.ek@d.example", false, "nora.ek@d.example", "nora.ek" },
	{ "a formula", "=x@d.example", false, "_=x@d.example 1", "_=x-1" },
	{ "a minus", "-x@d.example", false, "_-x@d.example 1", "_-x-1" },
	{ "a plus inside", "x+y@d.example", false, "x+y@d.example", "x+y" },
	{ "shared local part", "nora@d.example", true, "nora@d.example",
		"nora-1" },
	{ "as long as may be", "x@" X50 "x.example", false,
		"x@" X50 "x.example", "x" },
	{ "too long", "x@" X64 ".example", false,
		"x@" X10 X10 X10 X10 "xxxxxxxx 1", "x" },
	{ "the longest local part", X64 "@d.example", false, X50 " 1", X64 },
	{ "quoted", "\"two words\"@d.example", false, "\"two words\"@d.example",
		"_two_words_-1" },
	{ "characters of PowerShell", "o'neil@d.example", false,
		"o'neil@d.example", "o_neil-1" },
	{ "stray dots", "\"a..b\"@d.example", false, "\"a..b\"@d.example",
		"_a__b_-1" },
	{ "not ASCII", "j\xc3\xbcrgen@d.example", false, "j__rgen@d.example 1",
		"j__rgen-1" },
	{ "empty", "\"\"@d.example", false, "\"\"@d.example", "__-1" },
};

/* "-1" or " 1" at the end of what is expected: any digest. */
static bool is_like(const char *text, const char *expected)
{
	const size_t len = strlen(expected);

	if (len < 2 ||
		(strcmp(expected + len - 2, "-1") != 0 &&
			strcmp(expected + len - 2, " 1") != 0))
		return strcmp(text, expected) == 0;
	return strncmp(text, expected, len - 1) == 0 &&
		strspn(text + len - 1, "0123456789abcdef") == 12 &&
		strlen(text) == len - 1 + 12;
}

START_TEST(names)
{
	struct arena *arena = arena_open();
	const char *contact = contact_name(cases[_i].address, arena);
	const char *alias =
		contact_alias(cases[_i].address, cases[_i].is_shared, arena);

	ck_assert_msg(is_like(contact, cases[_i].contact), "%s: name %s",
		cases[_i].name, contact);
	ck_assert_msg(is_like(alias, cases[_i].alias), "%s: alias %s",
		cases[_i].name, alias);
	ck_assert_uint_le(strlen(contact), CONTACT_NAME_MAX);
	ck_assert_uint_le(strlen(alias), CONTACT_NAME_MAX);
	arena_close(&arena);
}
END_TEST

START_TEST(others_have_other_names)
{
	struct arena *arena = arena_open();
	const char *a = contact_name("j\xc3\xbcrgen@d.example", arena);
	const char *b = contact_name("j\xc3\xb6rgen@d.example", arena);

	ck_assert_str_ne(a, b);
	ck_assert_str_eq(a, contact_name("j\xc3\xbcrgen@d.example", arena));
	ck_assert_str_ne(contact_name("a@" X64 ".example", arena),
		contact_name("a@" X64 ".test", arena));
	ck_assert_str_ne(contact_alias("n@d.example", true, arena),
		contact_alias("n@e.example", true, arena));
	arena_close(&arena);
}
END_TEST

START_TEST(people_see_the_address)
{
	struct arena *arena = arena_open();

	ck_assert_str_eq(contact_display_name("j\xc3\xbcrgen@d.example", arena),
		"j\xc3\xbcrgen@d.example");
	ck_assert(contact_display_name("=x@d.example", arena)[0] == '_');
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("contact_name");

	tcase_add_loop_test(tcase, names, 0, COUNT(cases));
	tcase_add_test(tcase, others_have_other_names);
	tcase_add_test(tcase, people_see_the_address);
	return unit_run(suite_create("contact_name"), tcase);
}
