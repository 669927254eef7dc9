/*
 * Texts are parted by the upper bits of their hashes, in their order, so that
 * all that may be the same stand together: some thousands, and the cells that
 * find them are few enough to stay near the processor.
 */
#include "directory/duplicates.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
	PART_MEAN = 4096, /* texts */
	BITS_MAX = 10, /* more parts are too many places to write to */
	HASH_BITS = 32,
};

struct item {
	uint32_t hash, number;
};

struct parting {
	const struct duplicates_of *of;
	unsigned bits;
	size_t ends[1 << BITS_MAX]; /* of each part */
	struct item *items; /* memory_map() */
	uint32_t *cells; /* 1 + place in the part; 0 = free */
	size_t n_cells; /* a power of two, of the largest part */
};

static size_t part_of(const struct parting *parting, uint32_t hash)
{
	return (size_t)((uint64_t)hash << parting->bits >> HASH_BITS);
}

/* Counts them, and then puts each part where the one before it ends. */
static void part(struct parting *parting)
{
	const struct duplicates_of *of = parting->of;
	size_t *ends = parting->ends;
	size_t largest = 0;
	size_t at = 0;

	for (size_t i = 0; i < of->count; i++)
		ends[part_of(parting, of->hashes[i])]++;
	for (size_t i = 0; i < (size_t)1 << parting->bits; i++) {
		const size_t size = ends[i];

		largest = size > largest ? size : largest;
		ends[i] = at;
		at += size;
	}
	for (size_t i = 0; i < of->count; i++) {
		const uint32_t hash = of->hashes[i];

		parting->items[ends[part_of(parting, hash)]++] =
			(struct item){ hash, (uint32_t)i };
	}
	for (parting->n_cells = 1; parting->n_cells < 2 * largest;)
		parting->n_cells *= 2;
}

static bool stood_before(const struct parting *parting,
	const struct item *items, const struct item *item, size_t *at)
{
	const struct duplicates_of *of = parting->of;
	const size_t mask = parting->n_cells - 1;

	for (*at = item->hash & mask; parting->cells[*at] != 0;
		*at = (*at + 1) & mask) {
		const struct item *other = &items[parting->cells[*at] - 1];

		if (other->hash == item->hash &&
			of->is_same(of->context, other->number, item->number))
			return true;
	}
	return false;
}

static void search(
	const struct parting *parting, const struct item *items, size_t count)
{
	const struct duplicates_of *of = parting->of;
	size_t at;

	memset(parting->cells, 0, parting->n_cells * sizeof *parting->cells);
	for (size_t i = 0; i < count; i++)
		if (stood_before(parting, items, &items[i], &at))
			of->found(of->context, items[i].number);
		else
			parting->cells[at] = (uint32_t)i + 1;
}

static unsigned bits_for(size_t count)
{
	unsigned bits = 0;

	while (bits < BITS_MAX && count >> bits > PART_MEAN)
		bits++;
	return bits;
}

void duplicates_find(const struct duplicates_of *of)
{
	struct parting parting = { .of = of, .bits = bits_for(of->count) };
	const size_t size = of->count * sizeof *parting.items;
	size_t begin = 0;

	parting.items = memory_map(size);
	part(&parting);
	parting.cells =
		memory_must(malloc(parting.n_cells * sizeof *parting.cells));
	for (size_t i = 0; i < (size_t)1 << parting.bits; i++) {
		search(&parting, parting.items + begin,
			parting.ends[i] - begin);
		begin = parting.ends[i];
	}
	free(parting.cells);
	memory_unmap(parting.items, size);
}
