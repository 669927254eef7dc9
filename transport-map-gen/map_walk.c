/*
 * The orders of look-up are those of transport(5), virtual(5), access(5)
 * with smtpd_access_maps in parent_domain_matches_subdomains, and
 * relay_domains without.
 */
#include "transport-map-gen/map_walk.h"

#include "base/arena.h"
#include "namespace/domain_name.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"
#include "transport-map-gen/regexp_map.h"

#include <string.h>

/* Which keys a map is asked for, in order. */
enum {
	ASKS_ADDRESS = 1,
	ASKS_AT = 2,
	ASKS_DOTTED = 4,
	ASKS_BARE = 8,
	ASKS_DOMAIN = 16,
	ASKS_ANY = 32
};

static const struct {
	const char *map;
	const char *link;
	const char *file;
	unsigned asks;
	bool of_routed;
} maps[MAP_WALK_MAX] = {
	{ "relay_domains", FILES_ROUTES, FILES_RELAY_DOMAINS,
		ASKS_DOMAIN | ASKS_DOTTED, false },
	{ "recipient_access", FILES_CURRENT, FILES_RECIPIENT_ACCESS,
		ASKS_ADDRESS | ASKS_DOMAIN | ASKS_BARE, false },
	{ "virtual_alias", FILES_CURRENT, FILES_VIRTUAL_ALIAS,
		ASKS_ADDRESS | ASKS_AT, false },
	{ "relay_recipients", FILES_CURRENT, FILES_RELAY_RECIPIENTS,
		ASKS_ADDRESS | ASKS_AT, false },
	{ "transport", FILES_ROUTES, FILES_TRANSPORT,
		ASKS_ADDRESS | ASKS_DOMAIN | ASKS_DOTTED | ASKS_ANY, true },
	{ "transport_leaving", FILES_ROUTES, FILES_TRANSPORT_LEAVING,
		ASKS_ADDRESS | ASKS_DOMAIN | ASKS_DOTTED, true },
};

struct walk {
	struct cdb_reader *reader;
	struct map_hit *hit;
	struct arena *arena;
};

static bool asks(struct walk *walk, const char *key)
{
	const char *value;
	size_t len;

	if (cdb_reader_find(walk->reader, key, &value, &len) != LOOKUP_FOUND)
		return false;
	walk->hit->key = key;
	walk->hit->value = arena_strndup(walk->arena, value, len);
	return true;
}

static bool asks_parents(struct walk *walk, const char *domain, bool is_dotted)
{
	for (const char *at = domain_parent(domain); at != NULL;
		at = domain_parent(at))
		if (asks(walk,
			    is_dotted ? arena_printf(walk->arena, ".%s", at)
				      : at))
			return true;
	return false;
}

/* Where the CDB says nothing, the file beside it may. */
static bool asks_regexp(struct map_hit *hit, const char *state,
	const struct address *address, struct arena *arena)
{
	const char *path = arena_printf(arena, "%s/%s/%s", state, FILES_CURRENT,
		FILES_RELAY_RECIPIENTS_REGEXP);

	hit->map = "relay_recipients.regexp";
	return regexp_map_find(&hit->key, &hit->value, path, address->key,
		       arena) == LOOKUP_FOUND;
}

static bool is_hit(
	struct walk *walk, unsigned keys, const struct address *address)
{
	if ((keys & ASKS_ADDRESS) != 0 &&
		(asks(walk, address->key) || asks(walk, address->base)))
		return true;
	if ((keys & ASKS_AT) != 0 &&
		asks(walk, arena_printf(walk->arena, "@%s", address->domain)))
		return true;
	if ((keys & ASKS_DOMAIN) != 0 && asks(walk, address->domain))
		return true;
	if ((keys & (ASKS_DOTTED | ASKS_BARE)) != 0 &&
		asks_parents(walk, address->domain, (keys & ASKS_DOTTED) != 0))
		return true;
	return (keys & ASKS_ANY) != 0 && asks(walk, "*");
}

size_t map_walk(struct map_hit hits[MAP_WALK_MAX], const char *state,
	const struct address *asked, const struct address *routed,
	struct arena *arena)
{
	size_t count = 0;

	for (size_t i = 0; i < MAP_WALK_MAX; i++) {
		struct walk walk = { .hit = &hits[count], .arena = arena };

		walk.reader =
			cdb_reader_open(arena_printf(arena, "%s/%s/%s", state,
						maps[i].link, maps[i].file),
				NULL);
		if (walk.reader == NULL)
			continue;
		hits[count].map = maps[i].map;
		if (is_hit(&walk, maps[i].asks,
			    maps[i].of_routed ? routed : asked) ||
			(strcmp(maps[i].file, FILES_RELAY_RECIPIENTS) == 0 &&
				asks_regexp(&hits[count], state, asked, arena)))
			count++;
		cdb_reader_close(&walk.reader);
	}
	return count;
}
