/*
 * What journalctl(1) does, by a script in its place: it fails in words or
 * without, is not there at all, or comes late.
 */
#include "verdicts/log_journal.h"

#include "sink_text.h"
#include "tests/unit/failing_calls.h"
#include "unit_main.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

FAILING_CALL(int, -1, memfd_create, (const char *name, unsigned flags),
	(name, flags))
FAILING_CALL(int, -1, pipe2, (int pipedes[2], int flags), (pipedes, flags))
FAILING_CALL(int, -1, poll, (struct pollfd * fds, nfds_t nfds, int timeout),
	(fds, nfds, timeout))
FAILING_CALL(pid_t, -1, waitpid, (pid_t pid, int *stat_loc, int options),
	(pid, stat_loc, options))

static struct arena *arena;
static char *folder;

static void make_folder(void)
{
	arena = arena_open();
	folder = test_folder(arena);
	ck_assert_int_eq(setenv("PATH", folder, 1), 0);
}

static void remove_folder(void)
{
	test_folder_remove(folder);
	arena_close(&arena);
}

/* journalctl from now on. */
static void be_journalctl(const char *script)
{
	const char *path = arena_printf(arena, "%s/journalctl", folder);
	const char *text = arena_printf(arena, "#!/bin/sh\n%s\n", script);

	test_write(path, text, strlen(text));
	ck_assert_int_eq(chmod(path, 0755), 0);
}

/* All that it has to say: the bytes, or what is told. */
static const char *read_journal(const struct log_journal_wish *wish)
{
	struct err err = { 0 };
	struct log_journal *journal = log_journal_open(wish, &err);
	char bytes[512];
	size_t len = 0;
	ssize_t n = 1;

	if (journal == NULL)
		return arena_strdup(arena, err.text);
	for (; n > 0; len += (size_t)n)
		n = read(log_journal_fd(journal), bytes + len,
			sizeof bytes - len);
	close(log_journal_fd(journal));
	ck_assert_int_eq(n, 0);
	const bool is_whole = log_journal_finish(journal, &err);

	log_journal_close(&journal);
	return is_whole ? arena_strndup(arena, bytes, len)
			: arena_strdup(arena, err.text);
}

static const struct {
	const char *name, *script, *seen;
} scripts[] = {
	{ "lines", "echo one; echo two", "one\ntwo\n" },
	{ "nothing, and well", ":", "" },
	{ "nothing, and not well", "exit 3",
		"journalctl failed with status 3" },
	{ "ended by a signal", "kill -KILL $$",
		"journalctl failed with status -1" },
	{ "a complaint", "echo no >&2; exit 1", "journalctl: no" },
	{ "the first of them", "echo no >&2; echo more >&2; exit 1",
		"journalctl: no" },
	{ "that comes after a hint",
		"printf 'Hint: a\\n      b\\nno\\n' >&2; exit 1",
		"journalctl: no" },
	{ "a hint alone", "printf 'Hint: a\\n      b' >&2; exit 1",
		"journalctl: Hint: a" },
	{ "no entries", "echo '-- No entries --'", "-- No entries --\n" },
	{ "no entries, and why", "echo no >&2; echo '-- No entries --'",
		"journalctl: no" },
	{ "a warning beside lines", "echo no >&2; echo one; echo two",
		"one\ntwo\n" },
	{ "lines, and not well", "echo one; exit 4",
		"journalctl failed with status 4" },
};

START_TEST(what_it_says_is_read_or_told)
{
	be_journalctl(scripts[_i].script);
	ck_assert_str_eq(read_journal(&(struct log_journal_wish){ 0 }),
		scripts[_i].seen);
}
END_TEST

static const struct {
	const char *name;
	struct log_journal_wish wish;
	const char *words;
} wishes[] = {
	{ "all", { NULL, 0, false },
		"--no-pager --all --output=short-iso-precise "
		"SYSLOG_FACILITY=2 + SYSLOG_IDENTIFIER=policyd\n" },
	{ "a folder, and from when", { "/j", 86400, false },
		"--no-pager --all --output=short-iso-precise "
		"SYSLOG_FACILITY=2 + SYSLOG_IDENTIFIER=policyd -D /j "
		"--since=@86400\n" },
	{ "what comes", { NULL, 0, true },
		"--no-pager --all --output=short-iso-precise "
		"SYSLOG_FACILITY=2 + SYSLOG_IDENTIFIER=policyd --follow "
		"--no-tail --merge\n" },
};

START_TEST(it_is_asked_for_what_is_wished)
{
	be_journalctl("echo \"$@\"");
	ck_assert_str_eq(read_journal(&wishes[_i].wish), wishes[_i].words);
}
END_TEST

START_TEST(without_it_there_is_no_journal)
{
	ck_assert_str_eq(read_journal(&(struct log_journal_wish){ 0 }),
		"the journal: journalctl: No such file or directory");
}
END_TEST

static const struct {
	const char *name;
	int error;
	const char *seen;
} calls[] = {
	{ "memfd_create", EMFILE, "journalctl: Too many open files" },
	{ "pipe2", EMFILE, "journalctl: Too many open files" },
	{ "poll", ENOMEM, "journalctl: Cannot allocate memory" },
	{ "poll", EINTR, "one\n" },
	{ "waitpid", EINTR, "one\n" },
};

START_TEST(call_that_fails_is_told_or_made_again)
{
	be_journalctl("echo one");
	failing_call_begin(calls[_i].name, 1, calls[_i].error);
	const char *seen = read_journal(&(struct log_journal_wish){ 0 });

	ck_assert_msg(failing_call_end(), "%s: not called", calls[_i].name);
	ck_assert_str_eq(seen, calls[_i].seen);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

/* It would write on and on. */
START_TEST(closed_early_it_is_ended)
{
	struct log_journal *journal;

	be_journalctl("while :; do echo one; done");
	journal = log_journal_open(&(struct log_journal_wish){ 0 }, NULL);
	ck_assert_ptr_nonnull(journal);
	close(log_journal_fd(journal));
	log_journal_close(&journal);
	log_journal_close(&journal);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_checked_fixture(tcase, make_folder, remove_folder);
	tcase_add_loop_test(
		tcase, what_it_says_is_read_or_told, 0, COUNT(scripts));
	tcase_add_loop_test(
		tcase, it_is_asked_for_what_is_wished, 0, COUNT(wishes));
	tcase_add_test(tcase, without_it_there_is_no_journal);
	tcase_add_loop_test(
		tcase, call_that_fails_is_told_or_made_again, 0, COUNT(calls));
	tcase_add_test(tcase, closed_early_it_is_ended);
	return unit_run(suite_create("log_journal"), tcase);
}
