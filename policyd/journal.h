/*
 * Where policyd's lines go: syslog, facility mail, as "postfix/policyd", so
 * that they stand among Postfix's; or the stderr of a daemon.
 */
#ifndef POLICYD_JOURNAL_H
#define POLICYD_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

struct journal;

/* What waits for a log that takes nothing, in bytes; then lines are lost. */
enum { JOURNAL_QUEUE_MAX = 256 * 1024 };

/* path: syslog's socket, /dev/log; it need not be there yet. */
struct journal *journal_open_syslog(const char *path);
/* Borrows fd; lines look like those of a mail log, host name and all. */
struct journal *journal_open_stream(int fd);
/* Sends what can be sent without waiting; the rest is lost. */
void journal_close(struct journal **journal);

/*
 * severity: LOG_INFO and the like.  Never fails and never waits longer than
 * JOURNAL_WAIT_MS, once a second at the most: a log that takes nothing now
 * gets the line later, with the time at which it was written; what no longer
 * fits is counted, and the number is logged.  Control characters become "?".
 */
enum { JOURNAL_WAIT_MS = 10 };
void journal_write(struct journal *journal, int severity, const char *text);
void journal_printf(struct journal *journal, int severity, const char *format,
	...) __attribute__((format(printf, 3, 4)));
/* To be called now and then, for what waits. */
void journal_flush(struct journal *journal);

/* Lines lost since it was opened, and lines that wait. */
unsigned long journal_lost(const struct journal *journal);
unsigned long journal_waiting(const struct journal *journal);

#endif
