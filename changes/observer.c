/*
 * smtpd handles one command after the other, so its process tells which
 * transaction a line is of; a verdict has it in its instance, in hexadecimal.
 * Most logs have a verdict before what smtpd says then; some log daemons take
 * the two in another order, within a second or so.
 */
#include "changes/observer.h"

#include "base/memory.h"
#include "changes/rejection.h"
#include "changes/smtpd_process.h"
#include "verdicts/join.h"
#include "verdicts/log_address.h"

#include <stdlib.h>

enum { LATE_S = 2, SECOND_US = 1000000 };

struct observer {
	struct observed_sink sink;
	struct transit *transit;
	struct id_map map;
};

struct observer *observer_open(const struct observed_sink *sink)
{
	struct observer *observer = memory_must(calloc(1, sizeof *observer));

	observer->sink = *sink;
	observer->transit = transit_open(sink);
	id_map_init(&observer->map);
	return observer;
}

static void hand_out(struct observer *observer, struct observed **observed,
	unsigned long message)
{
	if (*observed == NULL)
		return;
	observer->sink.take(observer->sink.context, *observed, message);
	observed_close(observed);
}

static void hand_out_alone(struct observer *observer, struct observed **one)
{
	hand_out(observer, one, transit_number(observer->transit));
}

/* Its message will never have a name. */
static void hand_out_waiting(
	struct observer *observer, struct observed_list *waiting)
{
	const unsigned long message = transit_number(observer->transit);

	for (size_t i = 0; i < waiting->n; i++)
		hand_out(observer, &waiting->all[i], message);
	observed_list_fini(waiting);
}

static void move_waiting(
	struct observed_list *waiting, struct transit_message *message)
{
	for (size_t i = 0; i < waiting->n; i++)
		transit_add(message, waiting->all[i]);
	waiting->n = 0;
}

void observer_close(struct observer **observer)
{
	struct observer *old = *observer;
	struct smtpd_process *smtpd;
	size_t at = 0;

	if (old == NULL)
		return;
	while ((smtpd = smtpd_process_any(&old->map, &at)) != NULL)
		smtpd_process_forget(&old->map, smtpd);
	id_map_fini(&old->map);
	transit_close(&old->transit);
	free(old);
	*observer = NULL;
}

static struct transit_message *message_of(
	struct observer *observer, const struct smtpd_process *smtpd)
{
	return smtpd->queue_id == NULL
		? NULL
		: transit_find(observer->transit, slice_of(smtpd->host),
			  slice_of(smtpd->queue_id));
}

/* The transaction is over, whether or not its message came whole. */
static void leave(
	struct observer *observer, struct smtpd_process *smtpd, int64_t time_us)
{
	if (smtpd->queue_id == NULL)
		return;
	transit_leave(observer->transit, slice_of(smtpd->host),
		slice_of(smtpd->queue_id), time_us);
	smtpd_process_set_queue_id(smtpd, slice_of(""));
}

/*
 * smtpd named a message before the verdict came: it is the verdict's where
 * nothing was judged in it, and it did not begin before the transaction.
 */
static bool is_own(struct observer *observer, const struct smtpd_process *smtpd,
	const struct transaction *transaction)
{
	const struct transit_message *message = message_of(observer, smtpd);

	if (message == NULL || transit_is_judged(message))
		return false;
	const int64_t began_us = transit_began_us(message);

	return began_us / SECOND_US >= (int64_t)transaction->began.s &&
		!join_is_before(slice_of(smtpd->queue_id), began_us,
			&transaction->began);
}

static void enter(struct observer *observer, struct smtpd_process *smtpd,
	const struct transaction *transaction, int64_t time_us)
{
	if (strcmp(smtpd->instance, transaction->instance) == 0)
		return;
	memcpy(smtpd->instance, transaction->instance, sizeof smtpd->instance);
	hand_out_waiting(observer, &smtpd->late);
	smtpd_process_shift(smtpd);
	if (!is_own(observer, smtpd, transaction))
		leave(observer, smtpd, time_us);
	smtpd->began = transaction->began;
	smtpd->entered_us = time_us;
}

/* From the second recipient on a verdict has it. */
static void take_queue_id(struct observer *observer,
	struct smtpd_process *smtpd, const struct record *record)
{
	const struct slice id = record->verdict.written[FIELD_QUEUE_ID];

