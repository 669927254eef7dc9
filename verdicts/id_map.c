/* Chains, so that what goes leaves no hole; the table only grows. */
#include "verdicts/id_map.h"

#include "base/hash.h"
#include "base/memory.h"

#include <stdlib.h>

enum { FIRST_BUCKETS = 64 };

void id_map_init(struct id_map *map)
{
	map->n_buckets = FIRST_BUCKETS;
	map->count = 0;
	map->buckets = memory_must(calloc(FIRST_BUCKETS, sizeof *map->buckets));
}

void id_map_fini(struct id_map *map)
{
	free(map->buckets);
	map->buckets = NULL;
}

uint64_t id_map_hash(struct slice a, struct slice b)
{
	struct hash_secret secret = hash_secret();

	/* What is found of the one is a secret of the other. */
	secret.words[1] ^= hash_bytes(&secret, a.bytes, a.len);
	return hash_bytes(&secret, b.bytes, b.len);
}

static struct id_node *with_hash(struct id_node *node, uint64_t hash)
{
	while (node != NULL && node->hash != hash)
		node = node->next;
	return node;
}

struct id_node *id_map_first(const struct id_map *map, uint64_t hash)
{
	return with_hash(map->buckets[hash & (map->n_buckets - 1)], hash);
}

struct id_node *id_map_next(const struct id_node *node)
{
	return with_hash(node->next, node->hash);
}

static void put(struct id_map *map, struct id_node *node)
{
	struct id_node **bucket =
		&map->buckets[node->hash & (map->n_buckets - 1)];

	node->next = *bucket;
	*bucket = node;
}

static void grow(struct id_map *map)
{
	struct id_node **old = map->buckets;
	const size_t n_old = map->n_buckets;

	map->n_buckets *= 2;
	map->buckets =
		memory_must(calloc(map->n_buckets, sizeof *map->buckets));
	for (size_t i = 0; i < n_old; i++) {
		struct id_node *node = old[i];

		while (node != NULL) {
			struct id_node *next = node->next;

			put(map, node);
			node = next;
		}
	}
	free(old);
}

void id_map_add(struct id_map *map, struct id_node *node)
{
	if (map->count++ == map->n_buckets)
		grow(map);
	put(map, node);
}

void id_map_remove(struct id_map *map, struct id_node *node)
{
	struct id_node **at = &map->buckets[node->hash & (map->n_buckets - 1)];

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	map->count--;
}
