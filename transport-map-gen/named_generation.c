/*
 * "current" is read once: what is published meanwhile changes nothing of
 * what was opened.
 */
#include "transport-map-gen/named_generation.h"

#include "base/arena.h"
#include "base/text.h"
#include "snapshot/files.h"
#include "transport-map-gen/candidate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static int fail(int status, const struct err *err)
{
	fprintf(stderr, "transport-map-gen: error: %s\n", err->text);
	return status;
}

static bool exists(
	const struct options *options, const char *folder, const char *name)
{
	struct arena *arena = arena_open();
	const char *path =
		arena_printf(arena, "%s/%s%s", options->state, folder, name);
	const bool is_there = access(path, F_OK) == 0 || errno != ENOENT;

	arena_close(&arena);
	return is_there;
}

bool named_generation_is_published(const struct options *options)
{
	return exists(options, "", FILES_CURRENT);
}

/* False, and why there is none; true: there is one, as far as names go. */
static bool check_name(
	const char *name, const struct options *options, struct err *err)
{
	unsigned long number;

	if (strcmp(name, "current") == 0)
		return named_generation_is_published(options) ||
			err_set(err, "%s: no generation is published",
				options->state);
	if (!text_to_ulong(&number, name) || *name == '0')
		return err_set(err,
			"%s is no generation: that is a number, \"current\" "
			"or \"candidate\"",
			name);
	return exists(options, FILES_GENERATIONS "/", name) ||
		err_set(err,
			"generation %s is not kept: list shows those that are",
			name);
}

static int open_kept(struct named_generation *out, const char *name,
	const struct options *options)
{
	unsigned long number = 0;
	struct err err = { 0 };

	if (!check_name(name, options, &err))
		return fail(EX_USAGE, &err);
	out->opened = text_to_ulong(&number, name)
		? generation_open_number(options->state, number, &err)
		: generation_open(options->state, &err);
	out->generation = out->opened;
	if (out->opened == NULL)
		return fail(EX_IOERR, &err);
	if (!generation_refresh(out->opened, &err) && !options->is_quiet)
		fprintf(stderr,
			"transport-map-gen: %s; every directory counts as "
			"never loaded\n",
			err.text);
	return EX_OK;
}

int named_generation_open(struct named_generation *out, const char *name,
	const struct options *options)
{
	int status;

	*out = (struct named_generation){ 0 };
	if (strcmp(name, "candidate") != 0)
		return open_kept(out, name, options);
	out->candidate = candidate_open(options, &status);
	if (out->candidate != NULL)
		out->generation = candidate_generation(out->candidate);
	return status;
}

void named_generation_close(struct named_generation *named)
{
	generation_close(&named->opened);
	candidate_close(&named->candidate);
	named->generation = NULL;
}

time_t named_generation_time(const struct named_generation *named)
{
	return named->candidate == NULL
		? time(NULL)
		: candidate_gathered(named->candidate)->now;
}
