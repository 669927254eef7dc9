#include "verdicts/log_address.h"

#include "unit_main.h"

#include <stdio.h>
#include <string.h>

static const struct address_case {
	const char *name, *external, *key;
} ADDRESSES[] = {
	{ "plain", "ann@company.example", "ann@company.example" },
	{ "letters", "Ann@Company.Example", "ann@company.example" },
	{ "beyond ASCII", "J\xc3\x96@c.example", "j\xc3\xb6@c.example" },
	{ "not UTF-8", "J\xd6@c.example", "j\xd6@c.example" },
	{ "dot at the end", "ann@company.example.", "ann@company.example" },
	{ "quoted", "\"two words\"@c.example", "two words@c.example" },
	{ "escapes", "\"a\\\"\\\\b\"@c.example", "a\"\\b@c.example" },
	{ "control", "\"a\x01\x7f\"@c.example", "a\?\?@c.example" },
	{ "looks like its end", "\"a>, x\"@c.example", "a>, x@c.example" },
	{ "in a literal", "a@[x>, y]", "a@[x>, y]" },
	{ "empty", "", "" },
};

START_TEST(addresses_are_compared)
{
	const struct address_case *c = &ADDRESSES[_i];
	char *key = log_address_key_external(slice_of(c->external));

	ck_assert_msg(strcmp(key, c->key) == 0, "%s: %s", c->name, key);
	free(key);
}
END_TEST

START_TEST(addresses_end)
{
	const struct address_case *c = &ADDRESSES[_i];
	char line[80];

	snprintf(line, sizeof line, "%s>, relay=none", c->external);
	ck_assert_msg(log_address_len(slice_of(line)) == strlen(c->external),
		"%s", c->name);
}
END_TEST

START_TEST(what_is_not_closed_ends_with_the_line)
{
	ck_assert_uint_eq(log_address_len(slice_of("\"a>, b")), 6);
	ck_assert_uint_eq(log_address_len(slice_of("\"a\\")), 3);
	ck_assert_uint_eq(log_address_len(slice_of("a@[b>")), 5);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, addresses_are_compared, 0, COUNT(ADDRESSES));
	tcase_add_loop_test(tcase, addresses_end, 0, COUNT(ADDRESSES));
	tcase_add_test(tcase, what_is_not_closed_ends_with_the_line);
	return unit_run(suite_create("log_address"), tcase);
}
