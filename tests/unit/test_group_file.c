/* A file of groups that can not be read is none in which nobody is. */
#include "snapshot/group_file.h"

#include "tests/unit/failing_calls.h"
#include "tests/unit/unit_main.h"

#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

FAILING_CALL(struct group *, NULL, fgetgrent, (FILE * file), (file))

static char path[256];

static void make_path(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(path, sizeof path, "%s/group.XXXXXX",
		tmp == NULL ? "/tmp" : tmp);
	ck_assert_int_ge(close(mkstemp(path)), 0);
}

static void remove_path(void)
{
	remove(path);
}

static void write_groups(const char *text)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static const struct {
	const char *name, *text;
	enum lookup found;
} cases[] = {
	{ "empty", "", LOOKUP_NONE },
	{ "others alone", "root:x:0:\nmail:x:8:ann,bob\n", LOOKUP_NONE },
	{ "the last one", "root:x:0:\npostshare:x:4711:", LOOKUP_FOUND },
	{ "with members", "postshare:x:4711:ann\nmail:x:8:\n", LOOKUP_FOUND },
	{ "after what is no group", "what?\npostshare:x:4711:\n",
		LOOKUP_FOUND },
	{ "a longer name", "postshare2:x:4711:\n", LOOKUP_NONE },
};

START_TEST(group_is_found_by_its_name)
{
	struct err err = { 0 };
	gid_t gid = 1;

	write_groups(cases[_i].text);
	ck_assert_msg(group_file_find(&gid, "postshare", path, &err) ==
			cases[_i].found,
		"%s: %s", cases[_i].name, err.text);
	ck_assert_msg(gid == (cases[_i].found == LOOKUP_FOUND ? 4711 : 1),
		"%s: %u", cases[_i].name, (unsigned)gid);
}
END_TEST

START_TEST(no_file_is_no_group)
{
	gid_t gid;

	remove_path();
	ck_assert_int_eq(
		group_file_find(&gid, "postshare", path, NULL), LOOKUP_NONE);
}
END_TEST

static void expect_failure(const char *doing, int error)
{
	char sentence[300];
	struct err err = { 0 };
	gid_t gid;

	ck_assert_int_eq(
		group_file_find(&gid, "postshare", path, &err), LOOKUP_FAILED);
	snprintf(sentence, sizeof sentence, "%s %s: %s", doing, path,
		strerror(error));
	ck_assert_str_eq(err.text, sentence);
}

START_TEST(what_can_not_be_opened_is_told)
{
	remove_path();
	ck_assert_int_eq(symlink(path, path), 0);
	expect_failure("open", ELOOP);
}
END_TEST

START_TEST(what_can_not_be_read_is_told)
{
	remove_path();
	ck_assert_int_eq(mkdir(path, 0700), 0);
	expect_failure("read", EISDIR);
}
END_TEST

/* It is the second line that fails. */
START_TEST(what_can_not_be_read_to_its_end_is_told)
{
	write_groups("root:x:0:\npostshare:x:4711:\n");
	failing_call_begin("fgetgrent", 2, ENOMEM);
	expect_failure("read", ENOMEM);
	ck_assert(failing_call_end());
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("group_file");

	tcase_add_checked_fixture(tcase, make_path, remove_path);
	tcase_add_loop_test(tcase, group_is_found_by_its_name, 0, COUNT(cases));
	tcase_add_test(tcase, no_file_is_no_group);
	tcase_add_test(tcase, what_can_not_be_opened_is_told);
	tcase_add_test(tcase, what_can_not_be_read_is_told);
	tcase_add_test(tcase, what_can_not_be_read_to_its_end_is_told);
	return unit_run(suite_create("group_file"), tcase);
}
