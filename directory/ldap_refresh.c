/*
 * What a server lists goes into a sync store, from a delta as from a full
 * read, and from there into the sink in order of ids: so both bring equal
 * bytes.  The store is a cache of what the server has; whether a guard then
 * refuses the list is not its affair, nor is a store that can not be
 * written: the next read is a full one.
 *
 * After an operation that was lost libldap would dial anew for the next one,
 * without name or password, and be shown what strangers are shown.  So
 * nothing more is asked on a connection that is not the first one.
 */
#include "directory/ldap_refresh.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/version.h"
#include "directory/ldap_sync.h"
#include "directory/ldap_usn.h"
#include "namespace/directory.h"
#include "namespace/ldap_settings.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ID_SIZE = 16 };

/* The ways in which a server tells what changed. */
static const struct kind {
	const char *id; /* the attribute that never changes */
	bool (*read_id)(unsigned char id[16], const struct object_value *value);
	enum lookup (*mark)(const struct ldap_delta *delta, struct text *out,
		struct err *err);
	enum ldap_delta_end (*run)(const struct ldap_delta *delta,
		const struct text *now, struct err *err);
} KINDS[] = {
	{ "entryUUID", ldap_sync_id, ldap_sync_mark, ldap_sync_run },
	{ "objectGUID", ldap_usn_id, ldap_usn_mark, ldap_usn_run },
};

struct refresh {
	struct ldap_delta delta;
	const struct kind *kind;
	const struct source_options *options;
	struct text settings;
	struct text mark; /* of when the read began */
	int64_t due_ms; /* when an operation has waited for too long */
	size_t n_strangers; /* what the full read brought without an id */
};

static void add_setting(struct text *out, const char *value)
{
	if (value == NULL)
		text_adds(out, "-\n");
	else
		text_addf(out, "%zu %s\n", strlen(value), value);
}

static void add_settings(struct text *out, const char *const *values)
{
	for (; *values != NULL; values++)
		add_setting(out, *values);
}

void ldap_refresh_settings(struct text *out, const struct directory *directory)
{
	const struct ldap_settings *ldap = directory->ldap;
	struct arena *arena = arena_open();

	text_clear(out);
	text_addf(out, "%s %d %d %d %d\n", VERSION, (int)ldap->depth,
		(int)ldap->bind, (int)directory->preset,
		directory->skips_disabled);
	add_setting(out, ldap->bind == LDAP_BIND_SIMPLE ? ldap->bind_dn : NULL);
	add_setting(out, ldap->base);
	add_setting(out, object_filter(directory, arena));
	add_setting(out, directory->target_field);
	for (size_t i = 0; i < directory->n_fields; i++)
		add_setting(out, directory->fields[i]);
	text_adds(out, "\n");
	add_settings(out, object_attributes(directory, arena));
	arena_close(&arena);
}

static bool is_connected(const struct refresh *refresh)
{
	LDAP *ld = ldap_connection_handle(refresh->delta.connection);
	int fd = -1;

	return ldap_get_option(ld, LDAP_OPT_DESC, &fd) == LDAP_OPT_SUCCESS &&
		fd >= 0;
}

/* Whether what failed was one operation, and not the server. */
static bool answers(const struct refresh *refresh)
{
	return is_connected(refresh) && clock_left_ms(refresh->due_ms) > 0;
}

/* For what has none of its own; in order of arrival, behind the others. */
static void make_id(struct refresh *refresh, unsigned char id[16])
{
	size_t number = ++refresh->n_strangers;

	memset(id, 0xff, ID_SIZE);
	for (size_t i = ID_SIZE; i > ID_SIZE / 2; i--, number >>= 8)
		id[i - 1] = (unsigned char)(number & 0xff);
}

static bool take_entry(
	void *context, const struct object *object, struct err *err)
{
	struct refresh *refresh = context;
	unsigned char id[ID_SIZE];
	const struct object_value *value =
		ldap_entry_value(object, refresh->kind->id);

	(void)err;
	if (value == NULL || !refresh->kind->read_id(id, value))
		make_id(refresh, id);
	ldap_delta_put(&refresh->delta, id, object);
	return true;
}

/* The store's sink, that tells when it is used. */
struct noted {
	struct sink sink;
	bool is_bad;
};

static void take_bad(void *context, const char *origin, const char *why)
{
	struct noted *noted = context;

	noted->is_bad = true;
	noted->sink.bad(noted->sink.context, origin, why);
}

static void take_reference(void *context, const char *url)
{
	struct refresh *refresh = context;
	unsigned char id[ID_SIZE];
	struct noted noted = { .is_bad = false };
	const struct sink sink = { .bad = take_bad, .context = &noted };

	make_id(refresh, id);
	noted.sink = sync_store_begin(refresh->delta.store, id);
	ldap_source_reference(&sink, url);
	if (noted.is_bad)
		return;
	sync_store_remove(refresh->delta.store, id);
	refresh->n_strangers--;
}

static void empty_store(struct refresh *refresh)
{
	sync_store_close(&refresh->delta.store);
	refresh->delta.store = sync_store_open();
}

