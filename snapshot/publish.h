/*
 * Publishing: routes first, recipients 12 seconds later, so that nothing
 * is accepted before its route is in force.  Running Postfix processes look
 * only at the mtime and link count of the files they hold open: what is
 * retired gets a new mtime, and again two seconds later.
 */
#ifndef SNAPSHOT_PUBLISH_H
#define SNAPSHOT_PUBLISH_H

#include "snapshot/manifest.h"
#include "snapshot/state.h"

enum published {
	PUBLISHED_NOTHING, /* equal to what is published */
	PUBLISHED_ALL,
	PUBLISHED_ROUTES, /* recipients are due at the next run */
};

struct publish_options {
	bool no_wait; /* leave the second step to the next run */
	bool reload; /* "postfix reload" after each step, no waiting */
	unsigned keep; /* generations, besides those that links lead to */
};

/*
 * Second step of a run that was killed or told not to wait, if one is due;
 * waits for what is left of the 12 seconds unless no_wait.
 */
bool publish_finish(struct state *state, const struct publish_options *options,
	enum published *out, struct err *err);

/*
 * Publishes the maps that lie in folder (from state_new_folder) as the next
 * generation.  The caller fills the manifest's configuration and
 * directories; the rest is measured here, and written beside the maps.
 * Afterwards manifest->generation is its number, or the published one's
 * where all files are equal to those (then nothing is published, and the
 * folder is gone).
 */
bool publish(struct state *state, const char *folder, struct manifest *manifest,
	const struct publish_options *options, enum published *out,
	struct err *err);

#endif
