/* Lists of restrictions, cut into words, changed and written again. */
#include "doctor/restrictions.h"

#include "base/arena.h"
#include "unit_main.h"

#include <string.h>

static struct arena *arena;

static const struct parse_case {
	const char *name, *text, *words; /* joined by "|" */
} PARSES[] = {
	{ "nothing", "", "" },
	{ "separators alone", " , ,\t", "" },
	{ "commas and blanks", "permit_mynetworks,reject  ,defer",
		"permit_mynetworks|reject|defer" },
	{ "an argument", "check_recipient_access cdb:/x, reject",
		"check_recipient_access|cdb:/x|reject" },
	{ "braces hold", "check_policy_service { unix:p, timeout=5s }, reject",
		"check_policy_service|{ unix:p, timeout=5s }|reject" },
	{ "braces within braces", "a { b, { c = d e }, f }",
		"a|{ b, { c = d e }, f }" },
	{ "an open brace", "a { b, c", "a|{ b, c" },
	{ "a brace too much", "a }, b", "a|}|b" },
	{ "a reference", "$mua_recipient_restrictions reject",
		"$mua_recipient_restrictions|reject" },
};

START_TEST(words_are_cut_outside_of_braces)
{
	const struct parse_case *c = &PARSES[_i];
	struct restrictions list;
	const char *joined = "";

	restrictions_parse(&list, c->text, arena);
	for (size_t i = 0; i < list.count; i++)
		joined = arena_printf(arena, "%s%s%s", joined,
			i == 0 ? "" : "|", list.words[i]);
	ck_assert_msg(strcmp(joined, c->words) == 0, "%s: %s", c->name, joined);
}
END_TEST

START_TEST(a_restriction_is_found_whatever_its_case)
{
	struct restrictions list;

	restrictions_parse(&list, "reject, Permit, reject", arena);
	ck_assert_uint_eq(restrictions_find(&list, "permit", 0), 1);
	ck_assert_uint_eq(restrictions_find(&list, "reject", 1), 2);
	ck_assert_uint_eq(restrictions_find(&list, "defer", 0), 3);
	ck_assert_uint_eq(restrictions_find(&list, "reject", 3), 3);
}
END_TEST

static const struct replace_case {
	const char *name, *text, *with, *result;
	size_t at, n;
} REPLACES[] = {
	{ "at the head", "reject", "check_policy_service unix:p",
		"check_policy_service unix:p, reject", 0, 0 },
	{ "at the end", "permit_mynetworks", "reject",
		"permit_mynetworks, reject", 1, 0 },
	{ "out", "a, check_policy_service unix:p, b", "", "a, b", 1, 2 },
	{ "all of it", "check_policy_service unix:p", "", "", 0, 2 },
	{ "one for one", "check_policy_service unix:p, b", "{ unix:p }",
		"check_policy_service { unix:p }, b", 1, 1 },
};

START_TEST(words_are_replaced)
{
	const struct replace_case *c = &REPLACES[_i];
	struct restrictions list, with;

	restrictions_parse(&list, c->text, arena);
	restrictions_parse(&with, c->with, arena);
	restrictions_replace(&list, c->at, c->n, &with, arena);
	const char *result = restrictions_format(&list, arena);

	ck_assert_msg(
		strcmp(result, c->result) == 0, "%s: %s", c->name, result);
}
END_TEST

START_TEST(arguments_stay_with_their_restrictions)
{
	static const char text[] =
		"warn_if_reject reject_rbl_client bl.example, sleep 1, "
		"check_client_access cidr:/x, "
		"permit_dnswl_client wl.example, reject";
	struct restrictions list;

	restrictions_parse(&list, text, arena);
	ck_assert_str_eq(restrictions_format(&list, arena), text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("restrictions");

	arena = arena_open();
	tcase_add_loop_test(
		tcase, words_are_cut_outside_of_braces, 0, COUNT(PARSES));
	tcase_add_test(tcase, a_restriction_is_found_whatever_its_case);
	tcase_add_loop_test(tcase, words_are_replaced, 0, COUNT(REPLACES));
	tcase_add_test(tcase, arguments_stay_with_their_restrictions);
	const int status = unit_run(suite_create("restrictions"), tcase);

	arena_close(&arena);
	return status;
}
