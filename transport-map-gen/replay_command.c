/*
 * replay: the rehearsal of a change on the mail of a log.  The log is looked
 * for before a candidate is compiled: who names a file that is not there
 * should not wait for directories first.
 */
#include "changes/replay.h"

#include "changes/replay_json.h"
#include "changes/replay_text.h"
#include "transport-map-gen/commands.h"
#include "transport-map-gen/named_generation.h"
#include "transport-map-gen/progress.h"
#include "verdicts/log_reader.h"
#include "verdicts/stream.h"
#include "verdicts/when.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* Caller's storage; start with { 0 }. */
struct rehearsal {
	const struct options *options;
	int64_t since_us, until_us;
	struct log_reader *reader;
	struct named_generation against, published;
};

static int fail(int status, const struct err *err)
{
	fprintf(stderr, "transport-map-gen: error: %s\n", err->text);
	return status;
}

static bool take_time(
	int64_t *out, const char *option, const char *text, struct err *err)
{
	struct err why = { 0 };

	return text == NULL || when_parse(out, text, time(NULL), &why) ||
		err_set(err, "%s: %s", option, why.text);
}

static bool take_times(struct rehearsal *rehearsal, struct err *err)
{
	const struct options *options = rehearsal->options;

	rehearsal->since_us = INT64_MIN;
	rehearsal->until_us = INT64_MAX;
	if (!take_time(&rehearsal->since_us, "--since", options->since, err) ||
		!take_time(
			&rehearsal->until_us, "--until", options->until, err))
		return false;
	return rehearsal->since_us < rehearsal->until_us ||
		err_set(err,
			"--since is not before --until: nothing lies between");
}

static struct log_reader *open_log(
	const struct rehearsal *rehearsal, struct err *err)
{
	enum { SECOND_US = 1000000 };
	const struct options *options = rehearsal->options;
	const struct log_sources sources = {
		.files = options->arguments,
		.n_files = options->n_arguments,
		.journal = options->journal,
		.journal_folder = options->journal_folder,
		.since = rehearsal->since_us == INT64_MIN
			? 0
			: rehearsal->since_us / SECOND_US,
		.first_year = options->year,
	};

	return log_reader_open(&sources, err);
}

static void say(void *context, const char *text)
{
	const struct options *options = context;

	progress(options, "%s", "");
	fprintf(stderr, "transport-map-gen: %s\n", text);
}

static void show_progress(void *context, unsigned long lines)
{
	progress(context, "%lu lines read", lines);
}

static int print(const struct rehearsal *rehearsal, struct replay *replay)
{
	const struct options *options = rehearsal->options;
	const struct generation *published = rehearsal->published.generation;
	const struct replay_heading heading = {
		.against = generation_number(rehearsal->against.generation),
		.published = published == NULL ? 0
					       : generation_number(published),
		.limit = options->as_json && !options->has_limit
			? 0
			: options->limit,
	};
	const struct replay_result *result = replay_finish(replay);
	struct err err = { 0 };

	progress(options, "%s", "");
	if (options->as_json)
		replay_print_json(result, &heading, stdout);
	else if (!options->is_quiet)
		replay_print_text(result, &heading, stdout);
	return stream_finish(stdout, &err) ? EX_OK : fail(EX_IOERR, &err);
}

static int rehearse(struct rehearsal *rehearsal)
{
	const struct generation *published = rehearsal->published.generation;
	const struct replay_asked asked = {
		.views = { .against = generation_view(
				   rehearsal->against.generation),
			.published = published == NULL
				? NULL
				: generation_view(published),
			.now = named_generation_time(&rehearsal->against) },
		.since_us = rehearsal->since_us,
		.until_us = rehearsal->until_us,
	};
	const struct replay_hooks hooks = {
		.say = say,
		.progress = show_progress,
		.context = (void *)rehearsal->options,
	};
	struct replay *replay = replay_open(&asked);
	const bool is_whole = replay_read(replay, rehearsal->reader, &hooks);
	int status = print(rehearsal, replay);

	if (status == EX_OK && !is_whole)
		status = EX_NOINPUT;
	replay_close(&replay);
	return status;
}

/* What is in force serves the comparison, where there is something. */
static int open_generations(struct rehearsal *rehearsal)
{
	const struct options *options = rehearsal->options;
	const char *against = options->against == NULL ? "candidate"
						       : options->against;
	const int status =
		named_generation_open(&rehearsal->against, against, options);

	if (rehearsal->against.generation == NULL ||
		!named_generation_is_published(options))
		return status;
	const int other = named_generation_open(
		&rehearsal->published, "current", options);

	return other == EX_OK ? status : other;
}

static int replay_log(struct rehearsal *rehearsal)
{
	const int status = open_generations(rehearsal);

	if (rehearsal->against.generation == NULL ||
		(status != EX_OK && status != EX_TEMPFAIL))
		return status;
	const int replayed = rehearse(rehearsal);

	return replayed == EX_OK ? status : replayed;
}

int command_replay(const struct options *options)
{
	struct rehearsal rehearsal = { .options = options };
	struct err err = { 0 };

	if (!take_times(&rehearsal, &err))
		return fail(EX_USAGE, &err);
	rehearsal.reader = open_log(&rehearsal, &err);
	if (rehearsal.reader == NULL)
		return fail(EX_NOINPUT, &err);
	const int status = replay_log(&rehearsal);

	named_generation_close(&rehearsal.published);
	named_generation_close(&rehearsal.against);
	log_reader_close(&rehearsal.reader);
	return status;
}
