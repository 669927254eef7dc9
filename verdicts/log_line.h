/*
 * A line of a mail log: when, on which host, what program, what it said.
 * After the time stamp, of either form, all syslog daemons and journalctl(1)
 * write the same:
 *
 *   Nov 21 09:05:03 mx1 postfix/policyd[812]: verdict=...
 *   2026-11-21T09:05:03.123456+01:00 mx1 postfix/policyd[812]: verdict=...
 *
 * Some leave the priority in front ("<22>"), some write a day below ten
 * without the second blank ("Nov 7 09:05:03"), and Solaris puts
 * "[ID 197553 mail.info] " before the message: none of it is in the pieces.
 */
#ifndef VERDICTS_LOG_LINE_H
#define VERDICTS_LOG_LINE_H

#include "base/slice.h"

struct log_line {
	struct slice stamp;
	struct slice host;
	struct slice program; /* "postfix/smtpd" */
	unsigned long pid; /* 0 = none is given */
	struct slice message;
};

/* Without its end of line.  False: a line of something else. */
bool log_line_parse(struct log_line *out, struct slice line);
/* The last part of a program's name: "smtpd" of "postfix-in/submit/smtpd". */
struct slice log_line_service(const struct log_line *line);

#endif
