/* The configuration and all that its directories list, read and proven. */
#ifndef TRANSPORT_MAP_GEN_GATHER_H
#define TRANSPORT_MAP_GEN_GATHER_H

#include "base/faults.h"
#include "directory/load.h"
#include "namespace/model.h"
#include "snapshot/freshness.h"
#include "transport-map-gen/options.h"

struct state;

struct gathered {
	struct arena *arena;
	struct faults *faults;
	struct namespace *ns;
	struct recipients *recipients;
	struct load *loads; /* of each of ns->directories */
	struct freshness *freshness; /* of each of ns->directories */
	time_t *loaded; /* the same times, as the model wants */
	struct model *model; /* NULL until all names resolve, or, for a picture,
			       where nothing usable was read */
	bool has_loads; /* the directories were come to */
	/* By gather_changes(): no recipients, no model, all else as it is. */
	bool is_unchanged;
	size_t n_conflicts;
	/* What the proofs of recipients said, among the faults. */
	size_t first_proof, n_proofs;
	time_t now;
};

enum gather_depth {
	GATHER_NAMESPACE, /* read and prove it, ask nobody, Postfix neither */
	GATHER_CONFIGURATION, /* the same, and ask Postfix; no directory */
	GATHER_COPIES, /* what the last-good copies say; ask no directory */
	GATHER_PICTURE, /* the same, and a model in spite of errors */
	GATHER_DRY, /* read directories, keep nothing of it */
	GATHER_ALL, /* read directories into last-good copies */
};

/* True when there are no errors among the faults. */
bool gather(struct gathered *out, const struct options *options,
	enum gather_depth depth);
/*
 * GATHER_ALL for a build into that state.  Where all is as it was at the last
 * complete build (unchanged.h), out->is_unchanged, and the faults are those
 * that a whole one would find.
 */
bool gather_changes(struct gathered *out, const struct options *options,
	const struct state *state);
void gathered_fini(struct gathered *gathered);

/*
 * The faults to stderr, "file:line: error: ...", in order of files and lines;
 * advice only where it is wanted, warnings always.
 */
void gathered_report(const struct gathered *gathered, bool with_advice);

#endif
