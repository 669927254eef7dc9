/* Which logs, in which order, line by line; whatever stands in them. */
#include "verdicts/log_reader.h"

#include "tests/unit/log_seen.h"
#include "tests/unit/unit_main.h"
#include "verdicts/log_line.h"

#include <check.h>

enum { FILES_MAX = 4, DAY_S = 24 * 60 * 60 };

/* 2026-11-21 00:00:00 UTC */
static const time_t today = 1795219200;

static struct log_case test;

static void set_up(void)
{
	log_case_open(&test);
}

static void tear_down(void)
{
	log_case_close(&test);
}

/* Of files in the test's folder, "-" apart; names end with NULL. */
static const char *read_files(
	const char *const *names, struct log_sources sources)
{
	const char *paths[FILES_MAX];

	for (sources.n_files = 0; names[sources.n_files] != NULL;
		sources.n_files++) {
		const char *name = names[sources.n_files];

		ck_assert_uint_lt(sources.n_files, FILES_MAX);
		paths[sources.n_files] = strcmp(name, "-") == 0
			? name
			: log_case_path(&test, name);
	}
	sources.files = paths;
	return log_case_read(&test, &sources);
}

static const char *read_one(const char *name)
{
	return read_files((const char *[]){ name, NULL },
		(struct log_sources){ .n_files = 0 });
}

/* A file that was written so many days before today. */
static void write_aged(const char *name, const char *text, int days)
{
	log_case_text(&test, name, text);
	log_case_age(&test, name, today - days * DAY_S);
}

static const struct {
	const char *name;
	const char *bytes;
	const char *seen;
} shapes[] = {
	{ "lines", "one\ntwo\n", "a:1 one\na:2 two\n" },
	{ "nothing", "", "" },
	{ "an end alone", "\n", "a:1 \n" },
	{ "no end", "one\ntwo", "a:1 one\na:2 two\n" },
	{ "ends of Windows", "one\r\ntwo\r\r\n\r\n",
		"a:1 one\na:2 two\r\na:3 \n" },
	{ "a carriage return within", "one\rtwo\n", "a:1 one\rtwo\n" },
	{ "control characters", "\x01\xff\x1b[31m\n",
		"a:1 \x01\xff\x1b[31m\n" },
};

START_TEST(lines_are_cut)
{
	log_case_text(&test, "a", shapes[_i].bytes);
	ck_assert_msg(strcmp(read_one("a"), shapes[_i].seen) == 0, "%s: %s",
		shapes[_i].name, text_of(&test.seen));
}
END_TEST

START_TEST(a_nul_is_a_byte_like_others)
{
	static const char bytes[] = "a\0b\nc\n";
	static const char seen[] = "a:1 a\0b\na:2 c\n";

	log_case_write(&test, "a", bytes, sizeof bytes - 1);
	read_one("a");
	ck_assert_uint_eq(test.seen.len, sizeof seen - 1);
	ck_assert_mem_eq(test.seen.data, seen, sizeof seen - 1);
}
END_TEST

/* "x\n", a line of that many bytes, "y" and end, in a file. */
static void write_long(size_t len, const char *end)
{
	struct text text;

	text_init(&text);
	text_adds(&text, "x\n");
	for (size_t i = 0; i < len; i++)
		text_add(&text, "z", 1);
	text_addf(&text, "%sy\n", end);
	log_case_write(&test, "a", text.data, text.len);
	text_fini(&text);
}

static const struct {
	size_t len;
	const char *end;
	bool is_too_long;
} lengths[] = {
	{ LOG_LINE_MAX - 1, "\n", false },
	{ LOG_LINE_MAX, "\n", false },
	{ LOG_LINE_MAX, "\r\n", false },
	{ LOG_LINE_MAX + 1, "\n", true },
	{ LOG_LINE_MAX + 1, "\r\n", true },
	{ 2 * LOG_LINE_MAX, "\n", true },
	{ 4 * LOG_LINE_MAX - 2, "\n", true },
	{ 4 * LOG_LINE_MAX - 1, "\n", true },
	{ 4 * LOG_LINE_MAX, "\n", true },
	{ 1024 * 1024, "\n", true },
	{ 10 * 1024 * 1024, "\r\n", true },
};

