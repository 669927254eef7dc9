#include "directory/ldap_range.h"

#include "tests/unit/unit_main.h"

#include <string.h>

static const struct range_case {
	const char *description;
	bool is_sound;
	struct ldap_range range;
} CASES[] = {
	{ "mail", true, { .name_len = 4 } },
	{ "mail;lang-de", true, { .name_len = 4 } },
	{ "mail;", true, { .name_len = 4 } },
	{ "mail;x-range=0-1", true, { .name_len = 4 } },
	{ "mail;range=0-1499", true,
		{ .name_len = 4, .is_piece = true, .next = 1500 } },
	{ "mail;Range=1500-2999", true,
		{ .name_len = 4,
			.is_piece = true,
			.first = 1500,
			.next = 3000 } },
	{ "mail;range=3000-*", true,
		{ .name_len = 4, .is_piece = true, .first = 3000 } },
	{ "mail;binary;range=0-0;x", true,
		{ .name_len = 4, .is_piece = true, .next = 1 } },
	{ "mail;range=5-*;x", true,
		{ .name_len = 4, .is_piece = true, .first = 5 } },
	{ "mail;range=", false, { 0 } },
	{ "mail;range=0", false, { 0 } },
	{ "mail;range=0-", false, { 0 } },
	{ "mail;range=-5", false, { 0 } },
	{ "mail;range=+0-5", false, { 0 } },
	{ "mail;range=9-5", false, { 0 } },
	{ "mail;range=0-5x", false, { 0 } },
	{ "mail;range=0-*x", false, { 0 } },
	{ "mail;range=0-99999999999999999999", false, { 0 } },
	{ "mail;range=0-18446744073709551615", false, { 0 } },
};

START_TEST(descriptions_are_parsed)
{
	const struct range_case *c = &CASES[_i];
	struct ldap_range range;

	ck_assert_msg(ldap_range_parse(&range, c->description) == c->is_sound,
		"%s", c->description);
	if (!c->is_sound)
		return;
	ck_assert_msg(range.name_len == c->range.name_len &&
			range.is_piece == c->range.is_piece &&
			range.first == c->range.first &&
			range.next == c->range.next,
		"%s: %zu %d %lu %lu", c->description, range.name_len,
		range.is_piece, range.first, range.next);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, descriptions_are_parsed, 0, COUNT(CASES));
	return unit_run(suite_create("ldap_range"), tcase);
}
