/* Lines for a shell: nothing in them is taken for more than a word. */
#include "doctor/fix.h"

#include "base/arena.h"
#include "doctor/instance.h"
#include "unit_main.h"

#include <string.h>

static struct arena *arena;
static const struct service submission = { .name = "submission",
	.type = "inet" };

static const struct quote_case {
	const char *name, *word, *quoted;
} QUOTES[] = {
	{ "plain", "a", "'a'" },
	{ "empty", "", "''" },
	{ "what a shell knows", "$a `b` \"c\" \\", "'$a `b` \"c\" \\'" },
	{ "a single quote", "it's", "'it'\\''s'" },
};

START_TEST(words_are_quoted)
{
	const struct quote_case *c = &QUOTES[_i];
	const char *quoted = fix_quote(c->word, arena);

	ck_assert_msg(
		strcmp(quoted, c->quoted) == 0, "%s: %s", c->name, quoted);
}
END_TEST

START_TEST(main_cf_is_set)
{
	ck_assert_str_eq(fix_set(NULL, "name", "a, $b", arena),
		"postconf -e 'name = a, $b'");
	ck_assert_str_eq(fix_unset(NULL, "name", arena), "postconf -X 'name'");
}
END_TEST

/* postconf -Pe takes no white space. */
static const struct override_case {
	const char *name, *value, *line;
} OVERRIDES[] = {
	{ "a list", "permit_mynetworks, reject",
		"postconf -Pe 'submission/inet/n=permit_mynetworks,reject'" },
	{ "an argument", "check_recipient_access cdb:/x, reject",
		"postconf -Pe "
		"'submission/inet/n=check_recipient_access,cdb:/x,reject'" },
	{ "braces", "check_policy_service { unix:p, timeout=5s }, reject",
		"postconf -Pe 'submission/inet/"
		"n=check_policy_service,{unix:p,timeout=5s},reject'" },
	{ "nothing", "", "postconf -Pe 'submission/inet/n='" },
	{ "blanks that mean themselves",
		"check_policy_service { unix:p, { default_action = 451 a } }",
		"" },
};

START_TEST(services_are_set_without_blanks)
{
	const struct override_case *c = &OVERRIDES[_i];
	const char *line = fix_set(&submission, "n", c->value, arena);

	ck_assert_msg(strcmp(line, c->line) == 0, "%s: %s", c->name, line);
}
END_TEST

START_TEST(other_lines)
{
	ck_assert_str_eq(fix_unset(&submission, "n", arena),
		"postconf -PX 'submission/inet/n'");
	ck_assert_str_eq(
		fix_path("chmod o=", "/a b", arena), "chmod o= '/a b'");
	ck_assert_str_eq(fix_compiler("/c", "/s", "build", arena),
		"transport-map-gen -c '/c' -s '/s' build");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("fix");

	arena = arena_open();
	tcase_add_loop_test(tcase, words_are_quoted, 0, COUNT(QUOTES));
	tcase_add_test(tcase, main_cf_is_set);
	tcase_add_loop_test(
		tcase, services_are_set_without_blanks, 0, COUNT(OVERRIDES));
	tcase_add_test(tcase, other_lines);
	const int status = unit_run(suite_create("fix"), tcase);

	arena_close(&arena);
	return status;
}
