/*
 * Until smtpd names the message a verdict belongs to its process, from then
 * on to the queue ID, until Postfix removes the message.
 *
 * A verdict line is written before the answer is given, so it stands before
 * smtpd's in most logs; where the log daemon takes them in another order, the
 * time in the instance tells whether a message may be its own.
 */
#include "verdicts/delivery.h"

#include "base/memory.h"
#include "base/text.h"
#include "verdicts/join.h"

#include <stdlib.h>
#include <string.h>

struct delivery {
	struct join join;
};

struct delivery *delivery_open(void)
{
	struct delivery *delivery = memory_must(calloc(1, sizeof *delivery));
	struct join *join = &delivery->join;

	join->wanted = wanted_open();
	join->in_flight = in_flight_open(join->wanted);
	join->sessions = smtpd_sessions_open();
	return delivery;
}

void delivery_close(struct delivery **delivery)
{
	if (*delivery == NULL)
		return;
	struct join *join = &(*delivery)->join;

	smtpd_sessions_close(&join->sessions);
	in_flight_close(&join->in_flight);
	wanted_close(&join->wanted);
	free(*delivery);
	*delivery = NULL;
}

void delivery_set_filter(struct delivery *delivery, struct filter *filter)
{
	wanted_set_filter(delivery->join.wanted, filter);
}

void join_leave_unnamed(struct join *join, struct targets *targets)
{
	for (size_t i = 0; i < targets->n; i++)
		wanted_settle(join->wanted, targets->all[i].wanted);
	targets_fini(targets);
}

struct fate *said_fate(const struct said *said, const char *status)
{
	return fate_of_line(said->time_us, slice_of(status), &said->line);
}

struct message *said_behind(struct join *join, const struct said *said)
{
	const struct slice id = postfix_line_queued_as(said->line.said);

	if (id.len == 0)
		return NULL;
	struct message *behind =
		in_flight_find_newest(join->in_flight, said->log, id);

	return behind != NULL && behind->has_begun ? behind : NULL;
}

/*
 * smtpd named a message before the verdict came: it is the verdict's if
 * nothing else was heard of it, and it did not begin before the transaction.
 */
static bool is_own(const struct smtpd_session *session,
	const struct transaction *transaction)
{
	const struct message *message = session->message;

	return message != NULL && session->instance[0] == '\0' &&
		!message->is_judged && !message->is_cleaned &&
		!message->is_queued &&
		message->began_us / 1000000 >= (int64_t)transaction->began.s &&
		!join_is_before(slice_of(message->queue_id), message->began_us,
			&transaction->began);
}

static bool is_named(const struct message *message, struct slice queue_id)
{
	return message != NULL && slice_is(queue_id, message->queue_id);
}

/* Into the verdict's transaction; its message, if it has a name. */
static void enter(struct join *join, struct smtpd_session *session,
	const struct transaction *transaction, const struct record *record)
{
	const struct slice id = record->verdict.written[FIELD_QUEUE_ID];
	const bool has_id = verdict_has(&record->verdict, FIELD_QUEUE_ID);
	const bool is_new =
		strcmp(session->instance, transaction->instance) != 0;

	if (is_new && session->message == NULL) {
		join_leave_unnamed(join, &session->late);
		targets_move(&session->late, &session->waiting);
	}
	if (is_new) {
		session->late_awaits_name =
			session->message == NULL && session->awaits_name;
		session->awaits_name = false;
	}
	if (is_new && !is_named(session->message, id) &&
		!is_own(session, transaction))
		smtpd_lines_leave(join, session,
			&(struct said){ record->time_us, &record->log,
				postfix_line_none() });
	session->began = transaction->began;
	memcpy(session->instance, transaction->instance,
		sizeof session->instance);
	if (!has_id || is_named(session->message, id))
		return;
	struct message *message =
		in_flight_find_newest(join->in_flight, &record->log, id);

	if (message == NULL || message->is_removed)
		message = in_flight_add(
			join->in_flight, &record->log, id, record->time_us);
	for (size_t i = 0; i < session->waiting.n; i++)
		wanted_set_queue_id(join->wanted,
			session->waiting.all[i].wanted, message->queue_id);
	smtpd_session_set_message(session, message);
}

static bool lets_in(const struct verdict_line *verdict)
{
	const struct slice word = verdict->written[FIELD_VERDICT];

	return verdict_has(verdict, FIELD_SHADOW) ||
		(!slice_is(word, "reject") && !slice_is(word, "defer"));
}

/* Who was refused has no fate, but a name where it is not known yet. */
static void await(struct smtpd_session *session, size_t number,
	const struct verdict_line *verdict)
{
	struct message *message = session->message;

	if (lets_in(verdict))
		targets_add_verdict(
			message == NULL ? &session->waiting : &message->targets,
			number, verdict);
	else if (message == NULL)
		targets_add_refused(&session->waiting, number);
}

