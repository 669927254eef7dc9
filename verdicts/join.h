/*
 * What the lines of a log are joined by: for delivery.c, which knows the
 * verdicts and the queue, and smtpd_lines.c, which knows what smtpd says
 * between the two.
 */
#ifndef VERDICTS_JOIN_H
#define VERDICTS_JOIN_H

#include "verdicts/in_flight.h"
#include "verdicts/postfix_line.h"
#include "verdicts/smtpd_sessions.h"
#include "verdicts/wanted.h"

struct join {
	struct wanted *wanted;
	struct in_flight *in_flight;
	struct smtpd_sessions *sessions;
};

/* A line that says something, and when. */
struct said {
	int64_t time_us;
	const struct log_line *log;
	struct postfix_line line;
};

/* Those who wait will never have a name. */
void join_leave_unnamed(struct join *join, struct targets *targets);
/*
 * The queue ID, logged in the same second, was given before: a short one
 * begins with its microseconds, five hexadecimal digits; a long one, which has
 * a z in it, does not tell.
 */
bool join_is_before(
	struct slice id, int64_t logged_us, const struct began *began);
/* Ended with that status, as the line has it; free(3) it. */
struct fate *said_fate(const struct said *said, const char *status);
/*
 * The message that an answer names in which this one goes on: it came to the
 * same host.  NULL: none.
 */
struct message *said_behind(struct join *join, const struct said *said);

/* A line of smtpd's. */
void smtpd_lines_hear(struct join *join, const struct said *said);
/* Another transaction begins in the session, or it ends. */
void smtpd_lines_leave(struct join *join, struct smtpd_session *session,
	const struct said *said);

#endif
