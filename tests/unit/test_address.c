/* Addresses: the key that Postfix asks for, and what is no address. */
#include "namespace/address.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"

#include <string.h>

#define X10 "xxxxxxxxxx"
#define X50 X10 X10 X10 X10 X10
#define X60 X50 X10
#define X63 X60 "xxx"
#define X200 X50 X50 X50 X50

struct key_case {
	const char *name;
	const char *in;
	const char *delimiters;
	const char *key; /* NULL: no address */
	const char *base; /* NULL: the same pointer as key */
	const char *extension;
};

static const struct key_case keys[] = {
	{ "plain", "Bob@Company.Example", "+", "bob@company.example", NULL,
		"" },
	{ "extension", "Bob+Tag@Company.Example.", "+",
		"bob+tag@company.example", "bob@company.example", "+tag" },
	{ "no delimiter", "bob+tag@d", "", "bob+tag@d", NULL, "" },
	{ "first of two delimiters", "bob-a+b@d", "+-", "bob-a+b@d", "bob@d",
		"-a+b" },
	{ "two extensions", "bob+a+b@d", "+", "bob+a+b@d", "bob@d", "+a+b" },
	{ "empty extension", "bob+@d", "+", "bob+@d", "bob@d", "+" },
	{ "delimiter in front", "+tag@d", "+", "+tag@d", NULL, "" },
	{ "delimiter in front and later", "+a+b@d", "+", "+a+b@d", NULL, "" },
	{ "delimiter in the domain", "bob@a+b", "+", "bob@a+b", NULL, "" },
	{ "postmaster is whole", "Postmaster@d", "+m", "postmaster@d", NULL,
		"" },
	{ "postmaster with extension", "postmaster+a@d", "+", "postmaster+a@d",
		"postmaster@d", "+a" },
	{ "mailer-daemon is whole", "MAILER-DAEMON@d", "-", "mailer-daemon@d",
		NULL, "" },
	{ "double-bounce is whole", "double-bounce@d", "-", "double-bounce@d",
		NULL, "" },
	{ "owner- is whole", "Owner-list@d", "-", "owner-list@d", NULL, "" },
	{ "owner- splits at +", "owner-list+a@d", "+", "owner-list+a@d",
		"owner-list@d", "+a" },
	{ "owner- is whole where - is one of several", "owner-list+a@d", "+-",
		"owner-list+a@d", NULL, "" },
	{ "-request is whole", "list-Request@d", "-", "list-request@d", NULL,
		"" },
	{ "-request alone", "-request@d", "-", "-request@d", NULL, "" },
	{ "one before -request", "a-request@d", "-", "a-request@d", NULL, "" },
	{ "list splits at -", "list-a@d", "-", "list-a@d", "list@d", "-a" },

	{ "blank", "two words@d", "+", "\"two words\"@d", NULL, "" },
	{ "blank before the extension", "two words+tag@d", "+",
		"\"two words+tag\"@d", "\"two words\"@d", "+tag" },
	{ "blank in the extension alone", "two+some words@d", "+",
		"\"two+some words\"@d", "two@d", "+some words" },
	{ "dot left at the end", "a.+b@d", "+", "a.+b@d", "\"a.\"@d", "+b" },
	{ "quote and backslash", "a\"b\\c@d", "+", "\"a\\\"b\\\\c\"@d", NULL,
		"" },
	{ "carriage return", "a\rb@d", "+", "\"a\\\rb\"@d", NULL, "" },
	{ "control", "a\x01@d", "+", "\"a\x01\"@d", NULL, "" },
	{ "delete", "a\x7f@d", "+", "\"a\x7f\"@d", NULL, "" },
	{ "leading dot", ".a@d", "+", "\".a\"@d", NULL, "" },
	{ "trailing dot of the local part", "a.@d", "+", "\"a.\"@d", NULL, "" },
	{ "two dots", "a..b@d", "+", "\"a..b\"@d", NULL, "" },
	{ "specials", "a(b)@d", "", "\"a(b)\"@d", NULL, "" },
	{ "more specials", "a,b;c:d@d", "", "\"a,b;c:d\"@d", NULL, "" },
	{ "angles", "<a>@d", "", "\"<a>\"@d", NULL, "" },
	{ "brackets", "[a]@d", "", "\"[a]\"@d", NULL, "" },
	{ "no specials", "a!#$%&'*/=?^_`{|}~b@d", "", "a!#$%&'*/=?^_`{|}~b@d",
		NULL, "" },
	{ "an @ within", "a@b@d", "+", "\"a@b\"@d", NULL, "" },
	{ "empty local part", "@d", "+", "\"\"@d", NULL, "" },
	{ "source route", "@a:bob@d", "+", "@a:bob@d", NULL, "" },
	{ "source route before what wants quotes", "@a:two words@d", "+",
		"@a:\"two words\"@d", NULL, "" },

	{ "UTF-8",
		"J\xc3\x9cRGEN@B\xc3\x9c"
		"CHER.example",
		"+",
		"j\xc3\xbcrgen@b\xc3\xbc"
		"cher.example",
		NULL, "" },
	{ "sharp s",
		"Stra\xc3\x9f"
		"e@d",
		"+", "strasse@d", NULL, "" },
	{ "A-label stays", "bob@xn--bcher-kva.example", "+",
		"bob@xn--bcher-kva.example", NULL, "" },
	{ "literal", "bob@[10.0.0.1]", "+", "bob@[10.0.0.1]", NULL, "" },
	{ "trailing dot of the domain", "bob@d.", "+", "bob@d", NULL, "" },
	{ "two trailing dots stay", "bob@d..", "+", "bob@d..", NULL, "" },

	{ "no @", "bob", "+", NULL, NULL, NULL },
	{ "empty", "", "+", NULL, NULL, NULL },
	{ "nothing behind the @", "bob@", "+", NULL, NULL, NULL },
	{ "a dot behind the @", "bob@.", "+", NULL, NULL, NULL },
	{ "not UTF-8", "b\xfc@d", "+", NULL, NULL, NULL },
};

