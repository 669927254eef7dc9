/*
 * Hash -> number, for those who keep things by number and find them by text:
 * open addressing over cells that hold the hash beside the number, so that a
 * text is looked at only where all of its hash agrees.
 *
 * Nothing may depend on the order of hashes: see base/hash.h.
 */
#ifndef BASE_SLOTS_H
#define BASE_SLOTS_H

#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slots {
	uint64_t *cells; /* hash, then 1 + number; 0 = free */
	size_t n_cells; /* 0 or a power of two */
	size_t count;
	unsigned shift; /* from a hash to its cell */
	struct hash_secret secret;
};

/* A walk over the numbers of one hash. */
struct slots_walk {
	uint32_t hash;
	size_t at;
};

void slots_init(struct slots *slots);
void slots_fini(struct slots *slots);
/* Makes room for count more at once. */
void slots_reserve(struct slots *slots, size_t count);
uint32_t slots_hash(const struct slots *slots, const char *bytes, size_t len);
/* number < UINT32_MAX; the same hash may have several. */
void slots_put(struct slots *slots, uint32_t hash, uint32_t number);

/* Fetches the cells of a hash that is looked up a little later. */
static inline void slots_prefetch(const struct slots *slots, uint32_t hash)
{
	if (slots->n_cells != 0)
		__builtin_prefetch(&slots->cells[hash >> slots->shift]);
}

static inline struct slots_walk slots_walk(
	const struct slots *slots, uint32_t hash)
{
	return (struct slots_walk){ hash,
		slots->n_cells == 0 ? 0 : hash >> slots->shift };
}

/* False: there is none, or no more. */
static inline bool slots_next(
	const struct slots *slots, struct slots_walk *walk, uint32_t *number)
{
	if (slots->n_cells == 0)
		return false;
	for (;;) {
		const uint64_t cell = slots->cells[walk->at];

		if (cell == 0)
			return false;
		walk->at = (walk->at + 1) & (slots->n_cells - 1);
		if ((uint32_t)(cell >> 32) == walk->hash) {
			*number = (uint32_t)cell - 1;
			return true;
		}
	}
}

#endif
