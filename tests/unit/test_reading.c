/* The ends of a reading: a list that is handed over, or a sentence. */
#include "directory/reading.h"

#include "base/arena.h"
#include "base/faults.h"
#include "namespace/sql_settings.h"

#include "tests/unit/reading_case.h"
#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"

#include <sys/stat.h>

START_TEST(whole_list_is_handed_over)
{
	struct reading_case c;

	reading_case_init(&c);
	ck_assert_int_eq(reading_case_run(&c, "Ann@d.example\nbob\n", false),
		REPORT_WHOLE);
	ck_assert_str_eq(text_of(&c.list), "1 ann@d.example\n");
	ck_assert_uint_eq(c.report.n_bad, 1);
	ck_assert_uint_eq(faults_count(c.faults), 1);
	ck_assert_str_eq(c.report.err.text, "");
	reading_case_fini(&c);
}
END_TEST

/* What is said of it again, or differs in a line number, is handed over. */
START_TEST(same_list_is_handed_over_as_such)
{
	struct reading_case c;

	reading_case_init(&c);
	reading_case_run(&c, "Ann@d.example\nbob@d.example\n", true);
	ck_assert_int_eq(
		reading_case_run(&c, "ann@d.example\nBob@d.example #\n", true),
		REPORT_SAME);
	ck_assert_uint_eq(c.report.n_bad, 0);
	ck_assert_int_eq(
		reading_case_run(&c, "ann@d.example\n\nbob@d.example\n", false),
		REPORT_WHOLE);
	ck_assert_int_eq(reading_case_run(&c,
				 "ann@d.example\nbob@d.example\ncarl\n", false),
		REPORT_WHOLE);
	c.directory.max_bad.count = 0;
	ck_assert_int_eq(reading_case_run(&c,
				 "ann@d.example\nbob@d.example\ncarl\n", false),
		REPORT_FAILED);
	reading_case_fini(&c);
}
END_TEST

START_TEST(failed_read_hands_nothing_over)
{
	struct reading_case c;

	reading_case_init(&c);
	c.directory.type = DIRECTORY_CSV;
	ck_assert_int_eq(reading_case_run(&c, "\"mail", false), REPORT_FAILED);
	ck_assert_str_eq(c.report.err.text,
		"list:1: the quote opened here is never closed");
	reading_case_fini(&c);
}
END_TEST

START_TEST(list_that_can_not_be_handed_over_is_a_failed_read)
{
	struct reading_case c;

	reading_case_init(&c);
	test_write(c.directory.path, "ann@d.example\n", 14);
	c.options.is_dry = true;
	reading_run(&c.report, &c.directory, &c.options, -1, c.faults);
	ck_assert_int_eq(c.report.end, REPORT_FAILED);
	ck_assert_str_eq(
		c.report.err.text, "write a list: Bad file descriptor");
	reading_case_fini(&c);
}
END_TEST

START_TEST(list_that_can_not_be_written_is_a_failed_read)
{
	struct reading_case c;

	reading_case_init(&c);
	reading_case_run(&c, "ann@d.example\n", true);
	const char *temporary = arena_printf(
		c.arena, "%s/directories/.ad.tmp", c.options.state);

	ck_assert_int_eq(mkdir(temporary, 0700), 0);
	ck_assert_int_eq(
		reading_case_run(&c, "bob@d.example\nann@d.example\n", true),
		REPORT_FAILED);
	ck_assert_str_eq(c.report.err.text,
		arena_printf(c.arena, "create %s: Is a directory", temporary));
	reading_case_fini(&c);
}
END_TEST

START_TEST(too_many_bad_lines_fail_the_read)
{
	struct reading_case c;

	reading_case_init(&c);
	ck_assert_int_eq(
		reading_case_run(&c, "a\nb\nc\nann@d.example\n", false),
		REPORT_FAILED);
	ck_assert_str_eq(
		c.report.err.text, "list: 3 of 4 entries are bad, max-bad = 2");
	ck_assert_uint_eq(c.report.n_bad, 3);
	reading_case_fini(&c);
}
END_TEST

static const struct kind_case {
	enum directory_type type;
	const char *text;
	const char *kind;
} KINDS[] = {
	{ DIRECTORY_FILE, "ann\n", "another kind of file" },
	{ DIRECTORY_POSTFIX, "ann OK\n", "another kind of file" },
	{ DIRECTORY_CSV, "mail\nann\n", "another kind of file" },
	{ DIRECTORY_SQL, "", "a query whose first column is another" },
	{ DIRECTORY_COMMAND, "", "output of another kind" },
};

START_TEST(source_without_an_address_is_another_kind)
{
	static const char *const command[] = { "echo", "ann", NULL };
	static const char *const no_hosts[] = { NULL };
	const struct kind_case *kind = &KINDS[_i];
	struct reading_case c;

	reading_case_init(&c);
	/* what is empty is a sound database */
	const struct sql_settings sql = { .driver = SQL_SQLITE,
		.hosts = no_hosts,
		.database = c.directory.path,
		.query = "select 'ann'" };

	c.directory.type = kind->type;
	c.directory.command = command;
	c.directory.sql = &sql;
	ck_assert_int_eq(
		reading_case_run(&c, kind->text, false), REPORT_FAILED);
	ck_assert_str_eq(c.report.err.text,
		arena_printf(c.arena,
			"list: none of its 1 entries is an address, which is "
			"no empty list but %s",
			kind->kind));
	reading_case_fini(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("reading");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */
	tcase_add_test(tcase, whole_list_is_handed_over);
	tcase_add_test(tcase, same_list_is_handed_over_as_such);
	tcase_add_test(tcase, failed_read_hands_nothing_over);
	tcase_add_test(
		tcase, list_that_can_not_be_handed_over_is_a_failed_read);
	tcase_add_test(tcase, list_that_can_not_be_written_is_a_failed_read);
	tcase_add_test(tcase, too_many_bad_lines_fail_the_read);
	tcase_add_loop_test(tcase, source_without_an_address_is_another_kind, 0,
		COUNT(KINDS));
	return unit_run(suite_create("reading"), tcase);
}