static void check_key(const struct key_case *c, const struct address *got)
{
	ck_assert_msg(
		strcmp(got->key, c->key) == 0, "%s: key %s", c->name, got->key);
	if (c->base == NULL) {
		ck_assert_msg(got->base == got->key, "%s: base %s", c->name,
			got->base);
		ck_assert_msg(got->base_local == got->local, "%s", c->name);
	} else {
		ck_assert_msg(strcmp(got->base, c->base) == 0, "%s: base %s",
			c->name, got->base);
		ck_assert_msg(
			strlen(got->base_local) + strlen(got->extension) ==
				strlen(got->local),
			"%s", c->name);
	}
	ck_assert_msg(strcmp(got->extension, c->extension) == 0,
		"%s: extension %s", c->name, got->extension);
}

START_TEST(internal_form_gives_the_key)
{
	const struct key_case *c = &keys[_i];
	struct arena *arena = arena_open();
	struct address got;
	const bool is_good = address_from_internal(
		&got, c->in, strlen(c->in), c->delimiters, arena);

	ck_assert_msg(is_good == (c->key != NULL), "%s", c->name);
	if (is_good)
		check_key(c, &got);
	arena_close(&arena);
}
END_TEST

START_TEST(a_key_gives_the_parts_again)
{
	const struct key_case *c = &keys[_i];
	struct arena *arena = arena_open();
	struct address got, again;

	if (address_from_internal(
		    &got, c->in, strlen(c->in), c->delimiters, arena)) {
		ck_assert(address_from_key(
			&again, got.key, c->delimiters, arena));
		check_key(c, &again);
		ck_assert_msg(strcmp(again.local, got.local) == 0, "%s: %s",
			c->name, again.local);
		ck_assert_str_eq(again.domain, got.domain);
	}
	arena_close(&arena);
}
END_TEST

START_TEST(the_parts_are_unquoted)
{
	struct arena *arena = arena_open();
	const char in[] = "Two Words+Some Tag@Company.Example";
	struct address got;

	ck_assert(address_from_internal(&got, in, sizeof in - 1, "+", arena));
	ck_assert_str_eq(got.local, "two words+some tag");
	ck_assert_str_eq(got.base_local, "two words");
	ck_assert_str_eq(got.extension, "+some tag");
	ck_assert_str_eq(got.domain, "company.example");
	arena_close(&arena);
}
END_TEST

