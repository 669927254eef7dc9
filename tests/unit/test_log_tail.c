/*
 * What is done to a log while it is followed.  Each step is taken when the
 * reader says that nothing more has come; so nobody has to wait.
 */
#include "verdicts/log_tail.h"

#include "tests/unit/log_seen.h"
#include "tests/unit/unit_main.h"

#include <check.h>
#include <signal.h>
#include <sys/resource.h>

static struct log_case test;

static void set_up(void)
{
	log_case_open(&test);
}

static void tear_down(void)
{
	log_case_close(&test);
}

static void put(const char *name, const char *text)
{
	log_case_text(&test, name, text);
}

static void add(const char *name, const char *text)
{
	log_case_add(&test, name, text);
}

static void rename_to(const char *from, const char *to)
{
	ck_assert_int_eq(
		rename(log_case_path(&test, from), log_case_path(&test, to)),
		0);
}

static void delete (const char *name)
{
	ck_assert_int_eq(unlink(log_case_path(&test, name)), 0);
}

static void a_line(int step)
{
	if (step == 0)
		add("a", "two\n");
	else
		add("a", "three\nfour\n");
}

static void half_a_line(int step)
{
	static const char *const pieces[] = { "tw", "o", "\nthree" };

	add("a", pieces[step]);
}

static void moved_away(int step)
{
	switch (step) {
	case 0:
		rename_to("a", "a.1");
		put("a", "");
		add("a.1", "two\n");
		break;
	case 1:
		/* Both between two looks: the old one is read first. */
		add("a.1", "three\n");
		add("a", "four\n");
		break;
	default: add("a", "five\n");
	}
}

static void moved_with_half_a_line(int step)
{
	if (step == 0) {
		add("a", "tw");
		rename_to("a", "a.1");
		put("a", "three\n");
	} else {
		add("a", "four\n");
	}
}

static void emptied(int step)
{
	if (step == 0)
		put("a", "");
	else if (step == 1)
		add("a", "1\n");
	else
		add("a", "2\n");
}

static void gone_and_back(int step)
{
	delete ("a");
	put("a", step == 0 ? "two\n" : "one\nthree\n");
}

/* The line that was not finished is no line any more. */
static void emptied_with_half_a_line(int step)
{
	if (step == 0)
		add("a", "two");
	else
		put("a", step == 1 ? "" : "3\n");
}

static void followed_by_a_packed_one(int step)
{
	if (step == 0) {
		rename_to("a", "a.1");
		log_case_gzip(&test, "a", "two\n", "wb");
	}
}

static const struct {
	const char *name;
	void (*take)(int step);
	int steps;
	const char *seen; /* after "a:1 one" */
} cases[] = {
	{ "nothing", a_line, 0, "quiet\n" },
	{ "lines are added", a_line, 2,
		"quiet\na:2 two\nquiet\na:3 three\na:4 four\nquiet\n" },
	{ "a line comes in pieces", half_a_line, 3,
		"quiet\nquiet\nquiet\na:2 two\nquiet\n" },
	{ "renamed and made anew", moved_away, 3,
		"quiet\na:2 two\nquiet\na:3 three\na:1 four\n"
		"quiet\na:2 five\nquiet\n" },
	{ "renamed within a line", moved_with_half_a_line, 2,
		"quiet\na:2 tw\na:1 three\nquiet\na:2 four\nquiet\n" },
	{ "copied and emptied", emptied, 3,
		"quiet\nquiet\na:1 1\nquiet\na:2 2\nquiet\n" },
	{ "emptied within a line", emptied_with_half_a_line, 3,
		"quiet\nquiet\nquiet\na:1 3\nquiet\n" },
	{ "removed and made anew", gone_and_back, 2,
		"quiet\na:1 two\nquiet\na:1 one\na:2 three\nquiet\n" },
	{ "followed by a packed one", followed_by_a_packed_one, 1,
		"quiet\na:1 two\nquiet\n" },
};

/* Takes the steps, one each time it is quiet, then ends it by a signal. */
static const char *follow(
	const struct log_sources *sources, void (*take)(int step), int steps)
{
	struct log_reader *reader = log_reader_open(sources, &test.err);
	int step = 0;

	ck_assert_msg(reader != NULL, "%s", test.err.text);
	text_clear(&test.seen);
	while (log_case_step(&test, reader)) {
		const char *last =
			memrchr(test.seen.data, '\n', test.seen.len - 1);

		if (strcmp(last == NULL ? test.seen.data : last + 1,
			    "quiet\n") != 0)
			continue;
		if (step == steps)
			ck_assert_int_eq(raise(SIGTERM), 0);
		else
			take(step);
		step++;
	}
	log_reader_close(&reader);
	return text_of(&test.seen);
}

START_TEST(a_log_is_followed)
{
	const char *path = log_case_text(&test, "a", "one\n");
	const char *seen = follow(
		&(struct log_sources){
			.files = &path, .n_files = 1, .follow = true },
		cases[_i].take, cases[_i].steps);

	ck_assert_msg(text_starts(seen, "a:1 one\n") &&
			strcmp(seen + strlen("a:1 one\n"), cases[_i].seen) == 0,
		"%s:\n%s", cases[_i].name, seen);
}
END_TEST