START_TEST(a_line_that_is_too_long_is_left_out_and_counted)
{
	const char *path = log_case_path(&test, "a");
	struct slice line = { "", 0 };
	struct err err = { 0 };

	write_long(lengths[_i].len, lengths[_i].end);
	struct log_reader *reader = log_reader_open(
		&(struct log_sources){ .files = &path, .n_files = 1 }, &err);

	ck_assert_int_eq(log_reader_next(reader, &line, &err), LOG_READ_LINE);
	ck_assert(slice_is(line, "x"));
	ck_assert_int_eq(log_reader_next(reader, &line, &err), LOG_READ_LINE);
	if (!lengths[_i].is_too_long) {
		ck_assert_uint_eq(line.len, lengths[_i].len);
		ck_assert_int_eq(
			log_reader_next(reader, &line, &err), LOG_READ_LINE);
	}
	ck_assert(slice_is(line, "y"));
	ck_assert_uint_eq(log_reader_place(reader).line, 3);
	ck_assert_uint_eq(
		log_reader_too_long(reader), lengths[_i].is_too_long ? 1 : 0);
	ck_assert_int_eq(log_reader_next(reader, &line, &err), LOG_READ_END);
	ck_assert_int_eq(log_reader_next(reader, &line, &err), LOG_READ_END);
	log_reader_close(&reader);
}
END_TEST

static const struct {
	const char *name;
	const char *a, *b, *c;
	int a_days, b_days, c_days; /* before today they were written */
	time_t since;
	const char *seen;
} orders[] = {
	{ "by the first date", "Nov 20 09:00:00 h p: 1\n",
		"Nov 10 09:00:00 h p: 2\n", "Nov 15 09:00:00 h p: 3\n", 0, 0, 0,
		0,
		"b:1 Nov 10 09:00:00 h p: 2\nc:1 Nov 15 09:00:00 h p: 3\n"
		"a:1 Nov 20 09:00:00 h p: 1\n" },
	{ "by years that are not there", "Jan  1 09:00:00 h p: 1\n",
		"Dec 31 09:00:00 h p: 2\n", "Nov 21 00:00:00 h p: 3\n", 0, 300,
		0, 0,
		"b:1 Dec 31 09:00:00 h p: 2\na:1 Jan  1 09:00:00 h p: 1\n"
		"c:1 Nov 21 00:00:00 h p: 3\n" },
	{ "dates of both forms, behind junk",
		"junk\n\n2026-11-12T00:00:00Z h p: 1\n",
		"Nov 11 09:00:00 h p: 2\n", "-- \n", 0, 0, 1, 0,
		"b:1 Nov 11 09:00:00 h p: 2\na:1 junk\na:2 \n"
		"a:3 2026-11-12T00:00:00Z h p: 1\nc:1 -- \n" },
	{ "without dates by modification", "1\n", "2\n", "3\n", 1, 2, 3, 0,
		"c:1 3\nb:1 2\na:1 1\n" },
	{ "equal ones as named", "Nov 20 09:00:00 h p: 1\n",
		"Nov 20 09:00:00 h p: 2\n", "Nov 20 09:00:00 h p: 3\n", 3, 2, 1,
		0,
		"a:1 Nov 20 09:00:00 h p: 1\nb:1 Nov 20 09:00:00 h p: 2\n"
		"c:1 Nov 20 09:00:00 h p: 3\n" },
	{ "those that are too old are left out", "1\n", "2\n", "3\n", 1, 2, 3,
		1795219200 - 2 * DAY_S, "b:1 2\na:1 1\n" },
};

START_TEST(the_oldest_comes_first)
{
	write_aged("a", orders[_i].a, orders[_i].a_days);
	write_aged("b", orders[_i].b, orders[_i].b_days);
	write_aged("c", orders[_i].c, orders[_i].c_days);
	const char *seen = read_files((const char *[]){ "a", "b", "c", NULL },
		(struct log_sources){ .since = orders[_i].since });

	ck_assert_msg(strcmp(seen, orders[_i].seen) == 0, "%s: %s",
		orders[_i].name, seen);
}
END_TEST

