/*
 * Every line passes the clock, because years are told by the order of lines;
 * and all are observed, whatever the times asked for, since a delivery goes
 * back to what was said long before.
 */
#include "changes/replay.h"

#include "base/arena.h"
#include "base/memory.h"
#include "changes/observer.h"
#include "changes/replay_tally.h"
#include "verdicts/log_reader.h"
#include "verdicts/record.h"

#include <stdlib.h>

enum { PROGRESS_LINES = 1 << 16 };

struct replay {
	struct replay_asked asked;
	struct observer *observer;
	struct replay_tally *tally;
	struct replay_result *result;
	struct arena *request;
	struct record record; /* of the line at hand */
};

static void take(
	void *context, const struct observed *observed, unsigned long message)
{
	struct replay *replay = context;
	const struct replay_asked *asked = &replay->asked;
	struct replay_difference difference;

	if (observed->time_us < asked->since_us ||
		observed->time_us >= asked->until_us)
		return;
	replay->result->other_refusals += observed->says_nothing;
	replay->result->cut += observed->is_cut;
	if (observed->says_nothing || observed->is_cut)
		return;
	arena_reset(replay->request);
	replay_compare(&difference, observed, &asked->views, replay->request);
	replay_tally_add(replay->tally, observed, message, &difference);
}

struct replay *replay_open(const struct replay_asked *asked)
{
	struct replay *replay = memory_must(calloc(1, sizeof *replay));
	const struct observed_sink sink = { take, replay };

	replay->asked = *asked;
	replay->observer = observer_open(&sink);
	replay->tally = replay_tally_open();
	replay->result = replay_tally_result(replay->tally);
	replay->request = arena_open();
	return replay;
}

void replay_close(struct replay **replay)
{
	if (*replay == NULL)
		return;
	observer_close(&(*replay)->observer);
	replay_tally_close(&(*replay)->tally);
	arena_close(&(*replay)->request);
	free(*replay);
	*replay = NULL;
}

static void take_verdict(struct replay *replay, struct record *record)
{
	if (!verdict_parse(&record->verdict, record->log.message) ||
		!observer_verdict(replay->observer, record))
		replay->result->damaged++;
}

static void take_line(
	struct replay *replay, struct log_clock *clock, struct slice line)
{
	struct record *record = &replay->record;

	record->line = line;
	replay->result->lines++;
	if (!log_line_parse(&record->log, line) ||
		!log_clock_read(clock, record->log.stamp, &record->time_us))
		/* journalctl(1) writes "-- Boot 3f2a... --" */
		replay->result->headless += !slice_starts(line, "-- ");
	else if (slice_is(log_line_service(&record->log), "policyd") &&
		verdict_begins(record->log.message))
		take_verdict(replay, record);
	else
		observer_line(replay->observer, record->time_us, &record->log);
}

static void show_progress(
	const struct replay *replay, const struct replay_hooks *hooks)
{
	if (replay->result->lines % PROGRESS_LINES == 0)
		hooks->progress(hooks->context, replay->result->lines);
}

bool replay_read(struct replay *replay, struct log_reader *reader,
	const struct replay_hooks *hooks)
{
	bool is_whole = true;
	struct err err = { 0 };

	for (;;) {
		struct slice line;

		switch (log_reader_next(reader, &line, &err)) {
		case LOG_READ_LINE:
			take_line(replay, log_reader_clock(reader), line);
			show_progress(replay, hooks);
			break;
		case LOG_READ_QUIET: break;
		case LOG_READ_DAMAGED:
			is_whole = false;
			hooks->say(hooks->context, err.text);
			break;
		case LOG_READ_WARNING:
			hooks->say(hooks->context, err.text);
			break;
		case LOG_READ_END:
			replay->result->too_long = log_reader_too_long(reader);
			return is_whole;
		}
	}
}

const struct replay_result *replay_finish(struct replay *replay)
{
	observer_finish(replay->observer);
	replay_tally_finish(replay->tally);
	return replay->result;
}
