/*
 * Open addressing over an array of entries kept in order of arrival, so that
 * a walk is repeatable whatever the hash.
 */
#include "base/table.h"

#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	const char *key;
	void *value;
	uint64_t hash;
};

struct table {
	struct entry *entries;
	size_t count, room;
	uint32_t *slots; /* 1 + index of an entry; 0 = free */
	size_t n_slots; /* a power of two, over twice the count */
};

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const char *key)
{
	uint64_t hash = 14695981039346656037U;

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * 1099511628211U;
	return hash ^ hash >> 32;
}

struct table *table_open(void)
{
	return memory_must(calloc(1, sizeof(struct table)));
}

void table_close(struct table **table)
{
	if (*table == NULL)
		return;
	free((*table)->entries);
	free((*table)->slots);
	free(*table);
	*table = NULL;
}

/* The slot that holds key, or the free one where it belongs. */
static uint32_t *slot_of(const struct table *t, const char *key, uint64_t hash)
{
	size_t at = hash & (t->n_slots - 1);

	while (t->slots[at] != 0) {
		const struct entry *entry = &t->entries[t->slots[at] - 1];

		if (entry->hash == hash && strcmp(entry->key, key) == 0)
			break;
		at = (at + 1) & (t->n_slots - 1);
	}
	return &t->slots[at];
}

static void grow(struct table *table)
{
	const size_t room = table->room == 0 ? 16 : table->room * 2;

	table->entries = memory_must(
		reallocarray(table->entries, room, sizeof *table->entries));
	table->room = room;
	free(table->slots);
	table->n_slots = room * 4;
	table->slots =
		memory_must(calloc(table->n_slots, sizeof *table->slots));
	for (size_t i = 0; i < table->count; i++) {
		const struct entry *entry = &table->entries[i];

		*slot_of(table, entry->key, entry->hash) = (uint32_t)i + 1;
	}
}

void *table_find(const struct table *table, const char *key)
{
	if (table->count == 0)
		return NULL;
	const uint32_t slot = *slot_of(table, key, hash_of(key));

	return slot == 0 ? NULL : table->entries[slot - 1].value;
}

void table_put(struct table *table, const char *key, void *value)
{
	const uint64_t hash = hash_of(key);

	if (table->count == table->room)
		grow(table);
	uint32_t *slot = slot_of(table, key, hash);

	if (*slot != 0) {
		table->entries[*slot - 1].value = value;
		return;
	}
	table->entries[table->count++] =
		(struct entry){ .key = key, .value = value, .hash = hash };
	*slot = (uint32_t)table->count;
}

size_t table_count(const struct table *table)
{
	return table->count;
}

const char *table_key(const struct table *table, size_t index)
{
	return table->entries[index].key;
}

void *table_value(const struct table *table, size_t index)
{
	return table->entries[index].value;
}