void delivery_verdict(
	struct delivery *delivery, const struct record *record, bool wanted)
{
	struct join *join = &delivery->join;
	const struct verdict_line *verdict = &record->verdict;
	struct transaction transaction = { .pid = 0 };
	const size_t number = wanted ? wanted_add(join->wanted, record) : 0;

	if (!transaction_of(&transaction, verdict)) {
		if (wanted)
			wanted_settle(join->wanted, number);
		return;
	}
	struct smtpd_session *session = smtpd_session_get(
		join->sessions, record->log.host, transaction.pid);

	enter(join, session, &transaction, record);
	free(session->refused);
	session->refused = NULL;
	struct message *message = session->message;

	if (message != NULL) {
		message->is_judged = true;
		in_flight_touch(join->in_flight, message, record->time_us);
	}
	if (lets_in(verdict))
		session->awaits_name |= message == NULL;
	else
		session->refused = target_key(verdict);
	if (wanted)
		await(session, number, verdict);
	if (wanted && message != NULL)
		wanted_set_queue_id(join->wanted, number, message->queue_id);
}

static void go_on_behind(struct message *message, struct message *behind,
	struct attempt *attempt)
{
	for (size_t i = 0; i < message->targets.n; i++) {
		struct target *target = &message->targets.all[i];

		if (!target_is(target, attempt->taken, attempt->taken_hash))
			continue;
		target->goes_on = true;
		attempt->goes_on = true;
		targets_add_behind(&behind->targets, target, attempt);
	}
}

/* What is known to interest nobody is not kept. */
static void note_attempt(
	struct join *join, struct message *message, const struct said *said)
{
	if (message->is_judged && message->targets.n == 0)
		return;
	struct attempt *attempt =
		attempts_put(&message->attempts, said->time_us, &said->line);

	struct message *behind = said_behind(join, said);

	if (behind != NULL && behind != message &&
		behind->began_us >= message->began_us)
		go_on_behind(message, behind, attempt);
}

static void hear_of_message(
	struct join *join, struct message *message, const struct said *said)
{
	switch (said->line.event) {
	case POSTFIX_CLEANED: message->is_cleaned = true; break;
	case POSTFIX_QUEUED:
		/* from hold, or a client that was given up too early */
		message_set_whole(message, NULL);
		message->is_queued = true;
		in_flight_regain(join->in_flight, message);
		break;
	case POSTFIX_ATTEMPT: note_attempt(join, message, said); break;
	case POSTFIX_REJECT:
		message_set_whole(message, said_fate(said, "reject"));
		break;
	case POSTFIX_HOLD:
		message_set_whole(message, said_fate(said, "hold"));
		in_flight_regain(join->in_flight, message);
		break;
	case POSTFIX_DISCARD:
		message_set_whole(message, said_fate(said, "discard"));
		break;
	case POSTFIX_EXPIRED:
		message_set_whole(message, said_fate(said, "expired"));
		break;
	case POSTFIX_DELETED:
		message_set_whole(message, said_fate(said, "deleted"));
		in_flight_remove(join->in_flight, message);
		break;
	case POSTFIX_REMOVED: in_flight_remove(join->in_flight, message); break;
	case POSTFIX_REQUEUED:
		in_flight_rename(join->in_flight, message, said->log,
			said->line.queue_id);
		break;
	case POSTFIX_CLIENT:
	case POSTFIX_PROXIED:
	case POSTFIX_LOST:
	case POSTFIX_DISCONNECT: break;
	}
}

void delivery_line(
	struct delivery *delivery, int64_t time_us, const struct log_line *line)
{
	struct join *join = &delivery->join;
	struct said said = { .time_us = time_us, .log = line };

	if (!postfix_line_parse(&said.line, line))
		return;
	if (slice_is(log_line_service(line), "smtpd")) {
		smtpd_lines_hear(join, &said);
		return;
	}
	const bool is_renamed = said.line.event == POSTFIX_REQUEUED;
	struct message *message = in_flight_find(join->in_flight, line,
		is_renamed ? said.line.orig_id : said.line.queue_id);

	if (message == NULL)
		return;
	in_flight_touch(join->in_flight, message, time_us);
	hear_of_message(join, message, &said);
}

size_t delivery_count(struct delivery *delivery)
{
	struct wanted *wanted = delivery->join.wanted;
	const size_t first = wanted_first(wanted), end = wanted_end(wanted);

	in_flight_end_all(delivery->join.in_flight);
	for (size_t i = first; i < end; i++)
		wanted_settle(wanted, i);
	return end - first;
}

const struct record *delivery_record(
	const struct delivery *delivery, size_t index)
{
	return wanted_record(delivery->join.wanted,
		wanted_first(delivery->join.wanted) + index);
}

void delivery_keep_last(struct delivery *delivery, size_t n)
{
	const size_t end = wanted_end(delivery->join.wanted);

	if (end - wanted_first(delivery->join.wanted) > n)
		wanted_give_up(delivery->join.wanted, end - n);
}