static void set_stdin(const char *bytes)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(
		write(ends[1], bytes, strlen(bytes)), (int)strlen(bytes));
	close(ends[1]);
	ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
}

START_TEST(standard_input_comes_last)
{
	set_stdin("Jan  1 09:00:00 h p: 1\n2");
	write_aged("a", "Nov 20 09:00:00 h p: 3\n", 0);
	ck_assert_str_eq(
		read_files((const char *[]){ "-", "a", NULL },
			(struct log_sources){ .since = today - DAY_S }),
		"a:1 Nov 20 09:00:00 h p: 3\n"
		"standard input:1 Jan  1 09:00:00 h p: 1\n"
		"standard input:2 2\n");
}
END_TEST

START_TEST(a_named_pipe_is_not_looked_into)
{
	const char *path = log_case_path(&test, "pipe");

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	/* Read and write, so that nobody waits for another. */
	const int fd = open(path, O_RDWR);

	ck_assert_int_eq(write(fd, "one\n", 4), 4);
	struct log_reader *reader = log_reader_open(
		&(struct log_sources){ .files = &path, .n_files = 1 },
		&test.err);

	ck_assert(log_case_step(&test, reader));
	ck_assert_str_eq(text_of(&test.seen), "pipe:1 one\n");
	close(fd);
	log_reader_close(&reader);
}
END_TEST

START_TEST(a_file_is_read_once)
{
	log_case_text(&test, "a", "one\n");
	ck_assert_int_eq(
		link(log_case_path(&test, "a"), log_case_path(&test, "b")), 0);
	ck_assert_str_eq(read_files((const char *[]){ "a", "b", NULL },
				 (struct log_sources){ .n_files = 0 }),
		"WARNING a and b are the same file: read once\na:1 one\n");
}
END_TEST

START_TEST(what_can_not_be_read_is_told_before_anything_is)
{
	log_case_text(&test, "a", "one\n");
	ck_assert_str_eq(read_files((const char *[]){ "a", "none", NULL },
				 (struct log_sources){ .n_files = 0 }),
		"ERROR none: No such file or directory\n");
	ck_assert_int_eq(mkdir(log_case_path(&test, "logs"), 0700), 0);
	ck_assert_str_eq(
		read_one("logs"), "ERROR logs is a folder, not a log\n");
}
END_TEST

START_TEST(after_a_damaged_file_comes_the_next)
{
	const char *path =
		log_case_gzip(&test, "a.gz", "Nov 10 09:00:00 h p: 1\n", "wb");

	log_case_age(&test, "a.gz", today);
	ck_assert_int_eq(truncate(path, 40), 0);
	write_aged("b", "Nov 20 09:00:00 h p: 2\n", 0);
	ck_assert_str_eq(read_files((const char *[]){ "b", "a.gz", NULL },
				 (struct log_sources){ .n_files = 0 }),
		"a.gz:1 Nov 10 09:00:00 h p: 1\n"
		"DAMAGED a.gz: the gzip data end too early\n"
		"b:1 Nov 20 09:00:00 h p: 2\n");
}
END_TEST

START_TEST(a_file_that_is_rotated_meanwhile_is_read)
{
	const char *paths[] = { log_case_text(&test, "a", "one\n") };
	struct log_reader *reader = log_reader_open(
		&(struct log_sources){ .files = paths, .n_files = 1 },
		&test.err);

	ck_assert_int_eq(rename(paths[0], log_case_path(&test, "a.1")), 0);
	log_case_text(&test, "a", "two\n");
	while (log_case_step(&test, reader))
		;
	ck_assert_str_eq(text_of(&test.seen), "a:1 one\n");
	log_reader_close(&reader);
}
END_TEST

