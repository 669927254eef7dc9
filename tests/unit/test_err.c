/* Sentences for the operator: the place in front, errno behind, never cut
 * where it would hurt. */
#include "base/err.h"

#include "tests/unit/unit_main.h"

#include <errno.h>
#include <string.h>

START_TEST(set_replaces_what_was_there)
{
	struct err err = { "old" };

	ck_assert(!err_set(&err, "port %d is taken", 25));
	ck_assert_str_eq(err.text, "port 25 is taken");
}
END_TEST

START_TEST(sys_appends_errno_of_the_call)
{
	struct err err = { 0 };

	errno = ENOENT;
	ck_assert(!err_sys(&err, "open %s", "a.conf"));
	ck_assert_str_eq(err.text, "open a.conf: No such file or directory");
}
END_TEST

static const struct {
	const char *name;
	struct place place;
	const char *text;
} places[] = {
	{ "a line", { "a.conf", 7 }, "a.conf:7: no domain" },
	{ "the whole file", { "a.conf", 0 }, "a.conf: no domain" },
};

START_TEST(at_names_the_place)
{
	struct err err = { "old" };

	ck_assert(!err_at(&err, places[_i].place, "no %s", "domain"));
	ck_assert_msg(strcmp(err.text, places[_i].text) == 0, "%s: %s",
		places[_i].name, err.text);
}
END_TEST

START_TEST(nobody_listening_is_allowed)
{
	ck_assert(!err_set(NULL, "a"));
	ck_assert(!err_sys(NULL, "a"));
	ck_assert(!err_at(NULL, (struct place){ "f", 1 }, "a"));
}
END_TEST

START_TEST(long_text_is_cut_behind_the_place)
{
	struct err err = { 0 };
	char text[2 * ERR_TEXT_SIZE];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	err_at(&err, (struct place){ "a.conf", 7 }, "%s", text);
	ck_assert_uint_eq(strlen(err.text), ERR_TEXT_SIZE - 1);
	ck_assert_int_eq(strncmp(err.text, "a.conf:7: xxx", 13), 0);
	errno = EIO;
	err_sys(&err, "%s", text);
	ck_assert_uint_eq(strlen(err.text), ERR_TEXT_SIZE - 1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("err");

	tcase_add_test(tcase, set_replaces_what_was_there);
	tcase_add_test(tcase, sys_appends_errno_of_the_call);
	tcase_add_loop_test(tcase, at_names_the_place, 0, COUNT(places));
	tcase_add_test(tcase, nobody_listening_is_allowed);
	tcase_add_test(tcase, long_text_is_cut_behind_the_place);
	return unit_run(suite_create("err"), tcase);
}
