/*
 * Things that come and go, found by a number made of their names.  The caller
 * has a node as first member of each and compares the names itself: several
 * may have the same number.
 */
#ifndef VERDICTS_ID_MAP_H
#define VERDICTS_ID_MAP_H

#include "base/slice.h"

#include <stdint.h>

struct id_node {
	struct id_node *next;
	uint64_t hash;
};

struct id_map {
	struct id_node **buckets;
	size_t n_buckets, count;
};

void id_map_init(struct id_map *map);
/* The nodes are the caller's. */
void id_map_fini(struct id_map *map);

/* The number of two names together. */
uint64_t id_map_hash(struct slice a, struct slice b);
/* Those with that number, one after the other; NULL = no more. */
struct id_node *id_map_first(const struct id_map *map, uint64_t hash);
struct id_node *id_map_next(const struct id_node *node);

/* node->hash is set. */
void id_map_add(struct id_map *map, struct id_node *node);
void id_map_remove(struct id_map *map, struct id_node *node);

#endif
