/* An open table of which half at most is taken. */
#include "verdicts/report_counts.h"

#include "base/memory.h"

#include <stdlib.h>

enum { ROOM_FIRST = 1024 };

void report_counts_fini(struct report_counts *counts)
{
	free(counts->places);
	*counts = (struct report_counts){ 0 };
}

static struct report_count *place_of(
	const struct report_counts *counts, uint64_t key)
{
	size_t i = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 20);

	for (;; i++) {
		struct report_count *place =
			&counts->places[i & (counts->room - 1)];

		if (place->count == 0 || place->key == key)
			return place;
	}
}

static void resize(struct report_counts *counts, size_t room)
{
	const struct report_counts old = *counts;

	counts->places = memory_must(calloc(room, sizeof *counts->places));
	counts->room = room;
	for (size_t i = 0; i < old.room; i++)
		if (old.places[i].count > 0)
			*place_of(counts, old.places[i].key) = old.places[i];
	free(old.places);
}

void report_counts_add(
	struct report_counts *counts, uint64_t key, unsigned long count)
{
	if (2 * (counts->n + 1) > counts->room)
		resize(counts,
			counts->room == 0 ? ROOM_FIRST : 2 * counts->room);
	struct report_count *place = place_of(counts, key);

	counts->n += place->count == 0;
	place->key = key;
	place->count += count;
}

void report_counts_map(struct report_counts *counts,
	uint64_t (*map)(void *context, uint64_t key), void *context)
{
	struct report_counts mapped = { 0 };

	for (size_t i = 0; i < counts->room; i++)
		if (counts->places[i].count > 0)
			report_counts_add(&mapped,
				map(context, counts->places[i].key),
				counts->places[i].count);
	report_counts_fini(counts);
	*counts = mapped;
}

static int compare(const void *a, const void *b)
{
	const struct report_count *first = a, *second = b;

	return first->key < second->key ? -1 : first->key > second->key;
}

struct report_count *report_counts_sorted(const struct report_counts *counts)
{
	struct report_count *list =
		memory_must(calloc(counts->n + 1, sizeof *list));
	size_t n = 0;

	for (size_t i = 0; i < counts->room; i++)
		if (counts->places[i].count > 0)
			list[n++] = counts->places[i];
	qsort(list, n, sizeof *list, compare);
	return list;
}
