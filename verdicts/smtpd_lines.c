/*
 * smtpd handles one command after the other, so what it says of a recipient
 * is about the transaction that it was in last; still a refusal counts only
 * for the address that it names, because some recipients are refused before
 * policyd is asked.
 */
#include "verdicts/join.h"

#include "verdicts/log_address.h"

#include <stdlib.h>
#include <string.h>

/* No end was said of it, or that it is on hold. */
static bool is_kept(const struct message *message)
{
	return message->whole == NULL ||
		strcmp(message->whole->status, "hold") == 0;
}

/*
 * What was not whole when smtpd went on will never be; but of what smtpd said
 * nothing at all, because its lines are elsewhere, nothing is known.
 */
static void lose(struct join *join, struct smtpd_session *session,
	const struct said *said)
{
	struct message *message = session->message;

	if (is_kept(message) && message->has_begun)
		message_set_whole(message, said_fate(said, "lost"));
	smtpd_session_clear_message(session);
	in_flight_lose(join->in_flight, message, said->time_us);
}

/* Another transaction begins, or the session ends. */
void smtpd_lines_leave(struct join *join, struct smtpd_session *session,
	const struct said *said)
{
	struct message *message = session->message;

	join_leave_unnamed(join, &session->waiting);
	free(session->refused);
	session->refused = NULL;
	if (message == NULL)
		return;
	if (message->is_queued || (message->is_cleaned && is_kept(message)))
		smtpd_session_clear_message(session);
	else
		lose(join, session, said);
}

bool join_is_before(
	struct slice id, int64_t logged_us, const struct began *began)
{
	enum { DIGITS = 5, SECOND_US = 1000000 };
	char digits[DIGITS + 1] = "";
	char *end;

	if (id.len < DIGITS || memchr(id.bytes, 'z', id.len) != NULL)
		return false;
	memcpy(digits, id.bytes, DIGITS);
	const unsigned long given_us = strtoul(digits, &end, 16);

	return *end == '\0' && given_us < began->us &&
		logged_us / SECOND_US <= (int64_t)began->s;
}

/*
 * Some log daemons take the lines of smtpd later than those of policyd: then
 * the name that comes is that of the transaction before.  Where that one has
 * its name, a name that seems too early is none: the clock of log lines may
 * lag behind that of queue IDs by a tick, and be a second behind for that.
 */
static bool is_late(
	const struct smtpd_session *session, const struct said *said)
{
	return session->instance[0] != '\0' && session->late_awaits_name &&
		join_is_before(
			said->line.queue_id, said->time_us, &session->began);
}

static void set_ids(struct join *join, const struct targets *targets,
	const struct message *message)
{
	for (size_t i = 0; i < targets->n; i++)
		wanted_set_queue_id(join->wanted, targets->all[i].wanted,
			message->queue_id);
}

static void name_late(struct join *join, struct smtpd_session *session,
	const struct said *said)
{
	struct message *message = in_flight_add(
		join->in_flight, said->log, said->line.queue_id, said->time_us);

	message->has_begun = true;
	message->is_judged = true;
	session->late_awaits_name = false;
	set_ids(join, &session->late, message);
	targets_move(&message->targets, &session->late);
	message_set_whole(message, said_fate(said, "lost"));
	in_flight_lose(join->in_flight, message, said->time_us);
}

static void begin(struct join *join, struct smtpd_session *session,
	const struct said *said)
{
	const struct slice id = said->line.queue_id;
	struct message *message =
		in_flight_find(join->in_flight, said->log, id);

	if (message != NULL && message->is_lost && !message->has_begun) {
		message->has_begun = true;
		message_set_whole(message, said_fate(said, "lost"));
		return;
	}
	if (is_late(session, said)) {
		name_late(join, session, said);
		return;
	}
	join_leave_unnamed(join, &session->late);
	session->late_awaits_name = false;
	session->awaits_name = false;
	if (session->message != NULL && session->message != message) {
		/* a transaction that no verdict is known of, yet */
		smtpd_lines_leave(join, session, said);
		session->instance[0] = '\0';
	}
	if (message == NULL || message->has_begun)
		message = in_flight_add(
			join->in_flight, said->log, id, said->time_us);
	message->has_begun = true;
	message->is_judged |= session->instance[0] != '\0';
	set_ids(join, &session->waiting, message);
	smtpd_session_set_message(session, message);
}

/* The targets at the end that the address is about; their number. */
static size_t judged_last(const struct targets *targets, const char *key)
{
	const uint64_t hash = target_hash(key);
	size_t i = targets->n;

	while (i > 0 && !target_is(&targets->all[i - 1], key, hash))
		i--;
	size_t n = 0;

	while (n < i && target_is(&targets->all[i - 1 - n], key, hash))
		n++;
	return n;
}

static void refuse_in(struct join *join, struct targets *targets,
	const char *key, const struct said *said)
{
	const uint64_t hash = target_hash(key);
	size_t n = judged_last(targets, key);
	size_t i = targets->n;
	struct fate *fate = said_fate(said, "reject");

	while (n > 0 && i-- > 0) {
		struct target *target = &targets->all[i];

		if (!target_is(target, key, hash))
			continue;
		wanted_add_fate(join->wanted, target->wanted, fate);
		target_close(target);
		n--;
	}
	free(fate);
}

/*
 * The one that the line names, which the session may have left by the order
 * of the log.  NULL: it has no name yet.
 */
