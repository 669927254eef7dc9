/*
 * Records in order of their ids, and beside them what has happened since, in
 * order of arrival; settling merges the two, so that a delta of ten changes
 * costs no more than one walk over the rest, and a full read one sort.
 *
 * A record's bytes are a row of items, a letter and one or two texts ended
 * by NULs each: D origin (of those that follow), E address, C address and
 * target, B why, O class.
 */
#include "directory/sync_store.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "directory/file_name.h"
#include "directory/sync_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const mode_t FOLDER_MODE = 0750;

enum what { WHAT_PUT, WHAT_REMOVE, WHAT_KEEP };

struct event {
	struct sync_record record;
	size_t index; /* in order of arrival */
	enum what what;
};

struct sync_store {
	struct arena *arena; /* what the records point to */
	char *mark;
	size_t mark_len;
	time_t full;

	struct sync_records records;
	struct sync_records changes; /* since the store was read */
	struct sync_file file; /* from which it was read */
	bool is_written; /* so that is no more what the file is now */
	struct event *events;
	size_t n_events, room;
	bool removes_rest;

	bool is_begun; /* the last event's bytes are coming into items */
	struct text items;
	struct text origin; /* of the last item */
};

struct sync_store *sync_store_open(void)
{
	struct sync_store *store = memory_must(calloc(1, sizeof *store));

	store->arena = arena_open();
	text_init(&store->items);
	text_init(&store->origin);
	return store;
}

void sync_store_close(struct sync_store **store)
{
	struct sync_store *s = *store;

	if (s == NULL)
		return;
	arena_close(&s->arena);
	text_fini(&s->items);
	text_fini(&s->origin);
	free(s->mark);
	sync_file_fini(&s->file);
	free(s->records.list);
	free(s->changes.list);
	free(s->events);
	free(s);
	*store = NULL;
}

static const char *folder_of(const char *state, struct arena *arena)
{
	return arena_printf(arena, "%s/sync", state);
}

const char *sync_store_path(
	const char *state, const char *name, struct arena *arena)
{
	return arena_printf(arena, "%s/%s", folder_of(state, arena),
		file_name(name, arena));
}

const char *sync_store_mark(const struct sync_store *store, size_t *len)
{
	*len = store->mark_len;
	return store->mark;
}

void sync_store_set_mark(struct sync_store *store, const char *mark, size_t len)
{
	free(store->mark);
	store->mark = NULL;
	store->mark_len = len;
	if (len == 0)
		return;
	store->mark = memory_must(malloc(len));
	memcpy(store->mark, mark, len);
}

time_t sync_store_full(const struct sync_store *store)
{
	return store->full;
}

void sync_store_set_full(struct sync_store *store, time_t when)
{
	store->full = when;
}

/* The bytes of the object that was begun are all there. */
static void finish_object(struct sync_store *store)
{
	if (!store->is_begun)
		return;
	struct sync_record *record = &store->events[store->n_events - 1].record;

	if (store->items.len > UINT32_MAX)
		memory_must(NULL);
	record->len = (uint32_t)store->items.len;
	record->bytes = arena_strndup(
		store->arena, store->items.data, store->items.len);
	text_clear(&store->items);
	text_clear(&store->origin);
	store->is_begun = false;
}

static void add_event(
	struct sync_store *store, const unsigned char *id, enum what what)
{
	finish_object(store);
	if (store->n_events == store->room) {
		store->room = store->room == 0 ? 64 : 2 * store->room;
		store->events = memory_must(reallocarray(
			store->events, store->room, sizeof *store->events));
	}
	struct event *event = &store->events[store->n_events];

	*event = (struct event){ .index = store->n_events, .what = what };
	memcpy(event->record.id, id, SYNC_ID_SIZE);
	store->n_events++;
}

static void add_item(struct sync_store *store, char letter, const char *text)
{
	text_add(&store->items, &letter, 1);
	text_add(&store->items, text, strlen(text) + 1);
}

static void add_origin(struct sync_store *store, const char *origin)
{
	if (store->origin.data != NULL &&
		strcmp(store->origin.data, origin) == 0)
		return;
	text_clear(&store->origin);
	text_adds(&store->origin, origin);
	add_item(store, 'D', origin);
}

