/*
 * The upper bits of a hash are its cell, so that growing takes the cells in
 * their order to places in the same order, and needs no text for it.
 */
#include "base/slots.h"

#include "base/memory.h"

#include <stdlib.h>

enum {
	CELLS_MIN = 16,
	CELLS_LARGE = 128 * 1024, /* from here on memory of their own */
	HASH_BITS = 32,
};

uint32_t slots_hash(const struct slots *slots, const char *bytes, size_t len)
{
	return (uint32_t)(hash_bytes(&slots->secret, bytes, len) >> HASH_BITS);
}

void slots_init(struct slots *slots)
{
	*slots = (struct slots){ .secret = hash_secret() };
}

static uint64_t *cells_open(size_t count)
{
	return count < CELLS_LARGE
		? memory_must(calloc(count, sizeof(uint64_t)))
		: memory_map(count * sizeof(uint64_t));
}

static void cells_close(uint64_t *cells, size_t count)
{
	if (count < CELLS_LARGE)
		free(cells);
	else
		memory_unmap(cells, count * sizeof *cells);
}

void slots_fini(struct slots *slots)
{
	cells_close(slots->cells, slots->n_cells);
	slots->cells = NULL;
	slots->n_cells = slots->count = 0;
}

/* Into the first free cell from where the hash belongs. */
static void place(struct slots *slots, uint64_t cell)
{
	size_t at = (size_t)(cell >> HASH_BITS) >> slots->shift;

	while (slots->cells[at] != 0)
		at = (at + 1) & (slots->n_cells - 1);
	slots->cells[at] = cell;
}

static void resize(struct slots *slots, size_t n_cells)
{
	uint64_t *old = slots->cells;
	const size_t n_old = slots->n_cells;

	if (n_cells > (size_t)1 << HASH_BITS)
		memory_must(NULL);
	slots->cells = cells_open(n_cells);
	slots->n_cells = n_cells;
	slots->shift = HASH_BITS;
	for (size_t n = n_cells; n > 1; n /= 2)
		slots->shift--;
	for (size_t i = 0; i < n_old; i++)
		if (old[i] != 0)
			place(slots, old[i]);
	cells_close(old, n_old);
}

/* At most three of four are taken. */
void slots_reserve(struct slots *slots, size_t count)
{
	size_t n_cells = slots->n_cells == 0 ? CELLS_MIN : slots->n_cells;

	while (n_cells / 4 * 3 < slots->count + count)
		n_cells *= 2;
	if (n_cells != slots->n_cells)
		resize(slots, n_cells);
}

void slots_put(struct slots *slots, uint32_t hash, uint32_t number)
{
	slots_reserve(slots, 1);
	place(slots, (uint64_t)hash << HASH_BITS | (number + 1));
	slots->count++;
}
