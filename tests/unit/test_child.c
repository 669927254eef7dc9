/* Programs that are there, fail, or are not there. */
#include "base/child.h"

#include "base/text.h"
#include "tests/unit/unit_main.h"

#include <check.h>

/* 49 times. */
#define ZEROS "0000000000000000000000000000000000000000000000000"

static const struct {
	const char *name;
	const char *argv[4];
	const char *input;
	const char *output; /* NULL: it fails */
	const char *err;
} cases[] = {
	{ "its output", { "echo", "a b" }, NULL, "a b\n", "" },
	{ "its input", { "cat" }, "x\ny\n", "x\ny\n", "" },
	{ "no input", { "cat" }, NULL, "", "" },
	{ "no complaints", { "sh", "-c", "echo no >&2; echo yes" }, NULL,
		"yes\n", "" },
	{ "its status", { "sh", "-c", "exit 3" }, NULL, NULL,
		"sh -c failed with status 3" },
	{ "what it complained of last",
		{ "sh", "-c", "echo a >&2; printf 'b\033 c\n\n' >&2; exit 3" },
		NULL, NULL, "sh -c failed with status 3; it said: b? c" },
	{ "the end of a long complaint",
		{ "sh", "-c", "printf %0600d%s 0 x >&2; exit 3" }, NULL, NULL,
		"sh -c failed with status 3; it said: " ZEROS ZEROS ZEROS ZEROS
		"x" },
	{ "its death", { "sh", "-c", "kill -9 $$" }, NULL, NULL,
		"sh -c failed with status -1" },
	{ "too much", { "sh", "-c", "yes 2>&1 || exit 4" }, NULL, NULL,
		"sh -c failed with status 4" },
	{ "not there", { "no-such-program" }, NULL, NULL,
		"no-such-program: No such file or directory" },
};

START_TEST(runs)
{
	struct text output;
	struct err err = { 0 };

	text_init(&output);
	const bool is_done =
		child_run(cases[_i].argv, cases[_i].input, &output, &err);

	ck_assert_str_eq(err.text, cases[_i].err);
	ck_assert_msg(
		is_done == (cases[_i].output != NULL), "%s", cases[_i].name);
	if (is_done)
		ck_assert_str_eq(output.data == NULL ? "" : output.data,
			cases[_i].output);
	text_fini(&output);
}
END_TEST

START_TEST(output_may_be_thrown_away)
{
	const char *const argv[] = { "echo", "x", NULL };

	ck_assert(child_run(argv, NULL, NULL, NULL));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("child");

	tcase_add_loop_test(tcase, runs, 0, COUNT(cases));
	tcase_add_test(tcase, output_may_be_thrown_away);
	return unit_run(suite_create("child"), tcase);
}
