#include "directory/proxy_addresses.h"

#include "sink_text.h"
#include "unit_main.h"

/* found: what is kept, each with a blank behind it. */
static const struct proxy_case {
	const char *name, *cell, *found;
	size_t n_ignored;
} CASES[] = {
	{ "empty", "", "", 0 },
	{ "blanks", "  ", "", 0 },
	{ "one address", "a@b", "a@b ", 0 },
	{ "one typed address", "SMTP:a@b", "a@b ", 0 },
	{ "primary and secondary", "SMTP:a@b;smtp:c@d", "a@b c@d ", 0 },
	{ "blank behind the type", "SMTP: a@b", "a@b ", 0 },
	{ "blanks around", " SMTP:a@b ; smtp:c@d ;", "a@b c@d ", 0 },
	{ "newlines between", "SMTP:a@b;\r\nsmtp:c@d", "a@b c@d ", 0 },
	{ "percent", "SMTP:a@b%SMTP:c@d%SMTP:e@f", "a@b c@d e@f ", 0 },
	{ "comma", "SMTP:a@b,smtp:c@d", "a@b c@d ", 0 },
	{ "bare, semicolon", "a@b; c@d", "a@b c@d ", 0 },
	{ "bare, comma", "a@b,c@d", "a@b c@d ", 0 },
	{ "bare, percent", "a@b%c@d", "a@b c@d ", 0 },
	{ "bare behind typed", "SMTP:a@b;c@d", "a@b c@d ", 0 },
	{ "percent in a local part", "a%b@c", "a%b@c ", 0 },
	{ "percent in a typed local part", "SMTP:a%b@c;smtp:d@e", "a%b@c d@e ",
		0 },
	{ "quoted local part", "SMTP:\"a;b\"@c;smtp:\"d\\\";\"@e",
		"\"a;b\"@c \"d\\\";\"@e ", 0 },
	{ "bare quoted local part", "\"a,b\"@c", "\"a,b\"@c ", 0 },
	{ "quote never closed", "SMTP:\"a@b;smtp:c@d", "\"a@b c@d ", 0 },
	{ "other types", "SMTP:a@b;sip:a@b;x500:/o=x;EUM:1;MS:a/b;X-y_z:1",
		"a@b ", 5 },
	{ "types of Exchange 5.5",
		"CCMAIL:Someone at SITE%MS:SERVER/SITE/SOMEONE%"
		"SMTP:Someone@site.example%TEST:someone@site%"
		"X400:c=US;a= ;p=Org;o=SITE;s=Someone;",
		"Someone@site.example ", 4 },
	{ "x400 last", "SMTP:a@b;smtp:c@d;X400:C=US;A= ;P=x;O=y;S=z;",
		"a@b c@d ", 1 },
	{ "x400 first", "X400:C=US;A= ;P=x;S=z;SMTP:a@b;smtp:c@d", "a@b c@d ",
		1 },
	{ "x400 alone", "X400:c=US;a= ;p=x;s=y;", "", 1 },
	{ "x400 with an address within",
		"SMTP:a@b;X400:c=US;a= ;p=x;DDA:SMTP=u(a)x.example;", "a@b ",
		2 },
	{ "x400 with a sign within", "SMTP:a@b;X400:c=US;s=x@y;", "a@b ", 1 },
	{ "escaped semicolons", "SMTP:a@b;X400:C=US\\;A= \\;P=x\\;;smtp:c@d",
		"a@b c@d ", 1 },
	{ "x500 with commas", "SMTP:a@b,X500:/o=x/cn=Doe, John,smtp:c@d",
		"a@b c@d ", 1 },
	{ "x500 with a comma, semicolons",
		"x500:/o=x/cn=Doe, J;SMTP:a@b;smtp:c@d", "a@b c@d ", 1 },
	{ "address behind a dropped value", "SMTP:a@b;x500:/o=x;c@d",
		"a@b c@d ", 1 },
	{ "junk is kept for the check", "SMTP:a@b;junk;smtp:c@d",
		"a@b junk c@d ", 0 },
	{ "type without a value", "SMTP:", " ", 0 },
	{ "type and blanks without a value", "SMTP: ;smtp:c@d", " c@d ", 0 },
	{ "no type before a sign", "a@b:c", "a@b:c ", 0 },
	{ "address in Microsoft's domain", "Microsoft.x@y", "Microsoft.x@y ",
		0 },
	{ "blanks between", "SMTP:a@b smtp:c@d X500:/o=x/cn=Doe, J smtp:e@f",
		"a@b c@d e@f ", 1 },
	{ "x400 between blanks", "X400:C=US;A= ;P=x; SMTP:a@b smtp:c@d",
		"a@b c@d ", 1 },
	{ "type, blank, address between blanks", "SMTP: a@b smtp: c@d",
		"a@b c@d ", 0 },
	{ "bare, blanks", "a@b c@d\te@f", "a@b c@d e@f ", 0 },
	{ "a name and its address is none", "Ann a@b", "Ann a@b ", 0 },
	{ "quoted local part between blanks", "SMTP:\"a b\"@c smtp:d@e",
		"\"a b\"@c d@e ", 0 },
	{ "blank behind the separator", "SMTP:a@b; smtp:c@d, e; smtp:f@g",
		"a@b c@d, e f@g ", 0 },
	{ "newlines alone", "SMTP:a@b\nsmtp:c@d\r\nx500:/o=x y\nsmtp:e@f",
		"a@b c@d e@f ", 1 },
	{ "bare, newlines", "a@b\r\nc@d", "a@b c@d ", 0 },
	{ "newline instead of a separator", "SMTP:a@b;smtp:c@d\nsmtp:e@f",
		"a@b c@d e@f ", 0 },
	{ "wrapped within an address",
		"SMTP:a@b;smtp:c@company.exa\r\n      mple;smtp:d@e",
		"a@b c@company.example d@e ", 0 },
	{ "wrapped alone", "SMTP:ann@company.exa\n  mple",
		"ann@company.example ", 0 },
	{ "braces", "{SMTP:a@b, smtp:c@d, X400:C=US;A= ;}", "a@b c@d ", 1 },
	{ "braces, wrapped within a type: bad, not lost",
		" {SMTP:a@b,\n   smtp:c@d, smt\n   p:e@f} ", "a@b c@d smt ",
		1 },
	{ "braces, one", "{SMTP:a@b}", "a@b ", 0 },
	{ "braces, nobody", "{}", "", 0 },
	{ "braces in a local part", "{a}@b", "{a}@b ", 0 },
	{ "brace in a local part", "{a@b", "{a@b ", 0 },
	{ "dots within", "SMTP:a@b;x500:/o=x.../cn=y;smtp:c@d", "a@b c@d ", 1 },
	{ "backslash, mark: not of this format", "SMTP:\"a\\b\"@c;smtp:~DEL",
		"\"a\\b\"@c ~DEL ", 0 },
};

