/*
 * An array of entries kept in order of arrival, so that a walk is repeatable
 * whatever the hash, and the slots that lead to them.
 */
#include "base/table.h"

#include "base/memory.h"
#include "base/slots.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	const char *key;
	void *value;
};

struct table {
	struct entry *entries;
	size_t count, room;
	struct slots slots; /* of the keys */
};

struct table *table_open(void)
{
	struct table *table = memory_must(calloc(1, sizeof *table));

	slots_init(&table->slots);
	return table;
}

void table_close(struct table **table)
{
	if (*table == NULL)
		return;
	slots_fini(&(*table)->slots);
	free((*table)->entries);
	free(*table);
	*table = NULL;
}

static struct entry *find(
	const struct table *table, const char *key, uint32_t hash)
{
	struct slots_walk walk = slots_walk(&table->slots, hash);
	uint32_t number;

	while (slots_next(&table->slots, &walk, &number))
		if (strcmp(table->entries[number].key, key) == 0)
			return &table->entries[number];
	return NULL;
}

static uint32_t hash_of(const struct table *table, const char *key)
{
	return slots_hash(&table->slots, key, strlen(key));
}

void *table_find(const struct table *table, const char *key)
{
	if (table->count == 0)
		return NULL;
	const struct entry *entry = find(table, key, hash_of(table, key));

	return entry == NULL ? NULL : entry->value;
}

static void grow(struct table *table)
{
	table->room = table->room == 0 ? 8 : table->room * 2;
	table->entries = memory_must(reallocarray(
		table->entries, table->room, sizeof *table->entries));
}

void table_put(struct table *table, const char *key, void *value)
{
	const uint32_t hash = hash_of(table, key);
	struct entry *entry = find(table, key, hash);

	if (entry != NULL) {
		entry->value = value;
		return;
	}
	if (table->count == table->room)
		grow(table);
	slots_put(&table->slots, hash, (uint32_t)table->count);
	table->entries[table->count++] = (struct entry){ key, value };
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
