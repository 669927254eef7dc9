/*
 * The lines of mail logs, one after the other, the oldest file first
 * whatever the order in which they were named: plain files and gzip
 * (gzip(1), also several members in one), standard input, or the systemd
 * journal by journalctl(1).
 */
#ifndef VERDICTS_LOG_READER_H
#define VERDICTS_LOG_READER_H

#include "base/err.h"
#include "base/slice.h"
#include "verdicts/log_clock.h"

struct log_reader;

/* A longer line is no line of a mail log: skipped and counted. */
enum { LOG_LINE_MAX = 64 * 1024 };

struct log_sources {
	const char *const *files; /* "-" is standard input */
	size_t n_files; /* 0: the journal, or the system's mail log */
	bool journal;
	const char *journal_folder; /* NULL: that of this machine */
	time_t since; /* files last written before it are left out; 0 = none */
	int first_year; /* see log_clock.h; 0 = to be inferred */
	bool follow; /* waits for more, also after a rotation, until SIGINT or
			SIGTERM, which are blocked from open to close */
	const char *log_folder; /* of the system's log; NULL = /var/log */
};

/*
 * Borrows what the sources point to.  NULL: *err says which of them can not
 * be read and why; nothing was read then.  Without files and journal it takes
 * /var/log/mail.log with its rotated companions (mail.log.1, mail.log.2.gz,
 * mail.log-20261120.gz), else /var/log/maillog with its, else the journal.
 */
struct log_reader *log_reader_open(
	const struct log_sources *sources, struct err *err);
void log_reader_close(struct log_reader **reader);

enum log_read {
	LOG_READ_LINE,
	LOG_READ_QUIET, /* following, and nothing more has come for now:
			   what was taken can be shown */
	LOG_READ_END,
	LOG_READ_DAMAGED, /* a file ends too early: *err says which and why;
			     go on, for the next file */
	LOG_READ_WARNING /* *err says what who asked should know: a file named
			    twice, years that can not be; go on */
};

/* *line, without its end, holds until the next call. */
enum log_read log_reader_next(
	struct log_reader *reader, struct slice *line, struct err *err);
/* That of the file which the last line came from. */
struct log_clock *log_reader_clock(struct log_reader *reader);
/* Where the last line came from: "mail.log.2.gz", line 17. */
struct place log_reader_place(const struct log_reader *reader);
/* Lines longer than LOG_LINE_MAX so far. */
unsigned long log_reader_too_long(const struct log_reader *reader);

#endif
