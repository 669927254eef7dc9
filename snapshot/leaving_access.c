/*
 * recipient_access.cdb is written anew, for a CDB can not be added to, and
 * only where there is something to add: a generation without such addresses
 * has the bytes that its own input gives.
 */
#include "snapshot/leaving_access.h"

#include "base/arena.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/files.h"

#include <stdio.h>
#include <string.h>

struct refusing {
	const struct leaving_access *access;
	struct arena *arena;
	const char *path, *temporary;
	struct cdb_reader *leaving, *old;
	struct cdb_writer *new;
	struct err *err;
	bool is_failed;
};

static bool add(struct refusing *r, const char *key, const char *value)
{
	r->is_failed = r->is_failed ||
		!cdb_writer_add(r->new, key, value, r->err);
	return !r->is_failed;
}

static bool is_leaving(const struct refusing *r, const char *key)
{
	const char *route;
	size_t len;

	return cdb_reader_find(r->leaving, key, &route, &len) == LOOKUP_FOUND;
}

/* Of an address: not a word for Postfix, but what the client is told. */
static bool is_reply(
	const char *key, size_t key_len, const char *value, size_t value_len)
{
	return memchr(key, '@', key_len) != NULL && value_len > 0 &&
		value[0] >= '4' && value[0] <= '5';
}

/*
 * A reply that was written here, for a generation that these maps are copied
 * from: it is judged anew, by what leaves now.  The maps themselves never say
 * 5xx of an address; 4xx they say of those that can not be judged.
 */
static bool is_outdated(
	const struct refusing *r, const char *address, const char *reply)
{
	return reply[0] == '5' ||
		(is_leaving(r, address) &&
			r->access->refusal(r->access->context, address) !=
				NULL);
}

static bool copy(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	struct refusing *r = context;

	arena_reset(r->arena);
	const char *name = arena_strndup(r->arena, key, key_len);

	if (is_reply(key, key_len, value, value_len) &&
		is_outdated(r, name, value))
		return true;
	return add(r, name, arena_strndup(r->arena, value, value_len));
}

/* False where each() had enough, or the map is corrupt. */
static bool walk(struct refusing *r, const struct cdb_reader *map,
	bool (*each)(void *context, const char *key, size_t key_len,
		const char *value, size_t value_len))
{
	if (cdb_reader_walk(map, each, r))
		return true;
	return !r->is_failed &&
		err_set(r->err, "%s: the maps just written are corrupt",
			r->path);
}

static bool open_new(struct refusing *r)
{
	if (r->new != NULL)
		return true;
	r->new = cdb_writer_open(r->temporary, r->err);
	r->is_failed = r->new == NULL || !walk(r, r->old, copy);
	return !r->is_failed;
}

/* Where there is anything to leave out. */
static bool find_outdated(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	struct refusing *r = context;

	if (r->new != NULL || !is_reply(key, key_len, value, value_len))
		return true;
	arena_reset(r->arena);
	return !is_outdated(r, arena_strndup(r->arena, key, key_len), value) ||
		open_new(r);
}

/* Whether the maps themselves say something of the address. */
static bool is_judged(const struct refusing *r, const char *key)
{
	const char *value;
	size_t len;

	switch (cdb_reader_find(r->old, key, &value, &len)) {
	case LOOKUP_FOUND:
		return !is_reply(key, strlen(key), value, len) ||
			!is_outdated(r, key, value);
	case LOOKUP_NONE: return false;
	case LOOKUP_FAILED: return true;
	}
	return true;
}

static bool refuse(void *context, const char *bytes, size_t len,
	const char *route, size_t route_len)
{
	struct refusing *r = context;

	(void)route, (void)route_len;
	if (memchr(bytes, '@', len) == NULL)
		return true;
	struct arena *arena = arena_open();
	const char *key = arena_strndup(arena, bytes, len);
	const char *reply = r->access->refusal(r->access->context, key);
	/* What the maps say of the address already is newer. */
	const bool is_wanted = reply != NULL && !is_judged(r, key);
	const bool is_done = !is_wanted || (open_new(r) && add(r, key, reply));

	arena_close(&arena);
	return is_done;
}

static bool write_new(struct refusing *r)
{
	if (!walk(r, r->old, find_outdated) || !walk(r, r->leaving, refuse))
		return false;
	if (r->new == NULL)
		return true;
	if (!cdb_writer_close(&r->new, r->err))
		return false;
	return rename(r->temporary, r->path) == 0 ||
		err_sys(r->err, "rename %s to %s", r->temporary, r->path);
}

bool leaving_access_write(const struct leaving_access *access,
	const char *folder, struct err *err)
{
	struct arena *paths = arena_open();
	struct refusing r = { .access = access,
		.arena = arena_open(),
		.path = arena_printf(
			paths, "%s/" FILES_RECIPIENT_ACCESS, folder),
		.temporary = arena_printf(
			paths, "%s/" FILES_RECIPIENT_ACCESS ".tmp", folder),
		.err = err };

	r.leaving = cdb_reader_open(
		arena_printf(paths, "%s/" FILES_TRANSPORT_LEAVING, folder),
		err);
	r.old = cdb_reader_open(r.path, err);
	const bool is_written =
		r.leaving != NULL && r.old != NULL && write_new(&r);

	if (r.new != NULL)
		cdb_writer_abandon(&r.new);
	cdb_reader_close(&r.leaving);
	cdb_reader_close(&r.old);
	arena_close(&r.arena);
	arena_close(&paths);
	return is_written;
}
