/*
 * One connection of an smtpd: requests in, replies out, in order.  Knows
 * neither socket nor clock.
 */
#ifndef POLICYD_SESSION_H
#define POLICYD_SESSION_H

#include "policyd/judge.h"

struct session;

/*
 * Borrows both.  The arena is reset after each reply; sessions of one
 * thread may share it, nothing of one request survives in it.
 */
struct session *session_open(const struct judge *judge, struct arena *request);
void session_close(struct session **session);

/*
 * Takes any piece of the stream and appends whole replies to out, whose
 * other content is left alone.  RCPT and VRFY with a recipient are judged
 * and recorded; all else is "DUNNO".  False: the peer speaks another
 * protocol, *err says what it did; send what is in out, then hang up.
 */
bool session_feed(struct session *session, struct slice bytes, time_t now,
	struct text *out, struct err *err);
/*
 * The same in two steps, for those who have something to do in between: as
 * request_feed(), whose bytes must then stay until session_answer().
 */
enum request_end session_take(struct session *session, struct slice bytes,
	size_t *used, struct err *err);
/* After REQUEST_WHOLE: that request. */
void session_answer(struct session *session, time_t now, struct text *out);
/* Of that request, if it is to be judged; else empty. */
struct slice session_recipient(const struct session *session);
/* Whether a request has begun and not ended. */
bool session_is_partial(const struct session *session);

#endif