/* Of Exchange 5.5. */
static const struct proxy_case GENERIC[] = {
	{ "empty", "", "", 0 },
	{ "one", "SMTP:a@b", "a@b ", 0 },
	{ "percent", "CCMAIL:Ann at X%SMTP:a@b%SMTP:c@d%X400:c=US;a= ;s=A;",
		"a@b c@d ", 2 },
	{ "escaped percent", "SMTP:a\\%b@c%SMTP:d@e", "a%b@c d@e ", 0 },
	{ "escaped percent alone", "SMTP:a\\%b@c", "a%b@c ", 0 },
	{ "escaped backslashes", "CUSTOM:x, y at \\\\\\\\Z%SMTP:\"a\\\\%b\"@c",
		"\"a\\%b\"@c ", 1 },
	{ "backslash at the end", "SMTP:a@b\\", "a@b\\ ", 0 },
	{ "the cell is removed", "~DEL", "", 0 },
	{ "the cell is removed, blanks and case", " ~del ", "", 0 },
	{ "one value is removed", "SMTP:a@b%~DELSMTP:c@d%SMTP:e@f", "a@b e@f ",
		0 },
	{ "one value is removed, behind its type", "SMTP:a@b%SMTP:~DELc@d",
		"a@b ", 0 },
	{ "one value is removed, at its end", "SMTP:c@d~DEL%SMTP:a@b", "a@b ",
		0 },
	{ "another type is removed", "SMTP:a@b%TEST:~DELx%SMTP:c@d", "a@b c@d ",
		1 },
	{ "no mark within", "SMTP:a~DELb@c", "a~DELb@c ", 0 },
};

typedef bool proxy_parse(struct proxy_addresses *out, const char *cell,
	struct arena *arena, struct err *err);

static void check_split(const struct proxy_case *c, proxy_parse *parse)
{
	struct arena *arena = arena_open();
	struct proxy_addresses out;
	struct err err = { 0 };
	struct text found;

	text_init(&found);
	ck_assert_msg(parse(&out, c->cell, arena, &err), "%s", c->name);
	for (size_t i = 0; i < out.count; i++)
		text_addf(&found, "%s ", out.list[i]);
	ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s", c->name,
		text_of(&found));
	ck_assert_msg(out.n_ignored == c->n_ignored, "%s: %zu ignored", c->name,
		out.n_ignored);
	text_fini(&found);
	arena_close(&arena);
}

START_TEST(cells_are_split)
{
	check_split(&CASES[_i], proxy_addresses_parse);
}
END_TEST

