/* Programs that end well, fail, hang, and leave others behind. */
#include "base/program.h"

#include "tests/unit/unit_main.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SH "sh", "-c"
#define HELD "; start that with its output elsewhere"

/* The group of the shell is written first; the rest is up to it. */
#define PRINT_GROUP "cut -d' ' -f5 /proc/self/stat; "

static const struct program_case {
	const char *name;
	const char *argv[4];
	const char *printed, *complaint;
	const char *err; /* NULL: it ends well */
} CASES[] = {
	{ "what it prints", { "echo", "a b" }, "a b\n", "", NULL },
	{ "nothing", { "true" }, "", "", NULL },
	{ "no input", { "cat" }, "", "", NULL },
	{ "arguments are not looked at", { "echo", "$HOME *; exit 1" },
		"$HOME *; exit 1\n", "", NULL },
	{ "a path", { "/bin/echo", "x" }, "x\n", "", NULL },
	{ "working directory", { "pwd" }, "/\n", "", NULL },
	{ "environment", { "env" }, "PATH=" PROGRAM_PATH "\nLC_ALL=C.UTF-8\n",
		"", NULL },
	{ "open files", { SH, "exec ls /proc/self/fd" }, "0\n1\n2\n3\n", "",
		NULL },
	{ "last complaint", { SH, "echo x; echo one >&2; echo two >&2" }, "x\n",
		"two", NULL },
	{ "complaint without end, and blanks",
		{ SH, "printf 'one\\r\\ntwo \\n\\n' >&2" }, "", "two", NULL },
	{ "much of both",
		{ SH,
			"yes y | head -c 300000 >&2; yes n | head -n 2; "
			"echo last >&2" },
		"n\nn\n", "last", NULL },
	{ "a filter left behind is waited for",
		{ SH,
			"{ while kill -0 $$; do :; done 2>/dev/null; echo b; } "
			"& echo a" },
		"a\nb\n", "", NULL },
	{ "one left behind without its output",
		{ SH, "sleep 100 >/dev/null 2>&1 & echo a" }, "a\n", "", NULL },
	{ "complaints held open", { SH, "sleep 100 >/dev/null & echo a" },
		"a\n", "", NULL },
	{ "status", { SH, "echo half; echo no such host >&2; exit 3" },
		"half\n", "no such host", "failed with status 3" },
	{ "status, output held open", { SH, "sleep 100 & exit 1" }, "", "",
		"failed with status 1" },
	{ "signal", { SH, "kill -9 $$" }, "", "",
		"killed by signal 9 (Killed)" },
	{ "pipe signal is as a shell has it", { SH, "kill -PIPE $$" }, "", "",
		"killed by signal 13 (Broken pipe)" },
	{ "not there", { "no-such-program" }, "", "",
		"can not be run: No such file or directory" },
	{ "no such path", { "/no/such/program" }, "", "",
		"can not be run: No such file or directory" },
	{ "a folder", { "/etc" }, "", "", "can not be run: Permission denied" },
	{ "prints too much", { SH, "yes 12345678901234567890" }, NULL, "",
		"prints more than 1 MB, which is no list of recipients" },
	{ "hangs", { "sleep", "100" }, "", "",
		"not ended after 1 s (\"timeout\"); it was killed with all "
		"that it had started" },
	{ "hangs, deaf to signals",
		{ SH, "trap '' TERM INT HUP; echo w >&2; sleep 100; exit 0" },
		"", "w",
		"not ended after 1 s (\"timeout\"); it was killed with all "
		"that it had started" },
	{ "output held open", { SH, "echo a; sleep 100 & exit 0" }, "a\n", "",
		"ended, but a process that it left behind has kept its "
		"standard output open for the rest of 1 s (\"timeout\")" HELD },
	{ "hangs, in a group of its own", { "setsid", "sleep", "100" }, "", "",
		"not ended after 1 s (\"timeout\"); it was killed with all "
		"that it had started" },
	{ "output closed, but not ended",
		{ SH, "exec >/dev/null 2>&1; sleep 100" }, "", "",
		"not ended after 1 s (\"timeout\"); it was killed with all "
		"that it had started" },
};

static const char *data_of(const struct text *text)
{
	return text->data == NULL ? "" : text->data;
}