START_TEST(the_system_log_is_found_with_what_was_rotated)
{
	static const char *const others[] = { "mail.log.swp", "mail.log.1.bak",
		"mail.log-", "mail.log.", "mail.log.gz", "mail.log--2026112",
		"mail.log.xz", "mail.logs", "mail.log-20261118x", "maillog" };

	for (int i = 0; i < COUNT(others); i++)
		log_case_text(&test, others[i], "no\n");
	write_aged("mail.log", "4\n", 0);
	write_aged("mail.log.1", "3\n", 1);
	write_aged("mail.log.9", "being packed\n", 5);
	write_aged("mail.log.9.gz", "half\n", 5);
	log_case_gzip(&test, "mail.log.2.gz", "2\n", "wb");
	log_case_age(&test, "mail.log.2.gz", today - 2 * DAY_S);
	write_aged("mail.log-20261118", "1\n", 3);
	ck_assert_str_eq(
		log_case_read(&test,
			&(struct log_sources){ .log_folder = test.folder }),
		"mail.log.9:1 being packed\nmail.log-20261118:1 1\n"
		"mail.log.2.gz:1 2\nmail.log.1:1 3\nmail.log:1 4\n");
}
END_TEST

static void write_xz(const char *name, int days)
{
	static const char magic[] = "\xfd"
				    "7zXZ\0";

	log_case_write(&test, name, magic, sizeof magic);
	log_case_age(&test, name, today - days * DAY_S);
}

START_TEST(a_system_log_that_can_not_be_unpacked_is_told)
{
	const struct log_sources sources = { .log_folder = test.folder,
		.since = today - 3 * DAY_S };

	write_aged("mail.log", "1\n", 0);
	write_xz("mail.log.4.xz", 4);
	ck_assert_str_eq(log_case_read(&test, &sources), "mail.log:1 1\n");
	write_xz("mail.log.3.xz", 3);
	ck_assert_str_eq(log_case_read(&test, &sources),
		"WARNING not read: mail.log.3.xz is packed by xz: "
		"name - instead of it, behind xzcat mail.log.3.xz |\n"
		"mail.log:1 1\n");
	write_xz("mail.log.2.xz", 2);
	ck_assert_str_eq(log_case_read(&test, &sources),
		"WARNING not read, with 1 more: mail.log.2.xz is packed by xz: "
		"name - instead of it, behind xzcat mail.log.2.xz |\n"
		"mail.log:1 1\n");
}
END_TEST

START_TEST(the_system_log_of_others_is_found)
{
	write_aged("maillog", "2\n", 0);
	write_aged("maillog-20261118.gz", "1\n", 3);
	ck_assert_str_eq(
		log_case_read(&test,
			&(struct log_sources){ .log_folder = test.folder }),
		"maillog-20261118.gz:1 1\nmaillog:1 2\n");
}
END_TEST

/* A whole reading with the clock, as who asks does it. */
static const char *read_times(const char *path, int first_year)
{
	const struct log_sources sources = {
		.files = &path, .n_files = 1, .first_year = first_year
	};
	struct log_reader *reader = log_reader_open(&sources, &test.err);
	struct slice line;
	enum log_read read;

	text_clear(&test.seen);
	while ((read = log_reader_next(reader, &line, &test.err)) !=
		LOG_READ_END) {
		struct log_line parsed;
		int64_t us = 0;

		if (read == LOG_READ_WARNING) {
			text_addf(&test.seen, "%s\n",
				log_case_short(&test, test.err.text));
			continue;
		}
		ck_assert(log_line_parse(&parsed, line));
		ck_assert(log_clock_read(
			log_reader_clock(reader), parsed.stamp, &us));
		text_addf(&test.seen, "%lld\n", (long long)(us / 1000000));
	}
	log_reader_close(&reader);
	return text_of(&test.seen);
}

START_TEST(a_file_of_years_is_told_once)
{
	write_aged("a",
		"Nov 20 00:00:00 h p: 1\nNov  2 00:00:00 h p: 2\n"
		"Nov  3 00:00:00 h p: 3\n",
		0);
	const char *path = log_case_path(&test, "a");

	ck_assert_str_eq(read_times(path, 0),
		"1795132800\n1793577600\n"
		"a:2: its dates go on after it was written last, so it begins "
		"in an earlier year: say which by --year\n1793664000\n");
	ck_assert_str_eq(
		read_times(path, 2025), "1763596800\n1793577600\n1793664000\n");
}
END_TEST

