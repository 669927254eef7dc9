/*
 * A mail log, as verdicts and replay read it: each line by itself, in a block
 * that ends where it does, the time of each, and what becomes of its
 * recipients.
 */
#include "tests/fuzz/target.h"

#include "base/arena.h"
#include "base/text.h"
#include "changes/observer.h"
#include "namespace/fold.h"
#include "verdicts/delivery.h"
#include "verdicts/log_clock.h"
#include "verdicts/postfix_line.h"
#include "verdicts/shown.h"
#include "verdicts/transaction.h"

#include <assert.h>
#include <stdlib.h>

enum {
	LINE,
	TIME,
	VERDICT,
	POSTFIX,
	TRANSACTION,
	OBSERVED,
	DELIVERED,
	FATE,
	LINES_MAX = 64
};
enum { WRITTEN = 1763717103 }; /* 2025-11-21 */

const char *target_goal(size_t goal)
{
	static const char *const goals[] = {
		[LINE] = "a line of a log",
		[TIME] = "a time",
		[VERDICT] = "a verdict",
		[POSTFIX] = "a line of Postfix's",
		[TRANSACTION] = "a transaction of smtpd's",
		[OBSERVED] = "a recipient that a verdict speaks of",
		[DELIVERED] = "a recipient that a delivery speaks of",
		[FATE] = "a verdict that was joined to its delivery",
		NULL,
	};

	return goals[goal];
}

/* The lines stay where they are until the end: records point to them. */
struct reading {
	char *lines[LINES_MAX];
	size_t n_lines;
	struct log_clock clock;
	struct observer *observer;
	struct delivery *delivery;
	struct arena *arena;
};

static void check_piece(struct slice piece, struct slice line)
{
	assert(piece.bytes != NULL);
	assert(piece.len == 0 ||
		(piece.bytes >= line.bytes &&
			piece.bytes + piece.len <= line.bytes + line.len));
}

/* Wherever it is: a sanitizer sees what is not there. */
static void read_piece(struct slice piece)
{
	assert(piece.bytes != NULL);
	free(input_copy(piece));
}

static void take_observed(
	void *context, const struct observed *observed, unsigned long message)
{
	(void)context;
	(void)message;
	assert(observed->recipient != NULL);
	assert(observed->recipient[observed->len] == '\0');
	verdict_format(observed->verdict);
	goals_reach(
		observed->source == OBSERVED_VERDICT ? OBSERVED : DELIVERED);
}

/* What tables and terminals get has no control character in it. */
static void check_values(const struct verdict_line *verdict, struct slice line,
	struct arena *arena)
{
	struct text value, shown;

	text_init(&value);
	text_init(&shown);
	for (int i = 0; i < VERDICT_FIELDS; i++) {
		const enum verdict_field field = (enum verdict_field)i;

		/* The one that may be absent is then a "-" of nobody's. */
		if (field != FIELD_SHADOW)
			check_piece(verdict->written[field], line);
		assert(verdict_field_name(field)[0] != '\0');
		text_clear(&value);
		verdict_value(&value, verdict, field);
		assert(verdict_has(verdict, field) || value.len == 0);
		shown_add(&shown, field, verdict->written[field]);
	}
	for (size_t i = 0; i < shown.len; i++)
		assert((unsigned char)shown.data[i] >= ' ');
	assert(shown.len > 0 && fold(shown.data, shown.len, arena) != NULL);
	text_fini(&value);
	text_fini(&shown);
}

static void take_verdict(struct reading *reading, struct record *record)
{
	struct transaction transaction;

	if (!verdict_parse(&record->verdict, record->log.message))
		return;
	goals_reach(VERDICT);
	check_values(&record->verdict, record->line, reading->arena);
	if (transaction_of(&transaction, &record->verdict))
		goals_reach(TRANSACTION);
	observer_verdict(reading->observer, record);
	delivery_verdict(reading->delivery, record, true);
}

static void check_postfix(const struct log_line *log)
{
	struct postfix_line postfix;

	if (!postfix_line_parse(&postfix, log))
		return;
	goals_reach(POSTFIX);
	const struct slice pieces[] = { postfix.queue_id, postfix.orig_id,
		postfix.client, postfix.to, postfix.orig_to, postfix.relay,
		postfix.dsn, postfix.status, postfix.said,
		postfix_line_queued_as(postfix.said),
		postfix_line_instance(log) };

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		read_piece(pieces[i]);
}

static void take_line(struct reading *reading, struct slice line)
{
	struct record record = { .line = line };
	struct log_line *log = &record.log;

	if (!log_line_parse(log, line))
		return;
	goals_reach(LINE);
	const struct slice pieces[] = { log->stamp, log->host, log->program,
		log->message, log_line_service(log) };

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		check_piece(pieces[i], line);
	if (!log_clock_read(&reading->clock, log->stamp, &record.time_us))
		return;
	goals_reach(TIME);
	if (verdict_begins(log->message)) {
		take_verdict(reading, &record);
		return;
	}
	check_postfix(log);
	observer_line(reading->observer, record.time_us, log);
	delivery_line(reading->delivery, record.time_us, log);
}

static void finish(struct reading *reading)
{
	const size_t count = delivery_count(reading->delivery);

	observer_finish(reading->observer);
	for (size_t i = 0; i < count; i++) {
		const struct record *record =
			delivery_record(reading->delivery, i);

		assert(record != NULL);
		for (size_t k = 0; k < record->n_fates; k++) {
			assert(record->fates[k].status != NULL);
			assert(record->fates[k].to != NULL);
			goals_reach(FATE);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = { (const char *)data, size };
	const struct observed_sink sink = { take_observed, NULL };
	struct reading reading = { .observer = observer_open(&sink),
		.delivery = delivery_open(),
		.arena = arena_open() };

	setenv("TZ", "UTC", 1);
	log_clock_init(&reading.clock, WRITTEN, 0);
	while (input.len > 0 && reading.n_lines < LINES_MAX) {
		const struct slice line = input_until(&input, '\n');
		char *copy = input_copy(line);

		reading.lines[reading.n_lines++] = copy;
		take_line(&reading, (struct slice){ copy, line.len });
	}
	finish(&reading);
	observer_close(&reading.observer);
	delivery_close(&reading.delivery);
	while (reading.n_lines > 0)
		free(reading.lines[--reading.n_lines]);
	arena_close(&reading.arena);
	return 0;
}
