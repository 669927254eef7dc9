/*
 * What belongs to the log of the mail by its facility, and what a policyd
 * that logs to stderr leaves there.  journalctl's complaints go to a file
 * without a name, to be told if it fails.
 */
#include "verdicts/log_journal.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 16, SINCE_SIZE = 48, WORDS_SIZE = 512 };

/* While following nothing may come: then this long for a complaint. */
enum { FIRST_WORD_MS = 1000 };

/* What it writes where there is nothing. */
enum { NOTHING_LEN = sizeof "-- No entries --\n" - 1 };

struct log_journal {
	pid_t pid; /* 0 = has ended */
	int output; /* the end of the pipe that is read */
	int complaints;
};

struct arguments {
	const char *at[ARGUMENTS_MAX];
	char since[SINCE_SIZE];
};

static void set_arguments(
	struct arguments *out, const struct log_journal_wish *wish)
{
	static const char *const all[] = { "journalctl", "--no-pager", "--all",
		"--output=short-iso-precise", "SYSLOG_FACILITY=2", "+",
		"SYSLOG_IDENTIFIER=policyd" };
	size_t n = sizeof all / sizeof all[0];

	*out = (struct arguments){ 0 };
	memcpy(out->at, all, sizeof all);
	if (wish->folder != NULL) {
		out->at[n++] = "-D";
		out->at[n++] = wish->folder;
	}
	if (wish->since != 0) {
		snprintf(out->since, sizeof out->since, "--since=@%lld",
			(long long)wish->since);
		out->at[n++] = out->since;
	}
	if (wish->follow) {
		out->at[n++] = "--follow";
		out->at[n++] = "--no-tail";
		/* Or it begins with the last boot, --boot=all or not. */
		out->at[n++] = "--merge";
	}
}

/* 0 or an errno.  Signals that were blocked here are not blocked there. */
static int spawn(
	struct log_journal *journal, const char *const argv[], int output)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(
		&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(
		&actions, journal->complaints, STDERR_FILENO);
	const int code = posix_spawnp(&journal->pid, argv[0], &actions,
		&attributes, (char *const *)(const void *)argv, environ);

	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (code != 0)
		journal->pid = 0;
	return code;
}

static bool start(struct log_journal *journal,
	const struct log_journal_wish *wish, struct err *err)
{
	struct arguments arguments;
	int ends[2];

	journal->complaints = memfd_create("complaints", MFD_CLOEXEC);
	if (journal->complaints < 0 || pipe2(ends, O_CLOEXEC) != 0)
		return err_sys(err, "journalctl");
	journal->output = ends[0];
	set_arguments(&arguments, wish);
	errno = spawn(journal, arguments.at, ends[1]);
	const bool has_started = errno == 0 ||
		err_sys(err, "the journal: journalctl");

	close(ends[1]);
	return has_started;
}

static bool has_complained(const struct log_journal *journal)
{
	struct stat stat;

	return fstat(journal->complaints, &stat) == 0 && stat.st_size > 0;
}

/*
 * Where there is less to see than all, a hint of several lines comes first,
 * those after its first one indented; why there is nothing comes after it.
 */
static const char *after_hint(const char *words)
{
	const char *at = words;

	if (strncmp(at, "Hint: ", 6) != 0)
		return words;
	do {
		at += strcspn(at, "\n");
		at += *at == '\n';
	} while (*at == ' ');
	return *at != '\0' ? at : words;
}

/* Its first complaint. */
static bool tell(const struct log_journal *journal, int status, struct err *err)
{
	char words[WORDS_SIZE];
	const ssize_t n =
		pread(journal->complaints, words, sizeof words - 1, 0);

	if (n <= 0)
		return err_set(err, "journalctl failed with status %d",
			WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	words[n] = '\0';
	const char *why = after_hint(words);

	return err_set(err, "journalctl: %.*s", (int)strcspn(why, "\n"), why);
}

/* Its status; it is not there any more. */
static int wait_for(struct log_journal *journal)
{
	int status = 0;

	while (waitpid(journal->pid, &status, 0) < 0 && errno == EINTR)
		;
	journal->pid = 0;
	return status;
}

/* Waits for its first word: false where that is a complaint. */
static bool hear(struct log_journal *journal,
	const struct log_journal_wish *wish, struct err *err)
{
	struct pollfd output = { .fd = journal->output, .events = POLLIN };
	int waiting = 0;

	while (poll(&output, 1, wish->follow ? FIRST_WORD_MS : -1) < 0)
		if (errno != EINTR)
			return err_sys(err, "journalctl");
	if ((output.revents & POLLIN) == 0)
		return output.revents == 0 || log_journal_finish(journal, err);
	if (has_complained(journal) &&
		ioctl(journal->output, FIONREAD, &waiting) == 0 &&
		waiting == NOTHING_LEN)
		return tell(journal, 0, err);
	return true;
}

struct log_journal *log_journal_open(
	const struct log_journal_wish *wish, struct err *err)
{
	struct log_journal *journal = memory_must(calloc(1, sizeof *journal));

	journal->output = journal->complaints = -1;
	if (!start(journal, wish, err) || !hear(journal, wish, err)) {
		if (journal->output >= 0)
			close(journal->output);
		log_journal_close(&journal);
	}
	return journal;
}

void log_journal_close(struct log_journal **journal)
{
	if (*journal == NULL)
		return;
	if ((*journal)->pid != 0) {
		kill((*journal)->pid, SIGTERM);
		wait_for(*journal);
	}
	if ((*journal)->complaints >= 0)
		close((*journal)->complaints);
	free(*journal);
	*journal = NULL;
}

int log_journal_fd(const struct log_journal *journal)
{
	return journal->output;
}

bool log_journal_finish(struct log_journal *journal, struct err *err)
{
	const int status = journal->pid == 0 ? 0 : wait_for(journal);

	return status == 0 || tell(journal, status, err);
}