START_TEST(a_nul_makes_no_address)
{
	struct arena *arena = arena_open();
	struct address got;

	ck_assert(!address_from_internal(&got, "a\0b@d", 5, "+", arena));
	arena_close(&arena);
}
END_TEST

struct parse_case {
	const char *name;
	const char *text;
	const char *key;
	const char *local; /* NULL: not looked at */
	const char *err;
};

static const struct parse_case parses[] = {
	{ "plain", "Bob.Jones@Company.Example", "bob.jones@company.example",
		"bob.jones", NULL },
	{ "all of atext", "a!#$%&'*/=?^_`{|}~-9@d", "a!#$%&'*/=?^_`{|}~-9@d",
		NULL, NULL },
	{ "quoted for nothing", "\"Bob\"@d", "bob@d", "bob", NULL },
	{ "quoted blank", "\"two words\"@d", "\"two words\"@d", "two words",
		NULL },
	{ "quoted pair", "\"a\\\"b\\\\c\\d\"@d", "\"a\\\"b\\\\cd\"@d",
		"a\"b\\cd", NULL },
	{ "quoted @", "\"a@b\"@d", "\"a@b\"@d", "a@b", NULL },
	{ "quoted dots", "\".a..b.\"@d", "\".a..b.\"@d", ".a..b.", NULL },
	{ "UTF-8", "J\xc3\x9crgen@d", "j\xc3\xbcrgen@d", NULL, NULL },
	{ "of the block of the C1 controls", "a\xc2\xb7@d", "a\xc2\xb7@d", NULL,
		NULL },
	{ "decomposed", "Ju\xcc\x88rgen@d", "j\xc3\xbcrgen@d", NULL, NULL },
	{ "decomposed by a backslash", "\"Ju\\\xcc\x88rgen\"@d",
		"j\xc3\xbcrgen@d", NULL, NULL },
	{ "IDN",
		"bob@B\xc3\xbc"
		"cher.example",
		"bob@xn--bcher-kva.example", NULL, NULL },
	{ "trailing dot", "bob@d.example.", "bob@d.example", NULL, NULL },
	{ "IPv4 literal", "bob@[10.0.0.1]", "bob@[10.0.0.1]", NULL, NULL },
	{ "IPv6 literal", "bob@[IPv6:2001:DB8::1]", "bob@[ipv6:2001:db8::1]",
		NULL, NULL },
	{ "local part at the limit", X60 "xxxx@d", X60 "xxxx@d", NULL, NULL },
	{ "quoted at the limit", "\"" X60 " x\"@d", "\"" X60 " x\"@d", NULL,
		NULL },
	{ "domain at the limit", "b@" X63 "." X63 "." X63 "." X60 "x",
		"b@" X63 "." X63 "." X63 "." X60 "x", NULL, NULL },

	{ "empty", "", .err = "the address is empty" },
	{ "endless", X200 X200 X200 X200 "@d",
		.err = "the address is too long" },
	{ "not UTF-8", "j\xfcrgen@d", .err = "the address is not UTF-8" },
	{ "tab", "a\tb@d",
		.err = "the address has a control character in it "
		       "(octet 2)" },
	{ "quoted tab", "\"a\tb\"@d",
		.err = "the address has a control character in it (octet "
		       "3)" },
	{ "delete", "a\x7f@d",
		.err = "the address has a control character "
		       "in it (octet 2)" },
	{ "C1 control", "a\xc2\x85@d",
		.err = "the address has a control character in it (octet "
		       "2)" },
	{ "quote that is quoted, and none behind", "\"a@d\\\"",
		.err = "the local part of \"a@d\\\" lacks its second quote" },
	{ "no @", "bob",
		.err = "\"bob\" has no domain: write it as "
		       "\"bob@DOMAIN\"" },
	{ "nothing in front", "@d",
		.err = "\"@d\" has nothing in front of "
		       "the @" },
	{ "source route", "@a:b@d",
		.err = "\"@a:b@d\" has nothing in front "
		       "of the @" },
	{ "nothing behind", "bob@",
		.err = "the address has nothing behind "
		       "the @" },
	{ "empty quotes", "\"\"@d",
		.err = "\"\"@d has an empty local "
		       "part" },
	{ "angle brackets", "<bob@d>",
		.err = "\"<bob@d>\" is more than an address: write it alone, "
		       "without a name and without angle brackets" },
	{ "name and angle brackets", "Bob <bob@d>",
		.err = "\"Bob <bob@d>\" is more than an address: write it "
		       "alone, without a name and without angle brackets" },
	{ "blank", "two words@d",
		.err = "the local part of two words@d must be quoted: write "
		       "\"two words\"@d" },
	{ "two dots", "a..b@d",
		.err = "the local part of a..b@d must be quoted: write "
		       "\"a..b\"@d" },
	{ "dot in front", ".a@d",
		.err = "the local part of .a@d must be quoted: write "
		       "\".a\"@d" },
	{ "dot at the end", "a.@d",
		.err = "the local part of a.@d must be quoted: write "
		       "\"a.\"@d" },
	{ "two @", "a@b@d",
		.err = "the local part of a@b@d must be quoted: write "
		       "\"a@b\"@d" },
	{ "one quote", "\"bob@d",
		.err = "the local part of \"bob@d lacks its second quote" },
	{ "escaped last quote", "\"bob\\\"@d",
		.err = "the local part of \"bob\\\"@d lacks its second "
		       "quote" },
	{ "quotes and no @", "\"bob\"d@d",
		.err = "the quoted local part of \"bob\"d@d must be followed "
		       "by @ and a domain" },
	{ "quotes alone", "\"bob\"",
		.err = "the quoted local part of \"bob\" must be followed by "
		       "@ and a domain" },
	{ "bad domain", "bob@a..b",
		.err = "\"a..b\" has an empty label: one dot stands between "
		       "two labels" },
	{ "address literal without brackets", "bob@10.0.0.1",
		.err = "\"10.0.0.1\" is an IP address: a domain name is "
		       "wanted" },
	{ "literal without its tag", "bob@[2001:db8::1]",
		.err = "\"[2001:db8::1]\" is no domain literal: write it as "
		       "[192.0.2.1] or [IPv6:2001:db8::1]" },
	{ "literal with a wrong tag", "bob@[IPv6:10.0.0.1]",
		.err = "\"[IPv6:10.0.0.1]\" is no domain literal: write it "
		       "as [192.0.2.1] or [IPv6:2001:db8::1]" },
	{ "literal cut", "bob@[10.0.0.1",
		.err = "\"[10.0.0.1\" is no domain literal: write it as "
		       "[192.0.2.1] or [IPv6:2001:db8::1]" },
	{ "bracket alone", "bob@[",
		.err = "\"[\" is no domain literal: write it as [192.0.2.1] "
		       "or [IPv6:2001:db8::1]" },
	{ "local part of 65", X60 "xxxxx@d",
		.err = "the local part has 65 octets: 64 at most" },
	{ "local part of 65 with its quotes", "\"" X60 " xx\"@d",
		.err = "the local part has 65 octets: 64 at most" },
	{ "domain of 254", "b@" X63 "." X63 "." X63 "." X60 "xx",
		.err = "the name is too long: 253 octets at most" },
	{ "label of 64", "b@" X63 "x",
		.err = "a label of the name has 64 octets: 63 at most" },
};

