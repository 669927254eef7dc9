/*
 * A small site that is published: what policyd opens, below TMPDIR, /dev/shm
 * or /tmp.  It has somebody in each kind of domain.
 */
#ifndef TESTS_FUZZ_WORLD_H
#define TESTS_FUZZ_WORLD_H

#include "base/arena.h"

#include <time.h>

enum { WORLD_NOW = 1700000000 };

struct world {
	struct arena *arena;
	const char *state; /* the state folder */
	const char *generation; /* the folder of its one generation */
};

/* Ends the process where it can not be made: nothing could be shown. */
void world_open(struct world *world);
/* Removes its files. */
void world_close(struct world *world);

#endif