START_TEST(programs_end_as_said)
{
	const struct program_case *c = &CASES[_i];
	const bool is_late = c->err != NULL && strstr(c->err, "1 s") != NULL;
	const struct program program = { c->argv, is_late ? 1 : 60, 1 << 20 };
	struct program_output output;
	struct err err = { 0 };
	const bool is_done = program_run(&program, &output, &err);

	ck_assert_msg(is_done == (c->err == NULL), "%s: %s", c->name, err.text);
	if (c->err != NULL)
		ck_assert_str_eq(err.text, c->err);
	if (c->printed != NULL)
		ck_assert_msg(strcmp(data_of(&output.printed), c->printed) == 0,
			"%s: %s", c->name, data_of(&output.printed));
	ck_assert_msg(strcmp(data_of(&output.complaint), c->complaint) == 0,
		"%s: %s", c->name, data_of(&output.complaint));
	program_output_fini(&output);
}
END_TEST

/* Less, as much and more than may be printed, by a byte. */
START_TEST(output_is_bounded_to_the_byte)
{
	const size_t most = 1 << 20;
	char count[32];
	const struct program program = { (const char *const[]){ "head", "-c",
						 count, "/dev/zero", NULL },
		60, most };
	struct program_output output;
	struct err err = { 0 };
	const size_t size = most - 1 + (size_t)_i;

	snprintf(count, sizeof count, "%zu", size);
	const bool is_done = program_run(&program, &output, &err);

	ck_assert_msg(is_done == (size <= most), "%zu: %s", size, err.text);
	if (is_done)
		ck_assert_uint_eq(output.printed.len, size);
	program_output_fini(&output);
}
END_TEST

/*
 * Orphans become this test's children, so that their ends are seen here and
 * not when init looks; one that lives on is waited for until the test fails.
 */
static void check_no_group(const struct text *printed)
{
	const pid_t group = (pid_t)strtol(data_of(printed), NULL, 10);

	ck_assert_int_gt(group, 1);
	ck_assert_int_ne(group, getpgrp());
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_ne(kill(-group, 0), 0);
	ck_assert_int_eq(errno, ESRCH);
}

static const char *const LEAVING[] = {
	PRINT_GROUP "sleep 100 >/dev/null 2>&1 & wait $!",
	PRINT_GROUP "sleep 100 & sleep 100 & exit 0",
	PRINT_GROUP "sleep 100 >/dev/null 2>&1 & exit 0",
	PRINT_GROUP "sleep 100 & exit 4",
};

START_TEST(nothing_is_left_of_it)
{
	const char *const argv[] = { SH, LEAVING[_i], NULL };
	const struct program program = { argv, 1, 1 << 20 };
	struct program_output output;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	program_run(&program, &output, NULL);
	check_no_group(&output.printed);
	program_output_fini(&output);
}
END_TEST

/* In a process of its own; the program tells of its group by a pipe. */
static pid_t run_apart(const char *script)
{
	const char *const argv[] = { SH, script, NULL };
	const struct program program = { argv, 0, 1 << 20 };
	struct program_output output;
	const pid_t pid = fork();

	if (pid == 0) {
		program_run(&program, &output, NULL);
		_exit(0);
	}
	return pid;
}

START_TEST(it_dies_with_who_runs_it)
{
	char folder[] = "/tmp/postshare-XXXXXX", script[256], byte;
	struct text group = { 0 };

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(script, sizeof script, "%s/fifo", folder);
	ck_assert_int_eq(mkfifo(script, 0600), 0);
	/* a grandchild holds everything open when it comes to that */
	snprintf(script, sizeof script,
		"{ " PRINT_GROUP "} >%s/fifo; sleep 100 & wait", folder);
	const pid_t pid = run_apart(script);

	snprintf(script, sizeof script, "%s/fifo", folder);
	const int fd = open(script, O_RDONLY | O_CLOEXEC);

	while (read(fd, &byte, 1) == 1)
		text_add(&group, &byte, 1);
	close(fd);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	check_no_group(&group);
	text_fini(&group);
	unlink(script);
	rmdir(folder);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("program");

	tcase_set_timeout(tcase, 60); /* a busy machine */
	tcase_add_loop_test(tcase, programs_end_as_said, 0, COUNT(CASES));
	tcase_add_loop_test(tcase, output_is_bounded_to_the_byte, 0, 3);
	tcase_add_loop_test(tcase, nothing_is_left_of_it, 0, COUNT(LEAVING));
	tcase_add_test(tcase, it_dies_with_who_runs_it);
	return unit_run(suite_create("program"), tcase);
}
