/*
 * <state>/inputs: what the last complete build was made of, as one digest,
 * and what it said of the recipients.  Where all is the same the next build
 * makes nothing anew and says the same.
 *
 * It is a memory, not a promise: whatever is missing, old, damaged or not
 * understood only makes the next build a full one.
 */
#ifndef SNAPSHOT_INPUTS_H
#define SNAPSHOT_INPUTS_H

#include "base/faults.h"

#include <time.h>

struct arena;

struct inputs {
	const char *digest; /* of all that counts, hexadecimal */
	time_t made; /* when the build began */
	time_t due; /* from then on it is another build; 0 = never */
	unsigned long n_conflicts;
	/* What the proofs of recipients said; no errors among it. */
	const struct fault *faults;
	size_t n_faults;
};

/* By rename; call it last, when all else of the build is on disk. */
bool inputs_write(
	const struct inputs *inputs, const char *state, struct err *err);
/*
 * False where there is nothing that can be used; that is no fault to be
 * told.  All texts live in the arena.
 */
bool inputs_read(struct inputs *out, const char *state, struct arena *arena);

#endif
