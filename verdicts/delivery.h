/*
 * What became of the recipients that policyd let in: the lines of smtpd(8)
 * and of Postfix's delivery agents, joined to the verdicts.
 *
 * A verdict has the queue ID only from the second recipient of a message on,
 * but always the instance, whose first part is the process of smtpd in
 * hexadecimal: so the next "QUEUEID: client=" of that process names the
 * message, and what smtpd refuses next concerns the recipient that was
 * judged last.  A recipient is found again by orig_to=, else to=; after an
 * after-queue filter in the same Postfix, by the "queued as" of its answer.
 */
#ifndef VERDICTS_DELIVERY_H
#define VERDICTS_DELIVERY_H

#include "verdicts/record.h"

struct delivery;
struct filter;

struct delivery *delivery_open(void);
/*
 * Wanted are those that the filter takes, once their queue IDs are known: the
 * others are forgotten then.  Borrowed until delivery_close().
 */
void delivery_set_filter(struct delivery *delivery, struct filter *filter);
void delivery_close(struct delivery **delivery);

/* Every verdict line, in order; wanted: its fate will be asked for. */
void delivery_verdict(
	struct delivery *delivery, const struct record *record, bool wanted);
/* Every other line of the log, in order. */
void delivery_line(struct delivery *delivery, int64_t time_us,
	const struct log_line *line);

/*
 * The wanted ones, in order, with their fates, until delivery_close().  Once
 * they are counted no more lines are taken.
 */
size_t delivery_count(struct delivery *delivery);
/* NULL: it was forgotten. */
const struct record *delivery_record(
	const struct delivery *delivery, size_t index);
/* Gives up all but the last n wanted ones. */
void delivery_keep_last(struct delivery *delivery, size_t n);

#endif
