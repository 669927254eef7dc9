/*
 * <state>/hold: a rollback holds, so that the next build does not publish
 * again what was just undone.  One line, "GENERATION EPOCH USER".
 */
#ifndef SNAPSHOT_HOLD_H
#define SNAPSHOT_HOLD_H

#include "base/err.h"
#include "namespace/lookup.h"

#include <time.h>

struct arena;

struct hold {
	unsigned long generation; /* whose content stands */
	time_t since;
	const char *by; /* a user's name */
};

bool hold_write(const struct hold *hold, const char *state, struct err *err);
/*
 * NONE: nothing is held.  FAILED: it can not be told, for the file can not be
 * looked at or understood, so nothing may be published; *out is not filled.
 * The name lives in the arena.
 */
enum lookup hold_read(struct hold *out, const char *state, struct arena *arena,
	struct err *err);
/* False too where nothing is held. */
bool hold_remove(const char *state, struct err *err);

#endif
