/*
 * The messages in Postfix's queues as far as a log was read, and what was
 * observed of their recipients.  A message ends a minute after Postfix
 * removed it (a filter's answer that names it may come later), an hour after
 * the last word about it where nobody but policyd named it, else eight days.
 */
#ifndef CHANGES_TRANSIT_H
#define CHANGES_TRANSIT_H

#include "changes/observed.h"
#include "verdicts/postfix_line.h"

struct transit;
struct transit_message;

/* What is known of one recipient is handed out once, and not kept. */
struct observed_sink {
	/* Those of one message come in a row, with the same number. */
	void (*take)(void *context, const struct observed *observed,
		unsigned long message);
	void *context;
};

struct transit *transit_open(const struct observed_sink *sink);
/* What waits is not handed out. */
void transit_close(struct transit **transit);
/* Ends all messages: no more lines come. */
void transit_end_all(struct transit *transit);

/* A number that no other message has. */
unsigned long transit_number(struct transit *transit);

/* Until the next line; NULL = there is none of that queue ID on the host. */
struct transit_message *transit_find(
	struct transit *transit, struct slice host, struct slice queue_id);
/* The same, made where there is none: policyd alone has named it. */
struct transit_message *transit_get(struct transit *transit, struct slice host,
	struct slice queue_id, int64_t time_us);
/*
 * smtpd named it, and its client: a new message, unless others named it
 * just before.
 */
struct transit_message *transit_begin(struct transit *transit,
	struct slice host, const struct postfix_line *line, int64_t time_us);
/* smtpd goes on with something else; it may never have been whole. */
void transit_leave(struct transit *transit, struct slice host,
	struct slice queue_id, int64_t time_us);
/* A line of another daemon's. */
void transit_hear(struct transit *transit, int64_t time_us,
	const struct log_line *log, const struct postfix_line *line);

/* By policyd, at least one recipient. */
bool transit_is_judged(const struct transit_message *message);
int64_t transit_began_us(const struct transit_message *message);
void transit_set_client(
	struct transit_message *message, const struct observed_client *client);
/* What waits for the key's deliveries, the last of them; NULL = nothing. */
struct observed *transit_observed(
	const struct transit_message *message, const char *key);
/* It waits for its deliveries; owned from now on. */
void transit_add(struct transit_message *message, struct observed *observed);

#endif