	if (!verdict_has(&record->verdict, FIELD_QUEUE_ID))
		return;
	smtpd_process_set_queue_id(smtpd, id);
	move_waiting(&smtpd->waiting,
		transit_get(observer->transit, record->log.host, id,
			record->time_us));
}

static bool is_refused(const struct record *record)
{
	const struct slice word = record->verdict.written[FIELD_VERDICT];

	return !verdict_has(&record->verdict, FIELD_SHADOW) &&
		(slice_is(word, "reject") || slice_is(word, "defer"));
}

/* A refusal that was logged before the verdict that it followed from. */
static bool covers_refused(
	const struct smtpd_process *smtpd, const char *key, int64_t time_us)
{
	const struct observed *refused = smtpd->refused;

	return refused != NULL && strcmp(refused->recipient, key) == 0 &&
		llabs(time_us - refused->time_us) <= LATE_S * SECOND_US;
}

static void cover(struct smtpd_process *smtpd, const struct observed *observed)
{
	char *key = log_address_key(
		(struct slice){ observed->recipient, observed->len });

	if (covers_refused(smtpd, key, observed->time_us))
		observed_close(&smtpd->refused);
	else
		judged_add(&smtpd->judged, key);
	free(key);
}

static void await(struct observer *observer, struct smtpd_process *smtpd,
	struct observed *observed)
{
	struct transit_message *message = message_of(observer, smtpd);

	if (message == NULL)
		observed_list_add(&smtpd->waiting, observed);
	else
		transit_add(message, observed);
}

/* doctor asks policyd under this name: no mail came. */
static bool is_of_doctor(const struct verdict_line *verdict)
{
	return slice_is(verdict->written[FIELD_INSTANCE], "doctor");
}

bool observer_verdict(struct observer *observer, const struct record *record)
{
	if (is_of_doctor(&record->verdict))
		return true;
	struct observed *observed = observed_of_verdict(record);
	struct transaction transaction;

	if (observed == NULL)
		return false;
	if (!transaction_of(&transaction, &record->verdict)) {
		hand_out_alone(observer, &observed);
		return true;
	}
	struct smtpd_process *smtpd = smtpd_process_get(
		&observer->map, record->log.host, transaction.pid);

	enter(observer, smtpd, &transaction, record->time_us);
	take_queue_id(observer, smtpd, record);
	cover(smtpd, observed);
	if (is_refused(record))
		hand_out_alone(observer, &observed);
	else
		await(observer, smtpd, observed);
	return true;
}

static struct observed *observe_refusal(
	int64_t time_us, const struct postfix_line *line, const char *key)
{
	struct observed *observed =
		observed_of_key(OBSERVED_REFUSAL, time_us, key);
	bool is_lasting;
	const enum rejection rejection = rejection_of(line, &is_lasting);

	observed->client = observed_client_parse(line->client);
	observed->verdict = is_lasting ? VERDICT_REJECT : VERDICT_DEFER;
	observed->reason = REASON_UNKNOWN;
	switch (rejection) {
	case REJECTION_OTHER: observed->says_nothing = true; break;
	case REJECTION_UNKNOWN: break;
	case REJECTION_UNDELIVERABLE: observed->reason = REASON_VERIFY; break;
	case REJECTION_NOT_OURS:
		observed->verdict = VERDICT_PASS;
		observed->reason = REASON_NOT_OURS;
		break;
	}
	return observed;
}

/* Of this transaction, or, logged late, of the one before. */
static bool is_judged(
	struct smtpd_process *smtpd, int64_t time_us, const char *key)
{
	return judged_take(&smtpd->judged, key) ||
		(time_us - smtpd->entered_us <= LATE_S * SECOND_US &&
			judged_take(&smtpd->judged_late, key));
}

static bool has_key(const struct observed *observed, const char *key)
{
	char *own = log_address_key(
		(struct slice){ observed->recipient, observed->len });
	const bool is_its_own = strcmp(own, key) == 0;

	free(own);
	return is_its_own;
}

/* In this transaction; NULL = nobody of that key waits. */
static struct observed *awaited(struct observer *observer,
	const struct smtpd_process *smtpd, const char *key)
{
	const struct transit_message *message = message_of(observer, smtpd);

	if (message != NULL)
		return transit_observed(message, key);
	for (size_t i = smtpd->waiting.n; i > 0; i--)
		if (has_key(smtpd->waiting.all[i - 1], key))
			return smtpd->waiting.all[i - 1];
	return NULL;
}