static bool read_all(struct refresh *refresh, struct err *err)
{
	const struct ldap_delta *delta = &refresh->delta;
	const char *const more[] = { refresh->kind->id, NULL };
	struct ldap_query query =
		ldap_source_query(delta->directory, more, delta->arena);

	if (!is_connected(refresh))
		return ldap_connection_fail(delta->connection, "read changes",
			LDAP_SERVER_DOWN, NULL, err);
	empty_store(refresh);
	query.entry = take_entry;
	query.reference = take_reference;
	query.context = refresh;
	if (!ldap_query_run(delta->connection, &query, err))
		return false;
	sync_store_set_mark(
		delta->store, refresh->mark.data, refresh->mark.len);
	sync_store_set_full(delta->store, refresh->options->now);
	return true;
}

/* A delta would not see what has no id. */
static void remember(const struct refresh *refresh)
{
	const struct ldap_delta *delta = &refresh->delta;
	const char *state = refresh->options->state;
	const char *name = delta->directory->name;

	if (refresh->options->is_dry)
		return;
	if (refresh->n_strangers > 0)
		unlink(sync_store_path(state, name, delta->arena));
	else
		sync_store_write(delta->store, state, name,
			refresh->settings.data, NULL);
}

/* Whether there is something that a delta can begin with. */
static bool recall(const struct refresh *refresh)
{
	const struct ldap_delta *delta = &refresh->delta;
	const struct source_options *options = refresh->options;

	if (!sync_store_read(delta->store, options->state,
		    delta->directory->name, refresh->settings.data))
		return false;
	const time_t full = sync_store_full(delta->store);

	return full <= options->now &&
		(unsigned long)(options->now - full) <
		delta->directory->ldap->full_refresh_s;
}

/* NONE: this server can not tell what changed. */
static enum lookup find_kind(struct refresh *refresh, struct err *err)
{
	for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
		refresh->due_ms =
			clock_due_ms(refresh->delta.directory->timeout_s);
		refresh->kind = &KINDS[i];
		const enum lookup end =
			KINDS[i].mark(&refresh->delta, &refresh->mark, err);

		if (end == LOOKUP_FOUND)
			return end;
		if (end == LOOKUP_FAILED && !answers(refresh))
			return end;
	}
	return LOOKUP_NONE;
}

/* Whether it is as the last read left it. */
static bool is_mark(const struct refresh *refresh, const struct text *mark)
{
	size_t len;
	const char *bytes = sync_store_mark(refresh->delta.store, &len);

	return bytes != NULL && len == mark->len &&
		memcmp(bytes, mark->data, len) == 0;
}

static enum ldap_delta_end read_changes(
	struct refresh *refresh, struct err *err)
{
	size_t len;
	struct text before;
	const char *mark = sync_store_mark(refresh->delta.store, &len);

	text_init(&before);
	text_add(&before, mark, len);
	refresh->due_ms = clock_due_ms(refresh->delta.directory->timeout_s);
	const enum ldap_delta_end end =
		refresh->kind->run(&refresh->delta, &refresh->mark, err);

	if (end == LDAP_DELTA_WHOLE && !is_mark(refresh, &before))
		remember(refresh);
	text_fini(&before);
	return end == LDAP_DELTA_FAILED && answers(refresh)
		? LDAP_DELTA_DOUBTFUL
		: end;
}

static bool read_store(struct refresh *refresh, struct err *err)
{
	if (recall(refresh)) {
		switch (read_changes(refresh, err)) {
		case LDAP_DELTA_WHOLE: return true;
		case LDAP_DELTA_FAILED: return false;
		case LDAP_DELTA_DOUBTFUL: break;
		}
	}
	if (!read_all(refresh, err))
		return false;
	remember(refresh);
	return true;
}

static bool run(
	struct refresh *refresh, const struct sink *sink, struct err *err)
{
	const struct ldap_delta *delta = &refresh->delta;

	ldap_refresh_settings(&refresh->settings, delta->directory);
	switch (find_kind(refresh, err)) {
	case LOOKUP_FAILED: return false;
	case LOOKUP_NONE:
		return ldap_source_full(
			delta->connection, delta->directory, sink, err);
	case LOOKUP_FOUND: break;
	}
	if (!read_store(refresh, err))
		return false;
	sync_store_put(refresh->delta.store, sink);
	return true;
}

bool ldap_refresh_read(struct ldap_connection *connection,
	const struct directory *directory, const struct source_options *options,
	const struct sink *sink, struct err *err)
{
	struct refresh refresh = {
		.delta = {
			.connection = connection,
			.directory = directory,
			.store = sync_store_open(),
			.arena = arena_open(),
			.entry = arena_open(),
			.scratch = arena_open(),
		},
		.options = options,
	};

	text_init(&refresh.settings);
	text_init(&refresh.mark);
	const bool is_read = run(&refresh, sink, err);

	text_fini(&refresh.settings);
	text_fini(&refresh.mark);
	sync_store_close(&refresh.delta.store);
	arena_close(&refresh.delta.arena);
	arena_close(&refresh.delta.entry);
	arena_close(&refresh.delta.scratch);
	return is_read;
}