static void take_entry(void *context, const struct entry *entry)
{
	struct sync_store *store = context;

	add_origin(store, entry->origin);
	if (entry->target == NULL) {
		add_item(store, 'E', entry->address);
		return;
	}
	add_item(store, 'C', entry->address);
	text_add(&store->items, entry->target, strlen(entry->target) + 1);
}

static void take_bad(void *context, const char *origin, const char *why)
{
	add_origin(context, origin);
	add_item(context, 'B', why);
}

static void take_object(void *context, const char *class)
{
	add_item(context, 'O', class);
}

struct sink sync_store_begin(
	struct sync_store *store, const unsigned char id[16])
{
	add_event(store, id, WHAT_PUT);
	store->is_begun = true;
	return (struct sink){ take_entry, take_bad, take_object, store };
}

void sync_store_remove(struct sync_store *store, const unsigned char id[16])
{
	add_event(store, id, WHAT_REMOVE);
}

static int compare_records(const void *a, const void *b)
{
	const struct sync_record *x = a, *y = b;

	return memcmp(x->id, y->id, SYNC_ID_SIZE);
}

void sync_store_keep(struct sync_store *store, const unsigned char id[16])
{
	struct sync_record wanted = { 0 }, *known = NULL;

	memcpy(wanted.id, id, SYNC_ID_SIZE);
	/* in the usual order, all that are kept come first */
	if (store->records.count > 0 && store->n_events == 0)
		known = bsearch(&wanted, store->records.list,
			store->records.count, sizeof wanted, compare_records);
	if (known != NULL)
		known->is_seen = true;
	else
		add_event(store, id, WHAT_KEEP);
}

void sync_store_remove_rest(struct sync_store *store)
{
	store->removes_rest = true;
}

static int compare_events(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	const int by_id = compare_records(&x->record, &y->record);

	if (by_id != 0)
		return by_id;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* Where a merge has got to. */
struct merge {
	struct sync_store *store;
	struct sync_records out;
	size_t record, event; /* the next ones */
	bool has_all; /* nothing was kept that is not there */
};

static void keep_record(
	struct merge *merge, const struct sync_record *record, bool is_seen)
{
	merge->out.list[merge->out.count] = *record;
	merge->out.list[merge->out.count++].is_seen = is_seen;
}

/* For what is appended to the file; now: NULL where it was removed. */
static void note_change(struct sync_store *store,
	const struct sync_record *before, const struct sync_record *now)
{
	struct sync_record change = now == NULL ? *before : *now;

	if (store->file.bytes == NULL)
		return;
	if (now == NULL) {
		change.is_removed = true;
		change.len = 0;
	}
	sync_records_add(&store->changes, &change);
}

/* All that happened to one object; record: as it was, or NULL. */
static void merge_events(struct merge *merge, const struct sync_record *record)
{
	const struct sync_store *store = merge->store;
	const struct event *event = &store->events[merge->event];
	const struct sync_record *const id = &event->record;
	const struct sync_record *last = record;
	bool is_kept = false;

	for (; merge->event < store->n_events; event++, merge->event++) {
		if (compare_records(&event->record, id) != 0)
			break;
		is_kept = event->what == WHAT_KEEP ||
			(is_kept && event->what == WHAT_PUT);
		if (event->what == WHAT_PUT)
			last = &event->record;
		else if (event->what == WHAT_REMOVE)
			last = NULL;
	}
	if (last != NULL)
		keep_record(merge, last, true);
	else if (is_kept)
		merge->has_all = false;
	if (last != record)
		note_change(merge->store, id, last);
}

/* Below 0: the next record has no event; 0: it has; above: an event alone. */
static int compare_next(const struct merge *merge)
{
	const struct sync_store *store = merge->store;

	if (merge->record == store->records.count)
		return 1;
	if (merge->event == store->n_events)
		return -1;
	return compare_records(&store->records.list[merge->record],
		&store->events[merge->event].record);
}

static void merge_next(struct merge *merge)
{
	struct sync_store *store = merge->store;
	const int order = compare_next(merge);

	if (order > 0) {
		merge_events(merge, NULL);
		return;
	}
	const struct sync_record *record =
		&store->records.list[merge->record++];

	if (order == 0)
		merge_events(merge, record);
	else if (record->is_seen || !store->removes_rest)
		keep_record(merge, record, record->is_seen);
	else
		note_change(store, record, NULL);
}

static void merge_all(struct merge *merge)
{
	struct sync_store *store = merge->store;
	const size_t room = store->records.count + store->n_events;

	merge->out.list =
		memory_must(calloc(room + 1, sizeof *merge->out.list));
	merge->out.room = room + 1;
	if (store->n_events > 1)
		qsort(store->events, store->n_events, sizeof *store->events,
			compare_events);
	while (merge->record < store->records.count ||
		merge->event < store->n_events)
		merge_next(merge);
}

bool sync_store_settle(struct sync_store *store)
{
	struct merge merge = { .store = store, .has_all = true };

	finish_object(store);
	if (store->n_events == 0 && !store->removes_rest)
		return true;
	merge_all(&merge);
	free(store->records.list);
	free(store->events);
	store->records = merge.out;
	store->events = NULL;
	store->n_events = store->room = 0;
	store->removes_rest = false;
	return merge.has_all;
}

/* What was appended since the whole was written. */
static void take_changes(
	struct sync_store *store, const struct sync_records *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct sync_record *record = &changes->list[i];
		const enum what what = record->is_removed ? WHAT_REMOVE
							  : WHAT_PUT;

		add_event(store, record->id, what);
		store->events[store->n_events - 1].record = *record;
	}
	sync_store_settle(store);
	for (size_t i = 0; i < store->records.count; i++)
		store->records.list[i].is_seen = false;
	store->changes.count = 0;
}