START_TEST(the_journal_tells_why_not)
{
	const char *folder = log_case_path(&test, "none");
	const char *fake = log_case_path(&test, "journalctl");

	ck_assert_str_eq(log_case_read(&test,
				 &(struct log_sources){ .journal = true,
					 .journal_folder = folder }),
		arena_printf(test.arena,
			"ERROR journalctl: Failed to open none: "
			"No such file or directory\n"));
	ck_assert_int_eq(setenv("PATH", test.folder, 1), 0);
	ck_assert_str_eq(
		log_case_read(&test, &(struct log_sources){ .journal = true }),
		"ERROR the journal: journalctl: No such file or directory\n");
	ck_assert_str_eq(
		log_case_read(&test,
			&(struct log_sources){ .log_folder = test.folder }),
		arena_printf(test.arena,
			"ERROR no mail.log and no maillog in %s, and "
			"the journal: journalctl: "
			"No such file or directory\n",
			test.folder));
	log_case_text(&test, "journalctl",
		"#!/bin/sh\necho one; echo 'no more' >&2; exit 3\n");
	ck_assert_int_eq(chmod(fake, 0700), 0);
	ck_assert_str_eq(
		log_case_read(&test, &(struct log_sources){ .journal = true }),
		"the journal:1 one\nDAMAGED journalctl: no more\n");
	log_case_text(&test, "journalctl", "#!/bin/sh\nexit 3\n");
	ck_assert_str_eq(
		log_case_read(&test, &(struct log_sources){ .journal = true }),
		"ERROR journalctl failed with status 3\n");
	log_case_text(&test, "journalctl",
		"#!/bin/sh\necho 'No journal files were found.' >&2\n"
		"echo '-- No entries --'\n");
	ck_assert_str_eq(
		log_case_read(&test, &(struct log_sources){ .journal = true }),
		"ERROR journalctl: No journal files were found.\n");
}
END_TEST

START_TEST(the_journal_is_asked_for)
{
	log_case_text(&test, "journalctl",
		"#!/bin/sh\nfor word; do echo \"$word\"; done\n");
	ck_assert_int_eq(chmod(log_case_path(&test, "journalctl"), 0700), 0);
	ck_assert_int_eq(setenv("PATH", test.folder, 1), 0);
	ck_assert_str_eq(log_case_read(&test,
				 &(struct log_sources){ .journal = true,
					 .journal_folder = "/j",
					 .since = 1795219200 }),
		"the journal:1 --no-pager\nthe journal:2 --all\n"
		"the journal:3 --output=short-iso-precise\n"
		"the journal:4 SYSLOG_FACILITY=2\nthe journal:5 +\n"
		"the journal:6 SYSLOG_IDENTIFIER=policyd\n"
		"the journal:7 -D\nthe journal:8 /j\n"
		"the journal:9 --since=@1795219200\n");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("log_reader");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(tcase, lines_are_cut, 0, COUNT(shapes));
	tcase_add_test(tcase, a_nul_is_a_byte_like_others);
	tcase_add_loop_test(tcase,
		a_line_that_is_too_long_is_left_out_and_counted, 0,
		COUNT(lengths));
	tcase_add_loop_test(tcase, the_oldest_comes_first, 0, COUNT(orders));
	tcase_add_test(tcase, standard_input_comes_last);
	tcase_add_test(tcase, a_named_pipe_is_not_looked_into);
	tcase_add_test(tcase, a_file_is_read_once);
	tcase_add_test(tcase, what_can_not_be_read_is_told_before_anything_is);
	tcase_add_test(tcase, after_a_damaged_file_comes_the_next);
	tcase_add_test(tcase, a_file_that_is_rotated_meanwhile_is_read);
	tcase_add_test(tcase, the_system_log_is_found_with_what_was_rotated);
	tcase_add_test(tcase, a_system_log_that_can_not_be_unpacked_is_told);
	tcase_add_test(tcase, the_system_log_of_others_is_found);
	tcase_add_test(tcase, a_file_of_years_is_told_once);
	tcase_add_test(tcase, the_journal_tells_why_not);
	tcase_add_test(tcase, the_journal_is_asked_for);
	return unit_run(suite_create("log_reader"), tcase);
}
