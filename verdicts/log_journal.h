/*
 * The systemd journal, as journalctl(1) writes it: a child, whose standard
 * output is read as a stream.
 */
#ifndef VERDICTS_LOG_JOURNAL_H
#define VERDICTS_LOG_JOURNAL_H

#include "base/err.h"

#include <stdbool.h>
#include <time.h>

struct log_journal;

struct log_journal_wish {
	const char *folder; /* NULL: the journal of this machine */
	time_t since; /* 0 = all of it */
	bool follow;
};

/* NULL: *err says why, in journalctl's own words where it has some. */
struct log_journal *log_journal_open(
	const struct log_journal_wish *wish, struct err *err);
/* Ends it, where it still runs. */
void log_journal_close(struct log_journal **journal);
/* What it writes: the caller's, once. */
int log_journal_fd(const struct log_journal *journal);
/* Once it has written all: false where it failed on the way. */
bool log_journal_finish(struct log_journal *journal, struct err *err);

#endif