bool sync_store_read(struct sync_store *store, const char *state,
	const char *name, const char *settings)
{
	struct sync_contents contents;

	if (!sync_file_read(&contents, &store->file,
		    sync_store_path(state, name, store->arena), settings))
		return false;
	store->records = contents.records;
	store->full = contents.full;
	sync_store_set_mark(store, contents.mark, contents.mark_len);
	take_changes(store, &contents.changes);
	free(contents.changes.list);
	return true;
}

/* A new one is given to whom the state folder is. */
static bool make_folder(const char *folder, const char *state, struct err *err)
{
	if (mkdir(folder, FOLDER_MODE) != 0)
		return errno == EEXIST || err_sys(err, "create %s", folder);
	const int fd =
		open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	const bool is_shared = (fd >= 0 && file_share(fd, state)) ||
		err_sys(err, "chgrp %s", folder);

	if (fd >= 0)
		close(fd);
	return is_shared;
}

bool sync_store_write(struct sync_store *store, const char *state,
	const char *name, const char *settings, struct err *err)
{
	struct arena *arena = arena_open();
	const char *folder = folder_of(state, arena);

	sync_store_settle(store);
	const struct sync_contents contents = {
		.settings = settings,
		.mark = store->mark,
		.mark_len = store->mark_len,
		.full = store->full,
		.records = store->records,
		.changes = store->changes,
	};
	const char *path = sync_store_path(state, name, arena);
	const bool is_written =
		(!store->is_written &&
			sync_file_append(&contents, &store->file, path)) ||
		(make_folder(folder, state, err) &&
			sync_file_write(&contents, path,
				arena_printf(arena, "%s/.%s.tmp", folder,
					file_name(name, arena)),
				err));

	store->is_written = true;
	arena_close(&arena);
	return is_written;
}

/* The text at *at, which it passes; NULL behind the last one. */
static const char *next_text(const char **at, const char *end)
{
	const char *text = *at;

	if (text >= end)
		return NULL;
	*at += strlen(text) + 1;
	return text;
}

/* False where the bytes are none that were written here. */
static bool put_item(const char **at, const char *end, const char **origin,
	const struct sink *sink)
{
	const char letter = *(*at)++;
	struct entry entry = { .address = next_text(at, end) };

	if (entry.address == NULL ||
		(letter != 'O' && letter != 'D' && *origin == NULL))
		return false;
	entry.origin = *origin;
	if (letter == 'C')
		entry.target = next_text(at, end);
	if (letter == 'D')
		*origin = entry.address;
	else if (letter == 'O')
		sink->object(sink->context, entry.address);
	else if (letter == 'B')
		sink->bad(sink->context, entry.origin, entry.address);
	else
		sink->entry(sink->context, &entry);
	return true;
}

void sync_store_put(struct sync_store *store, const struct sink *sink)
{
	sync_store_settle(store);
	for (size_t i = 0; i < store->records.count; i++) {
		const struct sync_record *record = &store->records.list[i];
		const char *at = record->bytes;
		const char *const end = at + record->len;
		const char *origin = NULL;

		while (at < end && put_item(&at, end, &origin, sink))
			;
	}
}
