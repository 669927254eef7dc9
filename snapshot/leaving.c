/*
 * The old maps are walked, not loaded; what leaves is kept in memory, since
 * it has to be sorted.  A route is looked up as Postfix does it: the
 * address, its domain, the parents with a dot in front, then "*"; for each
 * key first transport.cdb, then transport_leaving.cdb (transport(5)).
 * Only what was accepted leaves: an address space of mail to elsewhere that
 * is taken out of the configuration ends at once.  A broken old map must
 * not stop the publish that replaces it, so it is only told.
 */
#include "snapshot/leaving.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/table.h"
#include "base/text.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/files.h"
#include "snapshot/leaving_dates.h"
#include "snapshot/leaving_stay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct entry {
	const char *key;
	const char *route;
	time_t since;
	bool is_dated_only; /* the new maps have that route without it */
};

struct leaving {
	const struct leaving_options *options;
	struct arena *arena;
	struct cdb_reader *old_transport, *old_leaving;
	struct cdb_reader *old_domains, *old_recipients;
	struct cdb_reader *new_transport;
	struct leaving_stay *stay;
	struct table *dates; /* key -> time_t, of the old ones */
	struct table *entries; /* key -> entry */
	struct text key; /* of the record at hand, ended by a NUL */
	struct err note;
};

/* In a mapped file, or an entry's. */
struct route {
	const char *bytes;
	size_t len;
};

/* NULL where there is none; broken ones are noted. */
static struct cdb_reader *open_old(
	struct leaving *l, const char *folder, const char *name)
{
	if (folder == NULL)
		return NULL;
	const char *path = arena_printf(l->arena, "%s/%s", folder, name);

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return NULL;
	return cdb_reader_open(path, &l->note);
}

static bool find(struct leaving *l, const struct cdb_reader *map,
	const char *key, struct route *out)
{
	if (map == NULL)
		return false;
	switch (cdb_reader_find(map, key, &out->bytes, &out->len)) {
	case LOOKUP_FOUND: return true;
	case LOOKUP_NONE: return false;
	case LOOKUP_FAILED:
		err_set(&l->note, "the old maps are corrupt at \"%s\"", key);
		return false;
	}
	return false;
}

/* The key that Postfix tries after this one; NULL after the last. */
static const char *next_key(const char *key)
{
	const char *at = strrchr(key, '@');

	if (strcmp(key, "*") == 0)
		return NULL;
	if (at != NULL)
		return at + 1;
	const char *parent = *key == '\0' ? NULL : strchr(key + 1, '.');

	return parent != NULL ? parent : "*";
}

static bool find_old(struct leaving *l, const char *key, struct route *out)
{
	for (; key != NULL; key = next_key(key)) {
		if (find(l, l->old_transport, key, out) ||
			find(l, l->old_leaving, key, out))
			return true;
	}
	return false;
}

/* A domain that begins to leave now does so as long as its addresses. */
static bool find_entry(
	const struct leaving *l, const char *key, struct route *out)
{
	const struct entry *entry = table_find(l->entries, key);

	if (entry == NULL || entry->since != l->options->now)
		return false;
	*out = (struct route){ entry->route, strlen(entry->route) };
	return true;
}

static bool find_new(struct leaving *l, const char *key, struct route *out)
{
	for (; key != NULL; key = next_key(key)) {
		if (find(l, l->new_transport, key, out) ||
			find_entry(l, key, out))
			return true;
	}
	return false;
}

/* error: is no route, and no byte of a sound map is NUL. */
static bool is_route(const struct route *route)
{
	static const char error[] = "error:";
	const size_t len = sizeof error - 1;

	return route->len > 0 &&
		memchr(route->bytes, '\0', route->len) == NULL &&
		(route->len < len || memcmp(route->bytes, error, len) != 0);
}

/* NULL: it is no route, or has been kept long enough. */
static struct entry *add(struct leaving *l, const char *key,
	const struct route *route, time_t since)
{
	const struct leaving_options *o = l->options;

	if (!is_route(route) || (unsigned long)(o->now - since) >= o->linger_s)
		return NULL;
	struct entry *entry = arena_alloc(l->arena, sizeof *entry);

	*entry = (struct entry){
		.key = arena_strdup(l->arena, key),
		.route = arena_strndup(l->arena, route->bytes, route->len),
		.since = since,
	};
	table_put(l->entries, entry->key, entry);
	return entry;
}

static bool is_accepted(const struct leaving *l, const char *key)
{
	return l->options->is_accepted(l->options->context, key);
}

/* NULL: no key that a sound map could have. */
static const char *key_of(struct leaving *l, const char *bytes, size_t len)
{
	text_clear(&l->key);
	text_add(&l->key, bytes, len);
	return len == 0 || strlen(l->key.data) != len ? NULL : l->key.data;
}