static void both(int step)
{
	if (step == 0)
		add("old", "Nov 10 09:00:01 h p: no\n");
	add("new", "Nov 20 09:00:01 h p: 3\n");
}

START_TEST(the_newest_of_several_is_followed)
{
	const char *paths[] = { log_case_text(&test, "new",
					"Nov 20 09:00:00 h p: 2\n"),
		log_case_text(&test, "old", "Nov 10 09:00:00 h p: 1\n") };

	ck_assert_str_eq(follow(&(struct log_sources){ .files = paths,
					.n_files = 2,
					.follow = true },
				 both, 1),
		"old:1 Nov 10 09:00:00 h p: 1\nnew:1 Nov 20 09:00:00 h p: 2\n"
		"quiet\nnew:2 Nov 20 09:00:01 h p: 3\nquiet\n");
}
END_TEST

START_TEST(the_newest_is_followed_however_old)
{
	const char *path = log_case_text(&test, "a", "one\n");

	log_case_age(&test, "a", 1000);
	ck_assert_str_eq(follow(&(struct log_sources){ .files = &path,
					.n_files = 1,
					.since = 2000,
					.follow = true },
				 a_line, 1),
		"a:1 one\nquiet\na:2 two\nquiet\n");
}
END_TEST

static void appears(int step)
{
	(void)step;
	put("mail.log", "two\n");
}

START_TEST(the_system_log_may_appear)
{
	put("mail.log.1", "one\n");
	ck_assert_str_eq(
		follow(&(struct log_sources){ .log_folder = test.folder,
			       .follow = true },
			appears, 1),
		"mail.log.1:1 one\nquiet\nmail.log:1 two\nquiet\n");
}
END_TEST

static int pipe_end;

static void through_the_pipe(int step)
{
	if (step == 0)
		ck_assert_int_eq(write(pipe_end, "one\ntw", 6), 6);
	else if (step == 1)
		ck_assert_int_eq(write(pipe_end, "o\nthree", 7), 7);
	else
		close(pipe_end);
}

START_TEST(standard_input_is_followed_to_its_end)
{
	static const char *const dash = "-";
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	pipe_end = ends[1];
	ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	ck_assert_str_eq(follow(&(struct log_sources){ .files = &dash,
					.n_files = 1,
					.follow = true },
				 through_the_pipe, 3),
		"quiet\nstandard input:1 one\nquiet\nstandard input:2 two\n"
		"quiet\nstandard input:3 three\n");
}
END_TEST

static void no_step(int step)
{
	(void)step;
}

START_TEST(the_journal_ends_with_us)
{
	const char *script = log_case_text(&test, "journalctl",
		"#!/bin/sh\necho $$\nwhile :; do read x <&- ; sleep 9; done\n");
	char *path;

	ck_assert_int_eq(chmod(script, 0700), 0);
	ck_assert_int_gt(
		asprintf(&path, "%s:%s", test.folder, getenv("PATH")), 0);
	ck_assert_int_eq(setenv("PATH", path, 1), 0);
	free(path);
	const char *seen =
		follow(&(struct log_sources){ .journal = true, .follow = true },
			no_step, 0);
	const char *begin = "the journal:1 ";

	ck_assert(text_starts(seen, begin));
	const long pid = strtol(seen + strlen(begin), NULL, 10);

	ck_assert_int_gt(pid, 0);
	ck_assert_int_ne(kill((pid_t)pid, 0), 0);
}
END_TEST

START_TEST(signals_are_as_before_once_it_is_closed)
{
	const char *path = log_case_text(&test, "a", "one\n");
	sigset_t blocked;

	follow(
		&(struct log_sources){
			.files = &path, .n_files = 1, .follow = true },
		a_line, 0);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, NULL, &blocked), 0);
	ck_assert_int_eq(sigismember(&blocked, SIGINT), 0);
	ck_assert_int_eq(sigismember(&blocked, SIGTERM), 0);
}
END_TEST

/* What nobody hears must end us. */
START_TEST(signals_without_a_descriptor_are_not_blocked)
{
	struct rlimit limit;
	sigset_t blocked;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	struct log_tail *tail = log_tail_open();

	ck_assert_int_eq(sigprocmask(SIG_BLOCK, NULL, &blocked), 0);
	ck_assert_int_eq(sigismember(&blocked, SIGINT), 0);
	ck_assert_int_eq(sigismember(&blocked, SIGTERM), 0);
	log_tail_close(&tail);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("log_tail");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(tcase, a_log_is_followed, 0, COUNT(cases));
	tcase_add_test(tcase, the_newest_of_several_is_followed);
	tcase_add_test(tcase, the_newest_is_followed_however_old);
	tcase_add_test(tcase, the_system_log_may_appear);
	tcase_add_test(tcase, standard_input_is_followed_to_its_end);
	tcase_add_test(tcase, the_journal_ends_with_us);
	tcase_add_test(tcase, signals_are_as_before_once_it_is_closed);
	tcase_add_test(tcase, signals_without_a_descriptor_are_not_blocked);
	return unit_run(suite_create("log_tail"), tcase);
}
