/*
 * diff: what is not named is what is in force and what would be next.  An
 * older generation is compared as it would answer now: with the recipients
 * and routes of its time and the directories as fresh as they are today.
 */
#include "transport-map-gen/commands.h"

#include "transport-map-gen/diff_report.h"
#include "transport-map-gen/named_generation.h"

#include <string.h>
#include <sysexits.h>

/* What candidates have to say of themselves stays said. */
static int join(int first, int second)
{
	return first == EX_OK ? second : first;
}

/* A candidate before anything is published is compared with nothing. */
static bool is_first(
	const char *from, const char *to, const struct options *options)
{
	return strcmp(from, "current") == 0 && strcmp(to, "candidate") == 0 &&
		!named_generation_is_published(options);
}

int command_diff(const struct options *options)
{
	const char *from = options->n_arguments > 0 ? options->arguments[0]
						    : "current";
	const char *to = options->n_arguments > 1 ? options->arguments[1]
		: options->n_arguments > 0        ? "current"
						  : "candidate";
	struct named_generation before = { .generation = NULL };
	struct named_generation after = { .generation = NULL };
	const bool has_before = !is_first(from, to, options);
	int status = has_before ? named_generation_open(&before, from, options)
				: EX_OK;

	if (before.generation != NULL || !has_before)
		status = join(
			status, named_generation_open(&after, to, options));
	if (after.generation != NULL) {
		const int reported = diff_report(&before, &after, options);

		status = reported == EX_OK ? status : reported;
	}
	named_generation_close(&after);
	named_generation_close(&before);
	return status;
}