START_TEST(external_form_parses_or_says_why)
{
	const struct parse_case *c = &parses[_i];
	struct arena *arena = arena_open();
	struct err err = { 0 };
	struct address got;
	const bool is_good = address_parse(&got, c->text, "", arena, &err);

	ck_assert_msg(is_good == (c->err == NULL), "%s: %s", c->name, err.text);
	if (!is_good) {
		ck_assert_msg(strcmp(err.text, c->err) == 0, "%s: %s", c->name,
			err.text);
	} else {
		ck_assert_msg(strcmp(got.key, c->key) == 0, "%s: %s", c->name,
			got.key);
		if (c->local != NULL)
			ck_assert_str_eq(got.local, c->local);
	}
	arena_close(&arena);
}
END_TEST

START_TEST(external_form_splits_too)
{
	struct arena *arena = arena_open();
	struct address got;

	ck_assert(address_parse(
		&got, "\"Two Words+Tag\"@d.example", "+", arena, NULL));
	ck_assert_str_eq(got.key, "\"two words+tag\"@d.example");
	ck_assert_str_eq(got.base, "\"two words\"@d.example");
	ck_assert_str_eq(got.base_local, "two words");
	ck_assert_str_eq(got.extension, "+tag");
	ck_assert_str_eq(got.domain, "d.example");
	arena_close(&arena);
}
END_TEST

