/* Removes old generations. */
#ifndef SNAPSHOT_PUBLISH_PRUNE_H
#define SNAPSHOT_PUBLISH_PRUNE_H

#include "base/err.h"

struct state;

/*
 * Keeps the newest ones, at least one, and those that links lead to or that
 * has the number open, the last one that was published in whatever part.
 */
bool publish_prune(const struct state *state, unsigned keep, unsigned long open,
	struct err *err);

#endif
