/*
 * The upper bits of a hash are its cell, so that growing takes the cells in
 * their order to places in the same order, and needs no text for it.
 *
 * The hash multiplies eight bytes with eight others to 128 bits and folds
 * them, as wyhash does; whatever is multiplied was mixed with a secret first,
 * so that nobody can choose a factor of 0.
 */
#include "base/slots.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

enum {
	CELLS_MIN = 16,
	CELLS_LARGE = 128 * 1024, /* from here on memory of their own */
	HASH_BITS = 32,
};

__extension__ typedef unsigned __int128 wide;

static uint64_t mix(uint64_t a, uint64_t b)
{
	const wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load8(const char *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof value);
	return value;
}

static uint64_t load4(const char *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof value);
	return value;
}

/* At most 8 bytes; those of a longer text are told apart by its length. */
static uint64_t load_short(const char *bytes, size_t len)
{
	uint64_t value = 0;

	if (len >= 4)
		return load4(bytes) << 32 | load4(bytes + len - 4);
	for (size_t i = 0; i < len; i++)
		value = value << 8 | (unsigned char)bytes[i];
	return value;
}

uint32_t slots_hash(const struct slots *slots, const char *bytes, size_t len)
{
	const uint64_t *secret = slots->secret;
	uint64_t hash = secret[0] ^ len;

	for (; len > 16; bytes += 16, len -= 16)
		hash = mix(load8(bytes) ^ secret[1], load8(bytes + 8) ^ hash);
	if (len > 8)
		hash = mix(load8(bytes) ^ secret[1],
			load8(bytes + len - 8) ^ hash);
	else
		hash = mix(load_short(bytes, len) ^ secret[1], hash);
	hash = mix(hash ^ secret[0], secret[1]);
	return (uint32_t)(hash >> HASH_BITS);
}

/* AT_RANDOM: 16 bytes, others for each program that is started. */
void slots_init(struct slots *slots)
{
	const unsigned long address = getauxval(AT_RANDOM);
	const char *random;

	_Static_assert(sizeof random == sizeof address, "an address");
	memcpy(&random, &address, sizeof random);
	*slots = (struct slots){ .secret = { 0x9e3779b97f4a7c15U,
					 0xc2b2ae3d27d4eb4fU } };
	if (random == NULL)
		return;
	slots->secret[0] =
		mix(slots->secret[0] ^ load8(random), slots->secret[1]);
	slots->secret[1] =
		mix(slots->secret[1] ^ load8(random + 8), slots->secret[0]);
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