/* policyd left it to the system behind, and this is what that one said. */
static void settle_verify(
	struct observed *observed, const struct postfix_line *line)
{
	bool is_lasting;

	if (observed == NULL || observed->reason != REASON_VERIFY ||
		rejection_of(line, &is_lasting) != REJECTION_UNDELIVERABLE)
		return;
	observed->verdict = is_lasting ? VERDICT_REJECT : VERDICT_DEFER;
}

static void hear_refusal(struct observer *observer, struct smtpd_process *smtpd,
	int64_t time_us, const struct postfix_line *line)
{
	char *key = log_address_key_external(line->to);

	hand_out_alone(observer, &smtpd->refused);
	if (is_judged(smtpd, time_us, key))
		settle_verify(awaited(observer, smtpd, key), line);
	else
		smtpd->refused = observe_refusal(time_us, line, key);
	free(key);
}

/* Some log daemons take the name of the transaction before as late as that. */
static bool is_late(const struct smtpd_process *smtpd, int64_t time_us,
	const struct postfix_line *line)
{
	return smtpd->late.n > 0 && smtpd->waiting.n > 0 &&
		join_is_before(line->queue_id, time_us, &smtpd->began);
}

static void hear_client(struct observer *observer, struct smtpd_process *smtpd,
	int64_t time_us, const struct postfix_line *line)
{
	smtpd->client = observed_client_parse(line->client);
	if (line->queue_id.len == 0)
		return; /* a filter before the queue has it first */
	const bool is_of_before = is_late(smtpd, time_us, line);
	struct observed_list *waiting = is_of_before ? &smtpd->late
						     : &smtpd->waiting;

	if (!is_of_before) {
		hand_out_waiting(observer, &smtpd->late);
		if (smtpd->queue_id != NULL &&
			!slice_is(line->queue_id, smtpd->queue_id))
			leave(observer, smtpd, time_us);
		smtpd_process_set_queue_id(smtpd, line->queue_id);
	}
	move_waiting(waiting,
		transit_begin(observer->transit, slice_of(smtpd->host), line,
			time_us));
}

/* The message behind a filter is that of whoever handed it to the filter. */
static void hear_proxied(struct observer *observer, struct smtpd_process *smtpd,
	const struct postfix_line *line)
{
	const struct slice id = postfix_line_queued_as(line->said);
	struct transit_message *message =
		transit_find(observer->transit, slice_of(smtpd->host), id);

	if (message == NULL)
		return;
	transit_set_client(message, &smtpd->client);
	move_waiting(&smtpd->waiting, message);
}

static void hear_smtpd(struct observer *observer, int64_t time_us,
	const struct log_line *log, const struct postfix_line *line)
{
	struct smtpd_process *smtpd =
		smtpd_process_get(&observer->map, log->host, log->pid);

	switch (line->event) {
	case POSTFIX_CLIENT: hear_client(observer, smtpd, time_us, line); break;
	case POSTFIX_PROXIED: hear_proxied(observer, smtpd, line); break;
	case POSTFIX_REJECT:
		if (line->for_recipient)
			hear_refusal(observer, smtpd, time_us, line);
		break;
	case POSTFIX_DISCONNECT: leave(observer, smtpd, time_us); break;
	case POSTFIX_HOLD:
	case POSTFIX_DISCARD:
	case POSTFIX_LOST:
	case POSTFIX_CLEANED:
	case POSTFIX_QUEUED:
	case POSTFIX_EXPIRED:
	case POSTFIX_REMOVED:
	case POSTFIX_DELETED:
	case POSTFIX_REQUEUED:
	case POSTFIX_ATTEMPT: break;
	}
}

void observer_line(
	struct observer *observer, int64_t time_us, const struct log_line *line)
{
	struct postfix_line said;

	if (!postfix_line_parse(&said, line))
		return;
	if (slice_is(log_line_service(line), "smtpd"))
		hear_smtpd(observer, time_us, line, &said);
	else if (said.queue_id.len > 0)
		transit_hear(observer->transit, time_us, line, &said);
}

void observer_finish(struct observer *observer)
{
	struct smtpd_process *smtpd;
	size_t at = 0;

	while ((smtpd = smtpd_process_any(&observer->map, &at)) != NULL) {
		hand_out_alone(observer, &smtpd->refused);
		hand_out_waiting(observer, &smtpd->late);
		hand_out_waiting(observer, &smtpd->waiting);
		smtpd_process_forget(&observer->map, smtpd);
	}
	transit_end_all(observer->transit);
}