/* A date that is missing or in the future counts from now. */
static time_t date_of(const struct leaving *l, const char *key)
{
	const time_t *since = table_find(l->dates, key);

	return since == NULL || *since > l->options->now ? l->options->now
							 : *since;
}

static bool carry(void *context, const char *bytes, size_t key_len,
	const char *value, size_t value_len)
{
	struct leaving *l = context;
	const struct route route = { value, value_len };
	const char *key = key_of(l, bytes, key_len);

	if (key != NULL && !is_accepted(l, key) &&
		table_find(l->entries, key) == NULL)
		add(l, key, &route, date_of(l, key));
	return true;
}

/* Open to anyone, or unfiltered; what its addresses need is seen there. */
static bool was_accepted(struct leaving *l, const char *key)
{
	struct route unused;
	struct text at = { 0 };
	bool is_found = find(l, l->old_domains, key, &unused);

	text_addf(&at, "@%s", *key == '.' ? key + 1 : key);
	is_found = is_found || find(l, l->old_recipients, at.data, &unused);
	text_fini(&at);
	return is_found;
}

static bool leave_domain(void *context, const char *bytes, size_t key_len,
	const char *value, size_t value_len)
{
	struct leaving *l = context;
	const struct route route = { value, value_len };
	struct route unused;
	const char *key = key_of(l, bytes, key_len);

	if (key == NULL || strchr(key, '@') != NULL || strcmp(key, "*") == 0 ||
		find(l, l->new_transport, key, &unused) ||
		!was_accepted(l, key) || is_accepted(l, key))
		return true;
	add(l, key, &route, l->options->now);
	return true;
}

