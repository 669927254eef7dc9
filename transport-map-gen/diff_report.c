/* Compared although quiet: a map that is corrupt is an error. */
#include "transport-map-gen/diff_report.h"

#include "changes/diff.h"
#include "changes/diff_json.h"
#include "changes/diff_text.h"
#include "transport-map-gen/named_generation.h"
#include "transport-map-gen/progress.h"
#include "verdicts/stream.h"

#include <stdio.h>
#include <sysexits.h>

static int fail(const struct err *err)
{
	fprintf(stderr, "transport-map-gen: error: %s\n", err->text);
	return EX_IOERR;
}

static int print(const struct diff *diff, const struct diff_heading *heading,
	const struct options *options)
{
	struct err err = { 0 };

	if (options->as_json)
		diff_print_json(diff, heading, stdout);
	else
		diff_print_text(diff, heading, stdout);
	return stream_finish(stdout, &err) ? EX_OK : fail(&err);
}

int diff_report(const struct named_generation *before,
	const struct named_generation *after, const struct options *options)
{
	const struct diff_heading heading = {
		.has_from = before->generation != NULL,
		.from = before->generation == NULL
			? 0
			: generation_number(before->generation),
		.to = generation_number(after->generation),
		.limit = options->as_json && !options->has_limit
			? 0
			: options->limit,
	};
	struct err err = { 0 };
	const time_t now = named_generation_time(
		before->candidate == NULL ? after : before);

	progress(options, "comparing");
	struct diff *diff =
		diff_open(before->generation, after->generation, now, &err);

	progress(options, "%s", "");
	if (diff == NULL)
		return fail(&err);
	const bool is_told = options->as_json || !options->is_quiet;
	const int status = is_told ? print(diff, &heading, options) : EX_OK;

	diff_close(&diff);
	return status;
}
