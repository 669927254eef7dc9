/*
 * What a line of Postfix's says about a message or one of its recipients:
 * smtpd(8), cleanup(8), pickup(8), qmgr(8), delivery agents, postsuper(1).
 * Pieces point into the line, or are words that it stands for.
 *
 * Much in these lines is written by strangers (addresses, HELO, header lines,
 * other servers' answers), so each is read from the side where Postfix's own
 * words stand, and quotes are honoured.
 */
#ifndef VERDICTS_POSTFIX_LINE_H
#define VERDICTS_POSTFIX_LINE_H

#include "verdicts/log_line.h"

#include <stdbool.h>

enum postfix_event {
	POSTFIX_CLIENT, /* smtpd: a message begins, its first recipient is in */
	POSTFIX_PROXIED, /* smtpd: a before-queue filter took it; said */
	POSTFIX_REJECT, /* for_recipient: one; else the whole message */
	POSTFIX_HOLD,
	POSTFIX_DISCARD,
	POSTFIX_LOST, /* smtpd: the client is gone; said */
	POSTFIX_DISCONNECT, /* said: the counts of its commands */
	POSTFIX_CLEANED, /* cleanup: its header was read */
	POSTFIX_QUEUED, /* qmgr: it is in the queue */
	POSTFIX_EXPIRED, /* qmgr: and goes back to the sender */
	POSTFIX_REMOVED, /* qmgr: nothing is left to do */
	POSTFIX_DELETED, /* postsuper */
	POSTFIX_REQUEUED, /* pickup: a message has another name; orig_id */
	POSTFIX_ATTEMPT /* to, orig_to, relay, dsn, status, said */
};

struct postfix_line {
	enum postfix_event event;
	struct slice queue_id; /* empty: none, or NOQUEUE */
	struct slice orig_id; /* the queue ID before; empty = not requeued */
	bool for_recipient; /* reject, hold, discard: at RCPT; to is given */
	bool in_data; /* lost: within the message */
	struct slice client; /* "unknown[192.0.2.7]" */
	struct slice to, orig_to; /* in external form; empty = not given */
	struct slice relay, dsn, status;
	struct slice said; /* without the parentheses around it */
};

/* Nothing is said in it. */
struct postfix_line postfix_line_none(void);
/* False: it says nothing of the kind. */
bool postfix_line_parse(struct postfix_line *out, const struct log_line *line);

/* "postfix-in" of "postfix-in/submit/smtpd": which of several Postfixes. */
struct slice postfix_line_instance(const struct log_line *line);

/*
 * The queue ID that an answer ends with, "250 2.0.0 Ok: queued as 3A5F...";
 * empty: there is none.
 */
struct slice postfix_line_queued_as(struct slice said);

#endif
