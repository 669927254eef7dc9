/* The keys that Postfix looks up for an address, and what it finds. */
#ifndef TRANSPORT_MAP_GEN_MAP_WALK_H
#define TRANSPORT_MAP_GEN_MAP_WALK_H

#include "namespace/address.h"

struct map_hit {
	const char *map; /* "transport", as main.cf names it */
	const char *key;
	const char *value;
};

enum { MAP_WALK_MAX = 6 };

/*
 * Asks the published maps as Postfix 3.7 does, the first hit of each;
 * routed is the address that is delivered to, after all aliases.  The texts
 * live in arena.
 */
size_t map_walk(struct map_hit hits[MAP_WALK_MAX], const char *state,
	const struct address *asked, const struct address *routed,
	struct arena *arena);

#endif
