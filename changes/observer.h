/*
 * The lines of mail logs -> what happened to each recipient, once each.
 *
 * One RCPT is counted once, however many lines speak of it:
 * - A verdict line of policyd counts, a shadow's as if it had been said.  What
 *   it covers does not: the refusal of that recipient by the same smtpd
 *   process in the same transaction, and the deliveries of that recipient in
 *   the message that this process names next.  Where the verdict left it to
 *   the system behind (verify), a refusal that follows is what that one said.
 * - Where no verdict covers them (policyd was not there yet, or was not
 *   asked) smtpd's refusals count, and deliveries: once for each recipient
 *   of a message, by orig_to= where it is given, however many attempts there
 *   were and whatever aliases made of it.
 * - A message that a filter after the queue gives back to the same host, or
 *   that local(8) forwards, goes on with the same recipients, where the answer
 *   names it ("queued as", "forwarded as").
 */
#ifndef CHANGES_OBSERVER_H
#define CHANGES_OBSERVER_H

#include "changes/transit.h"

struct observer;

struct observer *observer_open(const struct observed_sink *sink);
void observer_close(struct observer **observer);

/* A verdict line, in the order of the log.  False: of words unknown. */
bool observer_verdict(struct observer *observer, const struct record *record);
/* Every other line. */
void observer_line(struct observer *observer, int64_t time_us,
	const struct log_line *line);
/* No more lines come: all that waits is handed out. */
void observer_finish(struct observer *observer);

#endif
