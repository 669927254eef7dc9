/* Names of domains: one spelling out of many, and what is no name. */
#include "namespace/domain_name.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"

#include <string.h>

#define X10 "xxxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10
#define X63 X60 "xxx"
#define U_UMLAUT "\xc3\xbc"
/* 61 octets, 253 with three labels of 63 before it */
#define X61 X60 "x"
/* an emoji, as a U-label and as an A-label */
#define EMOJI "\xf0\x9f\x92\xa9"
#define BUECHER_U "b" U_UMLAUT "cher.example"
#define BUECHER_A "xn--bcher-kva.example"

struct name_case {
	const char *name;
	const char *text;
	const char *ascii;
	const char *unicode; /* NULL: the same pointer */
	const char *err;
};

static const struct name_case names[] = {
	{ "plain", "company.example", "company.example", NULL, NULL },
	{ "case is folded", "Company.EXAMPLE", "company.example", NULL, NULL },
	{ "trailing dot goes", "company.example.", "company.example", NULL,
		NULL },
	{ "one label", "localdomain", "localdomain", NULL, NULL },
	{ "one label and a dot", "localdomain.", "localdomain", NULL, NULL },
	{ "underscore", "_x.a_b.example", "_x.a_b.example", NULL, NULL },
	{ "two hyphens inside", "ab--cd.example", "ab--cd.example", NULL,
		NULL },
	{ "digits and a letter", "123.4a", "123.4a", NULL, NULL },
	{ "label at the limit", X63 ".example", X63 ".example", NULL, NULL },
	{ "name at the limit", X63 "." X63 "." X63 "." X61,
		X63 "." X63 "." X63 "." X61, NULL, NULL },
	{ "name at the limit and a dot", X63 "." X63 "." X63 "." X61 ".",
		X63 "." X63 "." X63 "." X61, NULL, NULL },

	{ "U-label", BUECHER_U, BUECHER_A, BUECHER_U, NULL },
	{ "U-label in capitals",
		"B\xc3\x9c"
		"CHER.Example.",
		BUECHER_A, BUECHER_U, NULL },
	{ "U-label decomposed",
		"bu\xcc\x88"
		"cher.example",
		BUECHER_A, BUECHER_U, NULL },
	{ "A-label", BUECHER_A, BUECHER_A, BUECHER_U, NULL },
	{ "A-label in capitals", "XN--BCHER-KVA.Example", BUECHER_A, BUECHER_U,
		NULL },
	{ "A-label further in", "mail." BUECHER_A, "mail." BUECHER_A,
		"mail." BUECHER_U, NULL },
	{ "both forms in one name", "xn--bcher-kva." BUECHER_U,
		"xn--bcher-kva." BUECHER_A, "b" U_UMLAUT "cher." BUECHER_U,
		NULL },
	{ "ideographic full stop",
		"b" U_UMLAUT "cher\xe3\x80\x82"
		"example",
		BUECHER_A, BUECHER_U, NULL },
	{ "dotted capital I", "\xc4\xb0stanbul.example",
		"xn--istanbul-o0e.example", "i\xcc\x87stanbul.example", NULL },
	{ "underscore beside a U-label", "_x." BUECHER_U, "_x." BUECHER_A,
		"_x." BUECHER_U, NULL },
	{ "sharp s has its A-label alone",
		"stra\xc3\x9f"
		"e.example",
		"xn--strae-oqa.example", NULL, NULL },
	{ "so has its A-label as written", "xn--strae-oqa.example",
		"xn--strae-oqa.example", NULL, NULL },
	{ "final sigma has its A-label alone", "\xcf\x83\xcf\x82.example",
		"xn--3xab.example", NULL, NULL },
	{ "A-label outside IDNA2008", "xn--ls8h.example", "xn--ls8h.example",
		NULL, NULL },
	{ "ligature is letters",
		"o\xef\xac\x83"
		"ce.example",
		"office.example", NULL, NULL },

	{ "empty", "",
		.err = "the name is empty: a domain such as "
		       "company.example is wanted" },
	{ "a dot alone", ".",
		.err = "\".\" has an empty label: one dot "
		       "stands between two labels" },
	{ "empty label", "a..b",
		.err = "\"a..b\" has an empty label: one "
		       "dot stands between two labels" },
	{ "two trailing dots", "a.b..",
		.err = "\"a.b..\" has an empty label: one dot stands between "
		       "two labels" },
	{ "empty label of an IDN", "b" U_UMLAUT "..example",
		.err = "\"b" U_UMLAUT "..example\" has an empty label: one "
		       "dot stands between two labels" },
	{ "leading dot", ".d.example",
		.err = "\".d.example\" begins with a dot: write "
		       "\"*.d.example\" for the subdomains, \"d.example\" for "
		       "the domain with them" },
	{ "label of 64", X63 "x.example",
		.err = "a label of the name has 64 octets: 63 at most" },
	{ "A-label of 64 and more", X60 U_UMLAUT ".example",
		.err = "a label of the name is too long: 63 octets at most in "
		       "its xn-- form" },
	{ "name of 254", X63 "." X63 "." X63 "." X61 "x",
		.err = "the name is too long: 253 octets at most" },
	{ "IDN of more than 255",
		X63 "." X63 "." X63 "." X60 "." U_UMLAUT ".example",
		.err = "the name is too long: 253 octets at most" },
	{ "endless", X63 X63 X63 X63 X63 X63 X63 X63 X63 X63 X63 X63 X63,
		.err = "the name is too long: 253 octets at most" },
	{ "blank inside", "a b.example",
		.err = "\"a b.example\" has a blank in it: a name has none" },
	{ "blank behind", "a.example ",
		.err = "\"a.example \" has a blank in it: a name has none" },
	{ "tab", "a\tb",
		.err = "the name has a control character in it "
		       "(octet 2)" },
	{ "delete", "ab\x7f",
		.err = "the name has a control character in "
		       "it (octet 3)" },
	{ "not UTF-8",
		"b\xfc"
		"cher.example",
		.err = "the name is not UTF-8" },
	{ "path", "/etc/domains",
		.err = "\"/etc/domains\" is a path or a URL: write the domain "
		       "alone" },
	{ "URL", "https://a.example",
		.err = "\"https://a.example\" is a path or a URL: write the "
		       "domain alone" },
	{ "Windows path", "c:\\domains",
		.err = "\"c:\\domains\" is a path: write the domain alone" },
	{ "address", "bob@a.example",
		.err = "\"bob@a.example\" is an address: write what stands "
		       "after the @" },
	{ "port", "a.example:25",
		.err = "\"a.example:25\" has a colon: write the domain alone, "
		       "without a port" },
	{ "comma", "a,b",
		.err = "\"a,b\" has a comma: write each domain by "
		       "itself" },
	{ "cost", "a;1",
		.err = "\"a;1\" has a semicolon: write the domain "
		       "alone" },
	{ "IPv4", "10.8.0.25",
		.err = "\"10.8.0.25\" is an IP address: a "
		       "domain name is wanted" },
	{ "IPv6", "2001:db8::1",
		.err = "\"2001:db8::1\" is an IP address: a "
		       "domain name is wanted" },
	{ "literal", "[10.8.0.25]",
		.err = "\"[10.8.0.25]\" is an IP "
		       "address: a domain name is "
		       "wanted" },
	{ "number", "10.8.0",
		.err = "\"10.8.0\" is a number: a domain name "
		       "is wanted" },
	{ "leading hyphen", "a.-b",
		.err = "\"a.-b\" has a label that begins "
		       "or ends with a hyphen" },
	{ "trailing hyphen", "a-.b",
		.err = "\"a-.b\" has a label that "
		       "begins or ends with a hyphen" },
	{ "exclamation mark", "a!b",
		.err = "\"a!b\" has the character !, "
		       "which no domain name has" },
	{ "wide number sign",
		"\xef\xbc\x83"
		"d",
		.err = "\"\xef\xbc\x83"
		       "d\" has the character #, which no "
		       "domain name has" },
	{ "bad A-label", "xn--bcher-kv.example",
		.err = "\"xn--bcher-kv.example\" has an xn-- label that "
		       "stands for nothing: write the name in its own "
		       "script" },
	{ "emoji", EMOJI ".example",
		.err = "\"" EMOJI ".example\" is no domain name by IDNA2008 "
		       "(string contains a disallowed character): if it is "
		       "registered all the same, write its xn-- form" },
	{ "exact mark", "#d.example",
		.err = "\"#d.example\" has a mark where a plain name is "
		       "wanted: write \"d.example\"" },
	{ "star mark", "*.d.example",
		.err = "\"*.d.example\" has a mark where a plain name is "
		       "wanted: write \"d.example\"" },
	{ "hash inside", "a#b",
		.err = "\"a#b\" may have a # only in front, "
		       "as \"#d\"" },
};