static bool is_same(const struct route *a, const struct route *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static void leave_since(struct leaving *l, const char *key, time_t since)
{
	struct route old, new;

	if (*key == '@' || strchr(key, '@') == NULL || is_accepted(l, key) ||
		table_find(l->entries, key) != NULL || !find_old(l, key, &old))
		return;
	const bool is_needless = find_new(l, key, &new) && is_same(&old, &new);
	struct entry *entry = add(l, key, &old, since);

	if (entry != NULL)
		entry->is_dated_only = is_needless;
}

static bool leave_address(void *context, const char *bytes, size_t key_len,
	const char *value, size_t value_len)
{
	struct leaving *l = context;
	const char *key = key_of(l, bytes, key_len);

	(void)value, (void)value_len;
	if (key != NULL &&
		!leaving_stays(l->stay, (struct slice){ bytes, key_len }))
		leave_since(l, key, l->options->now);
	return true;
}

/* Of a trusted domain, for which smtpd asks no table of recipients. */
static bool is_let_in_by_route(struct leaving *l, const char *key)
{
	struct route unused;

	if (*key == '@' || strchr(key, '@') == NULL)
		return false;
	for (key = next_key(key); key != NULL; key = next_key(key))
		if (find(l, l->old_domains, key, &unused))
			return false;
	return true;
}

static bool leave_routed(void *context, const char *bytes, size_t key_len,
	const char *value, size_t value_len)
{
	struct leaving *l = context;
	const char *key = key_of(l, bytes, key_len);

	(void)value, (void)value_len;
	if (key != NULL && is_let_in_by_route(l, key))
		leave_since(l, key, l->options->now);
	return true;
}

/* Listed no more, and may need an entry now. */
static void leave_dated(struct leaving *l)
{
	for (size_t i = 0; i < table_count(l->dates); i++) {
		const char *key = table_key(l->dates, i);

		leave_since(l, key, date_of(l, key));
	}
}

static void walk(struct leaving *l, const struct cdb_reader *map,
	bool (*each)(void *context, const char *key, size_t key_len,
		const char *value, size_t value_len))
{
	if (map != NULL && !cdb_reader_walk(map, each, l) &&
		l->note.text[0] == '\0')
		err_set(&l->note, "an old map is corrupt");
}

static int by_key(const void *a, const void *b)
{
	const struct entry *const *x = a;
	const struct entry *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

static const struct entry **sorted(const struct leaving *l)
{
	const size_t count = table_count(l->entries);
	const struct entry **list = arena_array(l->arena, count, sizeof *list);

	for (size_t i = 0; i < count; i++)
		list[i] = table_value(l->entries, i);
	qsort(list, count, sizeof *list, by_key);
	return list;
}

static bool write_map(const struct leaving *l, const char *path,
	const struct entry **list, struct err *err)
{
	struct cdb_writer *writer = cdb_writer_open(path, err);

	if (writer == NULL)
		return false;
	for (size_t i = 0; i < table_count(l->entries); i++) {
		if (!list[i]->is_dated_only &&
			!cdb_writer_add(
				writer, list[i]->key, list[i]->route, err)) {
			cdb_writer_abandon(&writer);
			return false;
		}
	}
	return cdb_writer_close(&writer, err);
}

static bool write_dates(const struct leaving *l, const char *path,
	const struct entry **list, struct err *err)
{
	struct text text = { 0 };

	for (size_t i = 0; i < table_count(l->entries); i++)
		text_addf(&text, "%lld %s\n", (long long)list[i]->since,
			list[i]->key);
	const bool is_written = files_replace(path, &text, err);

	text_fini(&text);
	return is_written;
}

static void leaving_init(
	struct leaving *l, const struct leaving_options *options)
{
	*l = (struct leaving){
		.options = options,
		.arena = arena_open(),
		.dates = table_open(),
		.entries = table_open(),
	};
	text_init(&l->key);
	l->old_transport = open_old(l, options->routes, FILES_TRANSPORT);
	l->old_leaving = open_old(l, options->routes, FILES_TRANSPORT_LEAVING);
	l->old_domains = open_old(l, options->routes, FILES_RELAY_DOMAINS);
	l->old_recipients =
		open_old(l, options->current, FILES_RELAY_RECIPIENTS);
}

static void leaving_fini(struct leaving *l)
{
	cdb_reader_close(&l->old_transport);
	cdb_reader_close(&l->old_leaving);
	cdb_reader_close(&l->old_domains);
	cdb_reader_close(&l->old_recipients);
	cdb_reader_close(&l->new_transport);
	leaving_stay_close(&l->stay);
	text_fini(&l->key);
	table_close(&l->entries);
	table_close(&l->dates);
	arena_close(&l->arena);
}

/* Where the routes are that old_transport has. */
static void leave_listed(struct leaving *l, const char *folder)
{
	const char *current = l->options->current;

	if (folder == NULL || (current != NULL && strcmp(folder, current) == 0))
		return; /* leave_address() has seen them */
	struct cdb_reader *listed = open_old(l, folder, FILES_RELAY_RECIPIENTS);

	walk(l, listed, leave_routed);
	cdb_reader_close(&listed);
}

/*
 * Of both generations: what counts from now for want of a date has it in
 * the one that was published last, which routes need not lead to.
 */
static void read_dates_of(struct leaving *l, const char *folder)
{
	if (folder != NULL)
		leaving_dates_read(l->dates, folder, l->arena, &l->note);
}

static void leave_given_up(struct leaving *l)
{
	const char *folder = l->options->given_up;

	if (folder == NULL)
		return;
	cdb_reader_close(&l->old_transport);
	cdb_reader_close(&l->old_leaving);
	cdb_reader_close(&l->old_domains);
	l->old_domains = open_old(l, folder, FILES_RELAY_DOMAINS);
	l->old_transport = open_old(l, folder, FILES_TRANSPORT);
	l->old_leaving = open_old(l, folder, FILES_TRANSPORT_LEAVING);
	read_dates_of(l, folder);
	walk(l, l->old_leaving, carry);
	leave_listed(l, folder);
}

/*
 * Domains before addresses, which need no entry where the domain has it, but
 * a date: it may be routed anew, or come back so, while they are in the queue.
 */
static bool leaving_run(struct leaving *l, const char *folder, struct err *err)
{
	l->new_transport = cdb_reader_open(
		arena_printf(l->arena, "%s/" FILES_TRANSPORT, folder), err);
	if (l->new_transport == NULL)
		return false;
	l->stay = leaving_stay_open(folder);
	read_dates_of(l, l->options->routes);
	read_dates_of(l, l->options->current);
	walk(l, l->old_leaving, carry);
	walk(l, l->old_transport, leave_domain);
	leave_dated(l);
	walk(l, l->old_recipients, leave_address);
	leave_listed(l, l->options->routes);
	leave_given_up(l);
	const struct entry **list = sorted(l);

	return write_map(l,
		       arena_printf(
			       l->arena, "%s/" FILES_TRANSPORT_LEAVING, folder),
		       list, err) &&
		write_dates(l,
			arena_printf(
				l->arena, "%s/" FILES_LEAVING_DATES, folder),
			list, err);
}

bool leaving_write(const struct leaving_options *options, const char *folder,
	struct err *err)
{
	struct leaving l;

	leaving_init(&l, options);
	const bool is_written = leaving_run(&l, folder, err);

	if (is_written && l.note.text[0] != '\0')
		err_set(err, "%s", l.note.text);
	leaving_fini(&l);
	return is_written;
}
