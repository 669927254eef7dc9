/*
 * A folder as build writes it, for whatever compares generations: so a
 * candidate is asked in the same way as what is published.  What is
 * published is looked at by its links alone, without the lock: a run that
 * publishes meanwhile is not waited for.
 */
#include "transport-map-gen/candidate.h"

#include "base/arena.h"
#include "base/memory.h"
#include "snapshot/files.h"
#include "transport-map-gen/compile.h"
#include "transport-map-gen/guard.h"
#include "transport-map-gen/load_report.h"
#include "transport-map-gen/progress.h"
#include "transport-map-gen/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct candidate {
	struct gathered gathered;
	struct scratch *scratch;
	struct generation *generation;
};

/* A link of the state folder, where it leads anywhere. */
static const char *link_of(
	const struct candidate *candidate, const char *state, const char *name)
{
	const char *path =
		arena_printf(candidate->gathered.arena, "%s/%s", state, name);

	return access(path, F_OK) == 0 ? path : NULL;
}

static bool compile(struct candidate *candidate, const struct options *options,
	struct err *err)
{
	const struct gathered *g = &candidate->gathered;
	const struct compile_before before = {
		.routes = link_of(candidate, options->state, FILES_ROUTES),
		.current = link_of(candidate, options->state, FILES_CURRENT),
		.linger_s = g->ns->linger_s,
	};
	const char *folder = scratch_folder(candidate->scratch);

	progress(options, "writing maps");
	if (!compile_maps(g, &before, folder, err))
		return false;
	candidate->generation = generation_open_folder(folder, err);
	if (candidate->generation == NULL)
		return false;
	generation_set_loaded(
		candidate->generation, g->freshness, g->ns->n_directories);
	progress(options, "%s", "");
	return true;
}

static int fail(int status, const struct err *err)
{
	fprintf(stderr, "transport-map-gen: error: %s\n", err->text);
	return status;
}

/* As build does it, up to the maps. */
static int open_checked(
	struct candidate *candidate, const struct options *options)
{
	struct gathered *g = &candidate->gathered;
	const bool is_sound = gather(g, options, GATHER_DRY);
	struct err err = { 0 };

	gathered_report(g, !options->is_quiet);
	const int loads = g->model == NULL ? EX_OK : load_report(g);

	if (!is_sound)
		return EX_CONFIG;
	if (loads == EX_DATAERR)
		return loads;
	if (!guard_check(g, options,
		    link_of(candidate, options->state, FILES_CURRENT), &err))
		return fail(EX_DATAERR, &err);
	return compile(candidate, options, &err) ? loads : fail(EX_IOERR, &err);
}

struct candidate *candidate_open(const struct options *options, int *status)
{
	struct candidate *candidate = memory_must(calloc(1, sizeof *candidate));
	struct err err = { 0 };

	/* Before anything is read: a fork of little is a little one. */
	candidate->scratch = scratch_open(&err);
	*status = candidate->scratch == NULL ? fail(EX_IOERR, &err)
					     : open_checked(candidate, options);
	if (candidate->generation == NULL)
		candidate_close(&candidate);
	return candidate;
}

void candidate_close(struct candidate **candidate)
{
	if (*candidate == NULL)
		return;
	generation_close(&(*candidate)->generation);
	scratch_close(&(*candidate)->scratch);
	gathered_fini(&(*candidate)->gathered);
	free(*candidate);
	*candidate = NULL;
}

const struct gathered *candidate_gathered(const struct candidate *candidate)
{
	return &candidate->gathered;
}

const struct generation *candidate_generation(const struct candidate *candidate)
{
	return candidate->generation;
}
