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
#include "snapshot/folder.h"
#include "transport-map-gen/compile.h"
#include "transport-map-gen/guard.h"
#include "transport-map-gen/load_report.h"
#include "transport-map-gen/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct candidate {
	struct gathered gathered;
	char *folder; /* NULL until it was made */
	struct generation *generation;
};

static bool make_folder(struct candidate *candidate, struct err *err)
{
	const char *parent = getenv("TMPDIR");
	char *folder = arena_printf(candidate->gathered.arena,
		"%s/postshare-candidate.XXXXXX",
		parent != NULL && *parent != '\0' ? parent : "/tmp");

	if (mkdtemp(folder) == NULL)
		return err_sys(err, "make a folder %s", folder);
	candidate->folder = folder;
	return true;
}

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

	progress(options, "writing maps");
	if (!make_folder(candidate, err) ||
		!compile_maps(g, &before, candidate->folder, err))
		return false;
	candidate->generation = generation_open_folder(candidate->folder, err);
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

	*status = open_checked(candidate, options);
	if (candidate->generation == NULL)
		candidate_close(&candidate);
	return candidate;
}

void candidate_close(struct candidate **candidate)
{
	if (*candidate == NULL)
		return;
	generation_close(&(*candidate)->generation);
	if ((*candidate)->folder != NULL)
		folder_remove((*candidate)->folder, NULL);
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