static struct message *message_of(struct join *join,
	const struct smtpd_session *session, const struct said *said)
{
	const struct slice id = said->line.queue_id;
	struct message *named = id.len == 0
		? NULL
		: in_flight_find(join->in_flight, said->log, id);

	return named != NULL ? named : session->message;
}

static void refuse(struct join *join, struct smtpd_session *session,
	const struct said *said)
{
	char *key = log_address_key_external(said->line.to);
	struct message *message = message_of(join, session, said);
	struct targets *targets = message == NULL ? &session->waiting
						  : &message->targets;

	if (judged_last(targets, key) == 0 && session->late.n > 0)
		targets = &session->late;
	if (session->refused == NULL || strcmp(session->refused, key) != 0)
		refuse_in(join, targets, key, said);
	free(key);
}

/* Of the whole message, which may not have a name yet. */
static void set_whole(struct smtpd_session *session, struct message *message,
	struct fate *fate)
{
	if (message != NULL) {
		message_set_whole(message, fate);
		return;
	}
	free(session->whole);
	session->whole = fate;
}

static void hand_out(struct join *join, const struct targets *waiting,
	const struct fate *fate)
{
	for (size_t i = 0; i < waiting->n; i++) {
		const struct target *target = &waiting->all[i];

		if (target->key != NULL)
			wanted_add_fate(join->wanted, target->wanted, fate);
	}
}

/* A filter before the queue took the message for all who wait. */
static void pass_proxy(struct join *join, struct smtpd_session *session,
	const struct said *said)
{
	struct message *behind = said_behind(join, said);
	struct targets *waiting = &session->waiting;

	if (behind != NULL) {
		set_ids(join, waiting, behind);
		targets_move(&behind->targets, waiting);
		return;
	}
	struct fate *fate = said_fate(said, "sent");

	hand_out(join, waiting, fate);
	free(fate);
	join_leave_unnamed(join, waiting);
}

static void refuse_all(struct join *join, struct smtpd_session *session,
	const struct said *said)
{
	struct fate *fate = said_fate(said, "reject");
	struct targets *waiting = &session->waiting;
	struct message *message = message_of(join, session, said);

	if (message != NULL) {
		message_set_whole(message, fate);
		return;
	}
	hand_out(join, waiting, fate);
	join_leave_unnamed(join, waiting);
	free(fate);
}

/* "... mail=1 rcpt=2 data=0/1 ...": no message of the session was taken. */
static bool took_nothing(struct slice said)
{
	const char *data = memmem(said.bytes, said.len, " data=0/", 8);
	const char *any = memmem(said.bytes, said.len, " data=", 6);
	const char *bdat = memmem(said.bytes, said.len, " bdat=", 6);

	return (data != NULL || any == NULL) && bdat == NULL;
}

/*
 * The verdicts of the process's next session are in the log already: its
 * message has no name, and began just now.
 */
static bool is_ahead(
	const struct smtpd_session *session, const struct said *said)
{
	enum { LATE_S = 2 };
	const struct message *message = session->message;

	return (message == NULL ? session->waiting.n > 0
				: !message->has_begun) &&
		said->time_us / 1000000 - LATE_S <= (int64_t)session->began.s;
}

static void end_session(struct join *join, struct smtpd_session *session,
	const struct said *said)
{
	const struct message *message = session->message;

	if (is_ahead(session, said))
		return;
	if (message != NULL && !message->is_queued &&
		took_nothing(said->line.said))
		lose(join, session, said);
	smtpd_lines_leave(join, session, said);
	join_leave_unnamed(join, &session->late);
	smtpd_session_end(join->sessions, session);
}

static void lose_client(struct join *join, struct smtpd_session *session,
	const struct said *said)
{
	const struct message *message = session->message;

	if (message != NULL && !message->is_queued &&
		!is_ahead(session, said) &&
		(said->line.in_data || !message->is_cleaned))
		lose(join, session, said);
}

void smtpd_lines_hear(struct join *join, const struct said *said)
{
	const struct postfix_line *line = &said->line;
	struct smtpd_session *session = smtpd_session_find(
		join->sessions, said->log->host, said->log->pid);

	if (session == NULL && line->event == POSTFIX_DISCONNECT)
		return;
	if (session == NULL)
		session = smtpd_session_get(
			join->sessions, said->log->host, said->log->pid);
	switch (line->event) {
	case POSTFIX_CLIENT:
		if (line->queue_id.len > 0)
			begin(join, session, said);
		break;
	case POSTFIX_PROXIED: pass_proxy(join, session, said); break;
	case POSTFIX_REJECT:
		if (line->for_recipient)
			refuse(join, session, said);
		else
			refuse_all(join, session, said);
		break;
	case POSTFIX_HOLD:
		set_whole(session, message_of(join, session, said),
			said_fate(said, "hold"));
		break;
	case POSTFIX_DISCARD:
		set_whole(session, message_of(join, session, said),
			said_fate(said, "discard"));
		break;
	case POSTFIX_LOST: lose_client(join, session, said); break;
	case POSTFIX_DISCONNECT: end_session(join, session, said); break;
	case POSTFIX_CLEANED:
	case POSTFIX_QUEUED:
	case POSTFIX_EXPIRED:
	case POSTFIX_REMOVED:
	case POSTFIX_DELETED:
	case POSTFIX_REQUEUED:
	case POSTFIX_ATTEMPT: break;
	}
}
