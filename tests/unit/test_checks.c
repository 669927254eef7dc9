/* The list of checks. */
#include "doctor/checks.h"

#include "tests/unit/unit_main.h"

#include <stdbool.h>
#include <string.h>

static const enum check_kind kinds[] = { CHECK_LOCAL, CHECK_DNS, CHECK_PROBE };

/* Small letters, digits and "-": what a shell takes for a word. */
static bool is_identifier(const char *id)
{
	return id[0] != '\0' &&
		strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
		strlen(id);
}

START_TEST(each_is_found_by_its_identifier)
{
	const struct check *check;

	for (size_t i = 0; (check = checks_get(kinds[_i], i)) != NULL; i++) {
		ck_assert_msg(is_identifier(check->id), "%s", check->id);
		/* Twice the same: the first would be found. */
		ck_assert_msg(checks_find(check->id) == check, "%s", check->id);
		ck_assert_ptr_nonnull(check->run);
		ck_assert_uint_gt(strlen(check->title), 0);
	}
}
END_TEST

START_TEST(those_skipped_are_left_out)
{
	static const char *const skip[] = { "relay-domains", "cdb" };
	struct check_list all = { .count = 0 };
	struct check_list some = { .count = 0 };

	checks_select(&all, CHECK_LOCAL, NULL, 0);
	checks_select(&some, CHECK_LOCAL, skip, 2);
	ck_assert_uint_eq(some.count + 2, all.count);
	for (size_t i = 0; i < some.count; i++)
		ck_assert(strcmp(some.list[i]->id, "cdb") != 0 &&
			strcmp(some.list[i]->id, "relay-domains") != 0);
	ck_assert_ptr_null(checks_find("no-such"));
}
END_TEST

static void find_something(struct examination *examination)
{
	check_found(examination, SEVERITY_WARNING, "subject", "fix", "%s %d",
		"text", 7);
}

START_TEST(what_is_found_has_its_check)
{
	static const struct check mine = { "mine", "title", find_something };
	struct check_list checks = { .list = { &mine }, .count = 1 };
	struct examination examination = { .findings = findings_open() };

	checks_run(&examination, &checks);
	ck_assert_uint_eq(findings_count(examination.findings), 1);
	const struct finding *found = findings_get(examination.findings, 0);

	ck_assert_str_eq(found->check, "mine");
	ck_assert_str_eq(found->text, "text 7");
	findings_close(&examination.findings);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("checks");

	tcase_add_loop_test(
		tcase, each_is_found_by_its_identifier, 0, COUNT(kinds));
	tcase_add_test(tcase, those_skipped_are_left_out);
	tcase_add_test(tcase, what_is_found_has_its_check);
	return unit_run(suite_create("checks"), tcase);
}
