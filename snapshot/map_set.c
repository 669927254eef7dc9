/*
 * The U-label form of an address's domain is asked of IDNA once for each
 * domain and remembered: recipients come domain by domain, by the million.
 */
#include "snapshot/map_set.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/side_by_side.h"
#include "base/table.h"
#include "namespace/domain_name.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/files.h"
#include "snapshot/map_size.h"
#include "snapshot/measured.h"
#include "snapshot/names.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct map_set {
	struct cdb_writer *writers[MAP_COUNT]; /* NULL where it counts */
	struct map_size sizes[MAP_COUNT]; /* where it counts */
	bool is_counting;
	bool has_failed;
	struct arena *arena;
	struct arena *scratch;
	struct table *unicode; /* ascii domain -> its other form */
	struct err *err;
};

static const char *const files[MAP_COUNT] = {
	[MAP_RELAY_DOMAINS] = FILES_RELAY_DOMAINS,
	[MAP_TRANSPORT] = FILES_TRANSPORT,
	[MAP_RELAY_RECIPIENTS] = FILES_RELAY_RECIPIENTS,
	[MAP_VIRTUAL_ALIAS] = FILES_VIRTUAL_ALIAS,
	[MAP_RECIPIENT_ACCESS] = FILES_RECIPIENT_ACCESS,
	[MAP_TLS_POLICY] = FILES_TLS_POLICY,
	[MAP_POLICY] = FILES_POLICY,
};

static void set_free(struct map_set **set)
{
	table_close(&(*set)->unicode);
	arena_close(&(*set)->scratch);
	arena_close(&(*set)->arena);
	free(*set);
	*set = NULL;
}

static struct map_set *set_open(struct err *err)
{
	struct map_set *set = memory_must(calloc(1, sizeof *set));

	set->arena = arena_open();
	set->scratch = arena_open();
	set->unicode = table_open();
	set->err = err;
	return set;
}

struct map_set *map_set_open_to_count(struct err *err)
{
	struct map_set *set = set_open(err);

	set->is_counting = true;
	return set;
}

bool map_set_fits(const struct map_set *set, uint64_t max)
{
	for (size_t i = 0; !set->has_failed && i < MAP_COUNT; i++)
		if (!map_size_check(&set->sizes[i], max, files[i], set->err))
			return false;
	return !set->has_failed;
}

struct map_set *map_set_open(const char *folder, struct err *err)
{
	struct map_set *set = set_open(err);

	for (size_t i = 0; i < MAP_COUNT; i++) {
		set->writers[i] = cdb_writer_open(
			arena_printf(set->arena, "%s/%s", folder, files[i]),
			err);
		if (set->writers[i] == NULL) {
			map_set_abandon(&set);
			break;
		}
	}
	return set;
}

void map_set_fail(struct map_set *set, const char *key, const char *what)
{
	if (!set->has_failed)
		err_set(set->err, "%s %s", key, what);
	set->has_failed = true;
}

void map_set_measure(struct map_set *set, struct measured *measured)
{
	_Static_assert(
		(int)MEASURED_MAX >= (int)MAP_COUNT, "room for each map");
	*measured = (struct measured){ .count = MAP_COUNT };
	for (size_t i = 0; i < MAP_COUNT; i++)
		cdb_writer_measure(
			set->writers[i], files[i], &measured->files[i]);
}

/* Some of the maps. */
struct closing {
	struct map_set *set;
	bool is_largest; /* that one alone, else all the others */
	bool is_good;
	struct err err;
};

static void close_some(void *context)
{
	struct closing *closing = context;

	closing->is_good = true;
	for (size_t i = 0; closing->is_good && i < MAP_COUNT; i++)
		if ((i == (size_t)MAP_RELAY_RECIPIENTS) == closing->is_largest)
			closing->is_good = cdb_writer_close(
				&closing->set->writers[i], &closing->err);
}

/* The disk is waited for once for a large one and the rest. */
static bool close_all(struct map_set *set)
{
	struct closing largest = { .set = set, .is_largest = true };
	struct closing others = { .set = set, .is_largest = false };

	if (cdb_writer_size(set->writers[MAP_RELAY_RECIPIENTS]) >=
		SIDE_BY_SIDE_BYTES) {
		side_by_side(close_some, &largest, close_some, &others);
	} else {
		close_some(&largest);
		if (largest.is_good)
			close_some(&others);
	}
	if (largest.is_good && others.is_good)
		return true;
	return err_set(set->err, "%s",
		largest.is_good ? others.err.text : largest.err.text);
}

bool map_set_close(struct map_set **set)
{
	const bool is_good = !(*set)->has_failed && close_all(*set);

	map_set_abandon(set);
	return is_good;
}

void map_set_abandon(struct map_set **set)
{
	for (size_t i = 0; i < MAP_COUNT; i++)
		cdb_writer_abandon(&(*set)->writers[i]);
	set_free(set);
}

void map_set_put_slices(
	struct map_set *set, enum map map, struct slice key, struct slice value)
{
	if (set->is_counting)
		map_size_add(&set->sizes[map], key.len, value.len);
	else if (!set->has_failed)
		set->has_failed = !cdb_writer_add_slices(
			set->writers[map], key, value, set->err);
}

void map_set_put(
	struct map_set *set, enum map map, const char *key, const char *value)
{
	map_set_put_slices(set, map, slice_of(key), slice_of(value));
}

static void put_prefixed(struct map_set *set, enum map map, const char *prefix,
	const char *key, const char *value)
{
	arena_reset(set->scratch);
	if (prefix[0] != '\0')
		key = arena_printf(set->scratch, "%s%s", prefix, key);
	map_set_put(set, map, key, value);
}

void map_set_put_name(struct map_set *set, enum map map, const char *prefix,
	const struct name *name, const char *value)
{
	put_prefixed(set, map, prefix, name->ascii, value);
	if (name->unicode != name->ascii)
		put_prefixed(set, map, prefix, name->unicode, value);
}

/* The domain itself where it has no other form. */
static const char *unicode_of(struct map_set *set, const char *domain)
{
	struct domain_name name;
	const char *unicode;

	if (strstr(domain, "xn--") == NULL)
		return domain;
	unicode = table_find(set->unicode, domain);
	if (unicode != NULL)
		return strcmp(unicode, domain) == 0 ? domain : unicode;
	if (!domain_name_parse(&name, domain, set->arena, NULL))
		name = (struct domain_name){ domain, domain };
	table_put(set->unicode, arena_strdup(set->arena, domain),
		arena_strdup(set->arena, name.unicode));
	return strcmp(name.unicode, domain) == 0 ? domain : name.unicode;
}

void map_set_put_address(struct map_set *set, enum map map, const char *prefix,
	const char *address, const char *value)
{
	const char *domain = strrchr(address, '@') + 1;
	const char *unicode = unicode_of(set, domain);

	put_prefixed(set, map, prefix, address, value);
	if (unicode == domain)
		return;
	arena_reset(set->scratch);
	const char *other = arena_printf(set->scratch, "%s%.*s%s", prefix,
		(int)(domain - address), address, unicode);

	map_set_put(set, map, other, value == address ? other : value);
}