START_TEST(name_parses_or_says_why)
{
	const struct name_case *c = &names[_i];
	struct arena *arena = arena_open();
	struct domain_name got = { 0 };
	struct err err = { 0 };
	const bool is_good = domain_name_parse(&got, c->text, arena, &err);

	ck_assert_msg(is_good == (c->err == NULL), "%s: %s", c->name, err.text);
	if (!is_good) {
		ck_assert_msg(strcmp(err.text, c->err) == 0, "%s: %s", c->name,
			err.text);
	} else {
		ck_assert_msg(strcmp(got.ascii, c->ascii) == 0, "%s: %s",
			c->name, got.ascii);
		if (c->unicode == NULL)
			ck_assert_msg(got.unicode == got.ascii, "%s: %s",
				c->name, got.unicode);
		else
			ck_assert_msg(strcmp(got.unicode, c->unicode) == 0,
				"%s: %s", c->name, got.unicode);
	}
	arena_close(&arena);
}
END_TEST

struct pattern_case {
	const char *text;
	enum scope scope;
	const char *format;
	const char *err;
};

static const struct pattern_case patterns[] = {
	{ "D.example.", SCOPE_INCLUSIVE, "d.example", NULL },
	{ "#D.example", SCOPE_EXACT, "#d.example", NULL },
	{ "*.D.example.", SCOPE_SUBDOMAINS, "*.d.example", NULL },
	{ "#" BUECHER_U, SCOPE_EXACT, "#" BUECHER_A, NULL },
	{ "*",
		.err = "\"*\" is an address space and no domain: write a "
		       "name, or \"*.d\" for the subdomains of d" },
	{ "# d",
		.err = "\"# d\" has more than its mark before the name: "
		       "write \"#d\"" },
	{ "##d",
		.err = "\"##d\" has more than its mark before the name: "
		       "write \"#d\"" },
	{ "#*.d",
		.err = "\"#*.d\" has more than its mark before the name: "
		       "write \"#d\"" },
	{ "#.d",
		.err = "\"#.d\" has more than its mark before the name: "
		       "write \"#d\"" },
	{ "*..d",
		.err = "\"*..d\" has more than its mark before the name: "
		       "write \"*.d\"" },
	{ "*.*.d",
		.err = "\"*.*.d\" has more than its mark before the name: "
		       "write \"*.d\"" },
	{ "*d", .err = "\"*d\" wants a dot after the *: write \"*.d\"" },
	{ "* .d",
		.err = "\"* .d\" wants a dot after the *: write "
		       "\"*.d\"" },
	{ "a.*.d",
		.err = "\"a.*.d\" may have a * only in front, as "
		       "\"*.d\"" },
	{ "#",
		.err = "the name is empty: a domain such as company.example "
		       "is wanted" },
	{ "*.",
		.err = "the name is empty: a domain such as company.example "
		       "is wanted" },
	{ "",
		.err = "the name is empty: a domain such as company.example is "
		       "wanted" },
	{ " d", .err = "\" d\" has a blank in it: a name has none" },
	{ "#\td",
		.err = "the name has a control character in it (octet "
		       "2)" },
};

