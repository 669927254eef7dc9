/*
 * Where it is full the median of all counts is taken from each: at least
 * half of the entries are gone then, so this is seldom.
 */
#include "verdicts/report_tally.h"

#include "base/memory.h"
#include "base/table.h"
#include "verdicts/id_map.h"

#include <stdlib.h>
#include <string.h>

void distinct_add(struct distinct *distinct, struct slice bytes)
{
	const uint64_t value = id_map_hash(bytes, slice_of(""));

	if (distinct->n > DISTINCT_MAX)
		return;
	for (unsigned i = 0; i < distinct->n; i++)
		if (distinct->seen[i] == value)
			return;
	if (distinct->n < DISTINCT_MAX)
		distinct->seen[distinct->n] = value;
	distinct->n++;
}

static void entry_close(struct tally_entry *entry)
{
	free(entry->key);
	free(entry->detail);
	free(entry->address);
	free(entry);
}

void tally_fini(struct tally *tally)
{
	for (size_t i = 0; i < tally->n; i++)
		entry_close(tally->entries[i]);
	free(tally->entries);
	table_close(&tally->table);
	*tally = (struct tally){ 0 };
}

static int by_count(const void *a, const void *b)
{
	const struct tally_entry *const *first = a, *const *second = b;

	if ((*first)->count != (*second)->count)
		return (*first)->count > (*second)->count ? -1 : 1;
	return strcmp((*first)->key, (*second)->key);
}

void tally_sort(struct tally *tally)
{
	if (tally->n > 0)
		qsort(tally->entries, tally->n, sizeof *tally->entries,
			by_count);
}

static void drop_rare(struct tally *tally)
{
	size_t kept = 0;

	tally_sort(tally);
	const unsigned long median = tally->entries[tally->n / 2]->count;

	table_close(&tally->table);
	tally->table = table_open();
	for (size_t i = 0; i < tally->n; i++) {
		struct tally_entry *entry = tally->entries[i];

		if (entry->count <= median) {
			entry_close(entry);
			continue;
		}
		entry->count -= median;
		tally->entries[kept++] = entry;
		table_put(tally->table, entry->key, entry);
	}
	tally->n = kept;
	tally->missed += median;
}

static struct tally_entry *add(
	struct tally *tally, const char *key, int64_t time_us)
{
	struct tally_entry *entry = memory_must(calloc(1, sizeof *entry));

	entry->key = memory_must(strdup(key));
	entry->first_us = entry->last_us = time_us;
	entry->connector = -1;
	tally->entries[tally->n++] = entry;
	table_put(tally->table, entry->key, entry);
	return entry;
}

struct tally_entry *tally_take(
	struct tally *tally, const char *key, int64_t time_us)
{
	if (tally->table == NULL) {
		tally->table = table_open();
		tally->entries =
			memory_must(calloc(TALLY_MAX, sizeof *tally->entries));
	}
	struct tally_entry *entry = table_find(tally->table, key);

	if (entry == NULL && tally->n == TALLY_MAX)
		drop_rare(tally);
	if (entry == NULL)
		entry = add(tally, key, time_us);
	entry->count++;
	tally->total++;
	if (time_us < entry->first_us)
		entry->first_us = time_us;
	if (time_us > entry->last_us)
		entry->last_us = time_us;
	return entry;
}
