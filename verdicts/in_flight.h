/*
 * The messages in Postfix's queues, as far as the log was read: which
 * verdicts wait for their fate in each, and what became of each address.
 * A message stays for a minute after Postfix removed it, because the answer
 * of a filter that names it may be logged later.
 */
#ifndef VERDICTS_IN_FLIGHT_H
#define VERDICTS_IN_FLIGHT_H

#include "verdicts/attempts.h"
#include "verdicts/id_map.h"
#include "verdicts/target.h"

struct in_flight;
struct wanted;

struct message {
	struct id_node node;
	struct message *older, *newer; /* by the last line about it */
	char *host, *instance, *queue_id;
	int64_t began_us, touched_us;
	bool has_begun; /* smtpd named it */
	bool is_judged; /* by policyd */
	bool is_settled; /* the instance is that of the queue manager */
	bool is_cleaned; /* cleanup read its header */
	bool is_queued; /* qmgr has it */
	bool is_removed;
	bool is_lost; /* removed, but as long as it stays qmgr may have it */
	struct fate *whole; /* of whoever has none of his own; NULL = none */
	struct targets targets;
	struct attempts attempts;
	struct message **session; /* where smtpd's session points to it */
};

/* Borrows wanted, which the fates go to. */
struct in_flight *in_flight_open(struct wanted *wanted);
void in_flight_close(struct in_flight **in_flight);

/*
 * A message by its queue ID, on the line's host and in the Postfix that the
 * line is of.  NULL: there is none, or it was removed and is not lost.
 */
struct message *in_flight_find(struct in_flight *in_flight,
	const struct log_line *line, struct slice queue_id);
/* The newest of that name on the host, in any Postfix, removed or not. */
struct message *in_flight_find_newest(struct in_flight *in_flight,
	const struct log_line *line, struct slice queue_id);
/* Ends one of that name, which must be another message. */
struct message *in_flight_add(struct in_flight *in_flight,
	const struct log_line *line, struct slice queue_id, int64_t time_us);

/* It has that queue ID from now on; ends one of that name. */
void in_flight_rename(struct in_flight *in_flight, struct message *message,
	const struct log_line *line, struct slice queue_id);

/* Something was said of it; ends those that were silent for too long. */
void in_flight_touch(
	struct in_flight *in_flight, struct message *message, int64_t time_us);
/* Nothing is left to do; it goes by itself, after a while. */
void in_flight_remove(struct in_flight *in_flight, struct message *message);
/*
 * Smtpd went on without it.  It goes by itself, after a while; until then it
 * is found, since the lines of other daemons may be logged later.
 */
void in_flight_lose(
	struct in_flight *in_flight, struct message *message, int64_t time_us);
void in_flight_regain(struct in_flight *in_flight, struct message *message);
/* All of them: no more lines come. */
void in_flight_end_all(struct in_flight *in_flight);

/* Takes the fate over. */
void message_set_whole(struct message *message, struct fate *fate);

#endif
