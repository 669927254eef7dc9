/*
 * Publishing: routes first, recipients 12 seconds later, so that nothing
 * is accepted before its route is in force.  Running Postfix processes look
 * only at the mtime and link count of the files they hold open: what is
 * retired gets a new mtime, and again two seconds later.
 */
#ifndef SNAPSHOT_PUBLISH_H
#define SNAPSHOT_PUBLISH_H

#include "snapshot/manifest.h"
#include "snapshot/publish_clock.h"
#include "snapshot/state.h"

enum published {
	PUBLISHED_NOTHING, /* equal to what is published */
	PUBLISHED_ALL,
	PUBLISHED_ROUTES, /* recipients are due at the next run */
};

/*
 * no_wait leaves the second step to the next run; each step still takes the
 * two seconds until what it retired is touched again.
 */
struct publish_options {
	bool no_wait;
	bool reload; /* "postfix reload" after each step, no waiting */
	/*
	 * publish() gives up what an earlier run left open, so that its
	 * recipients never come into force, and publishes even what is equal:
	 * routes may stand that are another's.  What has come into force
	 * already is only retired as it should be.
	 */
	bool abandon;
	unsigned keep; /* newest generations; what links lead to stays too */
	const struct publish_clock *clock; /* NULL: the real one */
};

/* The generation whose publish an earlier run left open; 0 = none. */
bool publish_open_number(
	const struct state *state, unsigned long *out, struct err *err);

/*
 * Finishes what a run that was killed, or told not to wait, left open:
 * PUBLISHED_ALL, PUBLISHED_NOTHING where nothing was.  Waits for what is
 * left of the 12 seconds unless no_wait.
 *
 * Of this and of publish(): true with a text in *err means that it is
 * published, and what else went wrong ("postfix reload" failed, an old
 * generation could not be removed).
 */
bool publish_finish(struct state *state, const struct publish_options *options,
	enum published *out, struct err *err);

/* What is to be published, and what came of it. */
struct publication {
	const char *folder; /* from state_new_folder(), the maps in it */
	/* The configuration and directories filled; the rest is measured. */
	struct manifest manifest;
	enum published published;
};

/*
 * Publishes the folder as the next generation, with its manifest beside
 * the maps.  Afterwards manifest.generation is its number, or the published
 * one's where all files are equal to those (then nothing is published, and
 * the folder is gone).  What the manifest points to then lives as long as
 * the state.
 *
 * Begins with publish_finish(), but where it is to abandon.  False: what is
 * published stands, or the next run finishes it.
 */
bool publish(struct state *state, struct publication *publication,
	const struct publish_options *options, struct err *err);

#endif