START_TEST(extensions_are_carried_over)
{
	static const struct {
		const char *target, *extension, *result;
	} cases[] = {
		{ "crm@saas.example", "+tag", "crm+tag@saas.example" },
		{ "crm@saas.example", "", "crm@saas.example" },
		{ "\"two words\"@d", "+a", "\"two words+a\"@d" },
		{ "\"a\\\"b\"@d", "+a", "\"a\\\"b+a\"@d" },
		{ "\"a.\"@d", "+b", "a.+b@d" },
		{ "\"a@b\"@d", "+b", "\"a@b+b\"@d" },
		{ "bob@d", "+some words", "\"bob+some words\"@d" },
		{ "bob+x@d", "+y", "bob+x+y@d" },
		{ "bob", "+y", "bob" },
	};
	struct arena *arena = arena_open();

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(address_extend(cases[i].target,
					 cases[i].extension, arena),
			cases[i].result);
	arena_close(&arena);
}
END_TEST

START_TEST(an_address_leads_to_itself_and_its_base)
{
	static const struct {
		const char *address, *key, *delimiters;
		bool is_led;
	} cases[] = {
		{ "bob@d", "bob@d", "+", true },
		{ "bob+x@d", "bob@d", "+", true },
		{ "bob+x@d", "bob@e", "+", false },
		{ "bob+x+y@d", "bob+x@d", "+", false },
		{ "bob-x@d", "bob@d", "+", false },
		{ "bob+x@d", "bob@d", "", false },
		{ "\"two words+x\"@d", "\"two words\"@d", "+", true },
		{ "all-request+x@d", "all-request@d", "+", true },
		{ "all-request+x@d", "all-request@d", "+-", false },
		{ "bob", "bob", "+", false },
	};
	struct arena *arena = arena_open();

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(
			address_leads_to(cases[i].address, cases[i].key,
				cases[i].delimiters, arena) == cases[i].is_led,
			"%s", cases[i].address);
	arena_close(&arena);
}
END_TEST

START_TEST(routing_characters_are_seen)
{
	static const struct {
		const char *address;
		bool is_routed;
	} cases[] = {
		{ "bob@d", false },
		{ "a%b@d", true },
		{ "a!b@d", true },
		{ "a@b@d", true },
		{ "a+b=c@d", false },
	};
	struct arena *arena = arena_open();
	struct address got;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *in = cases[i].address;

		ck_assert(
			address_from_internal(&got, in, strlen(in), "", arena));
		ck_assert_msg(address_is_routed(&got) == cases[i].is_routed,
			"%s", in);
	}
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("address");

	tcase_add_loop_test(tcase, internal_form_gives_the_key, 0, COUNT(keys));
	tcase_add_loop_test(tcase, a_key_gives_the_parts_again, 0, COUNT(keys));
	tcase_add_loop_test(
		tcase, external_form_parses_or_says_why, 0, COUNT(parses));
	tcase_add_test(tcase, the_parts_are_unquoted);
	tcase_add_test(tcase, a_nul_makes_no_address);
	tcase_add_test(tcase, external_form_splits_too);
	tcase_add_test(tcase, extensions_are_carried_over);
	tcase_add_test(tcase, an_address_leads_to_itself_and_its_base);
	tcase_add_test(tcase, routing_characters_are_seen);
	return unit_run(suite_create("address"), tcase);
}