START_TEST(pattern_parses_or_says_why)
{
	const struct pattern_case *c = &patterns[_i];
	struct arena *arena = arena_open();
	struct domain_pattern got;
	struct err err = { 0 };
	const bool is_good = domain_pattern_parse(&got, c->text, arena, &err);

	ck_assert_msg(is_good == (c->err == NULL), "%s: %s", c->text, err.text);
	if (is_good) {
		ck_assert_int_eq(got.scope, c->scope);
		ck_assert_str_eq(domain_pattern_format(&got, arena), c->format);
	} else {
		ck_assert_msg(strcmp(err.text, c->err) == 0, "%s: %s", c->text,
			err.text);
	}
	arena_close(&arena);
}
END_TEST

struct cover_case {
	const char *pattern;
	const char *domain;
	bool is_covered;
};

static const struct cover_case covers[] = {
	{ "d.example", "d.example", true },
	{ "d.example", "x.y.d.example", true },
	{ "d.example", "xd.example", false },
	{ "d.example", "example", false },
	{ "d.example", ".d.example", false },
	{ "#d.example", "d.example", true },
	{ "#d.example", "x.d.example", false },
	{ "*.d.example", "d.example", false },
	{ "*.d.example", "x.d.example", true },
	{ "*.d.example", ".d.example", false },
	{ BUECHER_U, BUECHER_A, true },
	{ BUECHER_U, BUECHER_U, true },
	{ BUECHER_U, "x." BUECHER_U, true },
	{ "stra\xc3\x9f"
	  "e.example",
		"strasse.example", false },
	{ "stra\xc3\x9f"
	  "e.example",
		"xn--strae-oqa.example", true },
};

START_TEST(pattern_covers_its_own)
{
	const struct cover_case *c = &covers[_i];
	struct arena *arena = arena_open();
	struct domain_pattern pattern;

	ck_assert(domain_pattern_parse(&pattern, c->pattern, arena, NULL));
	ck_assert_msg(
		domain_pattern_covers(&pattern, c->domain) == c->is_covered,
		"%s and %s", c->pattern, c->domain);
	arena_close(&arena);
}
END_TEST

START_TEST(parents_end_at_the_last_label)
{
	ck_assert_str_eq(domain_parent("a.b.c"), "b.c");
	ck_assert_str_eq(domain_parent("b.c"), "c");
	ck_assert_ptr_null(domain_parent("c"));
	ck_assert_ptr_null(domain_parent("c."));
	ck_assert_ptr_null(domain_parent(""));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("domain_name");

	tcase_add_loop_test(tcase, name_parses_or_says_why, 0, COUNT(names));
	tcase_add_loop_test(
		tcase, pattern_parses_or_says_why, 0, COUNT(patterns));
	tcase_add_loop_test(tcase, pattern_covers_its_own, 0, COUNT(covers));
	tcase_add_test(tcase, parents_end_at_the_last_label);
	return unit_run(suite_create("domain_name"), tcase);
}