START_TEST(generic_cells_are_split)
{
	check_split(&GENERIC[_i], proxy_addresses_parse_generic);
}
END_TEST

static void check_truncations(const struct proxy_case *c, proxy_parse *parse)
{
	for (size_t len = 0; len <= strlen(c->cell); len++) {
		struct arena *arena = arena_open();
		struct proxy_addresses out;
		struct err err = { 0 };
		const char *cut = arena_strndup(arena, c->cell, len);

		if (!parse(&out, cut, arena, &err))
			ck_assert_str_ne(err.text, "");
		arena_close(&arena);
	}
}

START_TEST(truncations_are_borne)
{
	check_truncations(&CASES[_i], proxy_addresses_parse);
	check_truncations(&CASES[_i], proxy_addresses_parse_generic);
}
END_TEST

START_TEST(generic_truncations_are_borne)
{
	check_truncations(&GENERIC[_i], proxy_addresses_parse_generic);
}
END_TEST

static const char *const CUT_OFF[] = {
	"{SMTP:a@b, smtp:c@d, smtp:e@f, smtp:g@h...}",
	"{SMTP:a@b, smtp:c@d, smtp:e@f, smtp:g@h\xE2\x80\xA6}",
	"{SMTP:a@b, smtp:c@d, smt...",
	"{SMTP:a@b, smtp:c@d",
	"SMTP:a@b smtp:c@d...",
	" SMTP:a@b;smtp:c@d\xE2\x80\xA6 ",
	"...",
};

START_TEST(lists_that_are_cut_off_fail_with_the_cure)
{
	struct arena *arena = arena_open();
	struct proxy_addresses out;
	struct err err = { 0 };

	ck_assert_msg(!proxy_addresses_parse(&out, CUT_OFF[_i], arena, &err),
		"%s", CUT_OFF[_i]);
	ck_assert_str_eq(err.text,
		"a list of addresses is cut off at its end, so that some are "
		"missing: export the property joined, as in "
		"@{n='EmailAddresses';e={$_.EmailAddresses -join ';'}}, or set "
		"$FormatEnumerationLimit = -1 before");
	arena_close(&arena);
}
END_TEST

static const char *const TYPE_NAMES[] = {
	"Microsoft.Exchange.Data.ProxyAddressCollection",
	"Microsoft.ActiveDirectory.Management.ADPropertyValueCollection",
	"System.String[]",
	" System.Object[]",
	"System.Collections.Generic.List`1[System.String]",
	"Deserialized.Microsoft.Exchange.Data.ProxyAddressCollection",
};

START_TEST(type_names_fail_with_the_cure)
{
	struct arena *arena = arena_open();
	const char *name = TYPE_NAMES[_i];
	struct proxy_addresses out;
	struct err err = { 0 };

	ck_assert_msg(
		!proxy_addresses_parse(&out, name, arena, &err), "%s", name);
	ck_assert_str_eq(err.text,
		arena_printf(arena,
			"\"%s\" is the name of a type, not its values: export "
			"the property joined, as in "
			"@{n='EmailAddresses';e={$_.EmailAddresses -join "
			"';'}}",
			name + strspn(name, " ")));
	arena_close(&arena);
}
END_TEST

/* Time that grows with their square would be minutes. */
START_TEST(hundred_thousands_of_line_ends_are_no_work)
{
	enum { LINE_ENDS = 400000 };
	struct arena *arena = arena_open();
	char *ends = arena_alloc(arena, LINE_ENDS + 1);
	struct proxy_addresses out;
	struct err err = { 0 };

	memset(ends, '\n', LINE_ENDS);
	ck_assert(proxy_addresses_parse(&out,
		arena_printf(arena, "smtp:a@b;smtp:c%s@d", ends), arena, &err));
	ck_assert_uint_eq(out.count, 2);
	ck_assert_str_eq(out.list[1], "c@d");
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, cells_are_split, 0, COUNT(CASES));
	tcase_add_loop_test(tcase, truncations_are_borne, 0, COUNT(CASES));
	tcase_add_loop_test(tcase, generic_cells_are_split, 0, COUNT(GENERIC));
	tcase_add_loop_test(
		tcase, generic_truncations_are_borne, 0, COUNT(GENERIC));
	tcase_add_loop_test(tcase, lists_that_are_cut_off_fail_with_the_cure, 0,
		COUNT(CUT_OFF));
	tcase_add_loop_test(
		tcase, type_names_fail_with_the_cure, 0, COUNT(TYPE_NAMES));
	tcase_add_test(tcase, hundred_thousands_of_line_ends_are_no_work);
	return unit_run(suite_create("proxy_addresses"), tcase);
}
