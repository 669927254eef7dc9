/*
 * The CDB maps of a generation being written, side by side.  A key goes in
 * in ascii form; where its domain has another label form, that is written
 * too: Postfix takes the two for different keys.
 */
#ifndef SNAPSHOT_MAP_SET_H
#define SNAPSHOT_MAP_SET_H

#include "base/err.h"
#include "base/slice.h"

#include <stdint.h>

struct arena;
struct measured;
struct name;

enum map {
	MAP_RELAY_DOMAINS,
	MAP_TRANSPORT,
	MAP_RELAY_RECIPIENTS,
	MAP_VIRTUAL_ALIAS,
	MAP_RECIPIENT_ACCESS,
	MAP_TLS_POLICY,
	MAP_POLICY,
	MAP_COUNT,
};

struct map_set;

/*
 * Creates the files in the folder; NULL on failure.  err is kept: what goes
 * wrong later is told there.  A record that can not be put is told by
 * map_set_close(); what is put after it is left out.
 */
struct map_set *map_set_open(const char *folder, struct err *err);
/* What map_set_close() is to tell of large maps; it must live until then. */
void map_set_measure(struct map_set *set, struct measured *measured);
/* Writes nothing, but counts: map_set_fits() has the result. */
struct map_set *map_set_open_to_count(struct err *err);
/* Whether nothing failed, and no map is larger than max bytes, else in err. */
bool map_set_fits(const struct map_set *set, uint64_t max);
/* What is wrong with a key; told like a record that can not be put. */
void map_set_fail(struct map_set *set, const char *key, const char *what);
/* Finishes, verifies and syncs all; false: none of them may be used. */
bool map_set_close(struct map_set **set);
void map_set_abandon(struct map_set **set);

/* prefix + name, in both label forms: "@" + "d", "domain:" + ".d". */
void map_set_put_name(struct map_set *set, enum map map, const char *prefix,
	const struct name *name, const char *value);
/*
 * prefix + address, whose domain is the name's (or the name's below it, then
 * the other label form is worked out).  A value that is the address itself
 * (the same pointer, without prefix) is so in each form.
 */
void map_set_put_address(struct map_set *set, enum map map, const char *prefix,
	const char *address, const char *value);
/* The key as it is. */
void map_set_put(
	struct map_set *set, enum map map, const char *key, const char *value);
void map_set_put_slices(struct map_set *set, enum map map, struct slice key,
	struct slice value);

#endif
