/*
 * Entries are kept as what they are handed over as, the lines of a copy, one
 * behind the other; the stage knows where the line of each entry begins, and
 * finds it by the hash of its key.  A line that is no entry after all, for
 * its key was there, stays as a gap until the end.
 *
 * A line is looked up a little later than it is written, so that the memory
 * that tells whether its key is there has arrived.
 */
#include "directory/stage.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/slots.h"
#include "base/text.h"
#include "directory/key.h"
#include "directory/listing.h"
#include "directory/plain_key.h"

#include <stdlib.h>
#include <string.h>

enum {
	N_PENDING = 16, /* a power of two */
	ROOM_FIRST = 64 * 1024,
	STARTS_FIRST = 1024,
	EXPECT_MIN = 1000, /* entries; fewer tell little of the rest */
};

/* A line that is not looked up yet. */
struct pending {
	size_t start;
	size_t key_len;
	uint32_t hash;
	bool is_contact;
};

struct stage {
	const struct directory *directory;
	const char *delimiters;
	struct faults *faults;
	struct arena *classes_arena;
	struct arena *scratch; /* forgotten with each entry */
	struct plain_domains *domains;

	char *lines; /* memory_map(), room bytes of it */
	size_t len, room;
	size_t *starts; /* of each entry; memory_map() */
	size_t count, starts_room;
	struct slots slots; /* key -> number of the entry */
	struct pending pending[N_PENDING]; /* a ring, oldest first */
	size_t first_pending, n_pending;
	bool has_gaps, is_expected;

	size_t n_lines, n_bad, n_somebodies;
	struct class_counts classes;
};

/* Room for len more bytes. */
static char *reserve(struct stage *stage, size_t len)
{
	size_t room = stage->room;

	while (room - stage->len < len)
		room *= 2;
	if (room != stage->room)
		stage->lines = memory_remap(stage->lines, stage->room, room);
	stage->room = room;
	return stage->lines + stage->len;
}

static void append(struct stage *stage, const char *bytes, size_t len)
{
	memcpy(reserve(stage, len), bytes, len);
	stage->len += len;
}

static void append_head(struct stage *stage)
{
	struct text head;

	text_init(&head);
	listing_put_head(&head);
	append(stage, head.data, head.len);
	text_fini(&head);
}

struct stage *stage_open(const struct directory *directory,
	const char *delimiters, struct faults *faults)
{
	struct stage *stage = memory_must(calloc(1, sizeof *stage));

	stage->directory = directory;
	stage->delimiters = delimiters;
	stage->faults = faults;
	stage->classes_arena = arena_open();
	stage->scratch = arena_open();
	stage->domains = plain_domains_open();
	stage->room = ROOM_FIRST;
	stage->lines = memory_map(stage->room);
	stage->starts_room = STARTS_FIRST;
	stage->starts = memory_map(STARTS_FIRST * sizeof *stage->starts);
	slots_init(&stage->slots);
	class_counts_init(&stage->classes, stage->classes_arena);
	append_head(stage);
	return stage;
}

void stage_close(struct stage **stage)
{
	struct stage *s = *stage;

	if (s == NULL)
		return;
	slots_fini(&s->slots);
	memory_unmap(s->starts, s->starts_room * sizeof *s->starts);
	memory_unmap(s->lines, s->room);
	plain_domains_close(&s->domains);
	arena_close(&s->scratch);
	arena_close(&s->classes_arena);
	free(s);
	*stage = NULL;
}

static void add_bad(struct stage *stage, const char *origin, const char *why)
{
	unsigned long line;

	if (++stage->n_bad > STAGE_FAULTS_MAX)
		return;
	const char *text = key_printable(why, stage->scratch);
	struct place place = { stage->directory->source, 0 };

	/* an origin that is a line becomes the place's line */
	if (text_to_ulong(&line, origin)) {
		place.line = (unsigned)line;
		faults_advice(stage->faults, place, "%s", text);
	} else {
		faults_advice(stage->faults, place, "%s: %s",
			key_printable(origin, stage->scratch), text);
	}
}

static struct listing_entry line_at(const struct stage *stage, size_t start)
{
	struct listing_walk walk = { stage->lines + start,
		stage->lines + stage->len };
	struct listing_entry entry;

	listing_next(&walk, &entry);
	return entry;
}

/* Whether that entry has the key; a tab follows it in both. */
static bool has_key(const struct stage *stage, size_t number, struct slice key)
{
	const size_t start = stage->starts[number];

	return stage->len - start > key.len &&
		memcmp(stage->lines + start, key.bytes, key.len) == 0 &&
		stage->lines[start + key.len] == '\t';
}

static bool find(const struct stage *stage, struct slice key, uint32_t hash,
	uint32_t *number)
{
	struct slots_walk walk = slots_walk(&stage->slots, hash);

	while (slots_next(&stage->slots, &walk, number))
		if (has_key(stage, *number, key))
			return true;
	return false;
}

static const char *copy(struct stage *stage, struct slice slice)
{
	return arena_strndup(stage->scratch, slice.bytes, slice.len);
}

static void refuse_target(struct stage *stage,
	const struct listing_entry *first, const struct listing_entry *again)
{
	add_bad(stage, copy(stage, again->origin),
		arena_printf(stage->scratch,
			"contact %s has another target already (%s, at %s)",
			copy(stage, first->address), copy(stage, first->target),
			copy(stage, first->origin)));
}

/*
 * A mailbox wins over a contact of the same address, as it does between
 * directories; of two contacts the first one stays.
 */
static void put_again(struct stage *stage, uint32_t number, size_t start)
{
	const struct listing_entry first =
		line_at(stage, stage->starts[number]);
	const struct listing_entry again = line_at(stage, start);

	stage->has_gaps = true;
	if (first.target.len == 0)
		return;
	if (again.target.len == 0) {
		stage->n_somebodies += !listing_is_somebody(&first);
		stage->starts[number] = start;
	} else if (!slice_same(first.target, again.target)) {
		refuse_target(stage, &first, &again);
	}
}

static void put_first(struct stage *stage, const struct pending *pending)
{
	bool is_somebody = true;

	if (pending->is_contact) {
		const struct listing_entry entry =
			line_at(stage, pending->start);

		is_somebody = listing_is_somebody(&entry);
	}
	if (stage->count == stage->starts_room) {
		const size_t size = stage->starts_room * sizeof *stage->starts;

		stage->starts = memory_remap(stage->starts, size, 2 * size);
		stage->starts_room *= 2;
	}
	stage->n_somebodies += is_somebody;
	slots_put(&stage->slots, pending->hash, (uint32_t)stage->count);
	stage->starts[stage->count++] = pending->start;
}

static void settle_oldest(struct stage *stage)
{
	const struct pending *pending = &stage->pending[stage->first_pending];
	const struct slice key = { stage->lines + pending->start,
		pending->key_len };
	uint32_t number;

	stage->first_pending = (stage->first_pending + 1) % N_PENDING;
	stage->n_pending--;
	if (find(stage, key, pending->hash, &number))
		put_again(stage, number, pending->start);
	else
		put_first(stage, pending);
}

static void settle(struct stage *stage)
{
	while (stage->n_pending > 0)
		settle_oldest(stage);
}

static void take_bad(void *context, const char *origin, const char *why)
{
	struct stage *stage = context;

	settle(stage); /* what was before it is told before it */
	stage->n_lines++;
	add_bad(stage, origin, why);
}

/* Keys have no control characters; an origin is the source's own text. */
static void append_origin(struct stage *stage, const char *origin)
{
	const size_t len = strlen(origin);
	char *to = reserve(stage, len + 1);

	*to++ = '\t';
	for (size_t i = 0; i < len; i++)
		to[i] = (unsigned char)origin[i] < ' ' ? ' ' : origin[i];
	stage->len += len + 1;
}

/*
 * The key stands already where lines end, len bytes of it; the rest of its
 * line.
 */
static void add_line(
	struct stage *stage, size_t len, const char *origin, const char *target)
{
	const struct pending pending = { .start = stage->len,
		.key_len = len,
		.hash = slots_hash(
			&stage->slots, stage->lines + stage->len, len),
		.is_contact = target != NULL };

	slots_prefetch(&stage->slots, pending.hash);
	stage->n_lines++;
	stage->len += len;
	append_origin(stage, origin);
	if (target != NULL) {
		append(stage, "\t", 1);
		append(stage, target, strlen(target));
	}
	append(stage, "\n", 1);
	if (stage->n_pending == N_PENDING)
		settle_oldest(stage);
	stage->pending[(stage->first_pending + stage->n_pending++) %
		N_PENDING] = pending;
}

/* *out is a key, NULL for a mailbox; false: it was bad. */
static bool take_target(
	struct stage *stage, const struct entry *entry, const char **out)
{
	struct err err = { 0 };

	*out = NULL;
	if (entry->target == NULL)
		return true;
	*out = key_parse(
		entry->target, stage->delimiters, stage->scratch, &err);
	if (*out == NULL)
		take_bad(stage, entry->origin,
			arena_printf(stage->scratch, "target: %s", err.text));
	return *out != NULL;
}

/*
 * Whether a contact for itself is how the source shows a mailbox that
 * another system has.  Elsewhere it is how people write a mailbox.
 */
static bool has_contacts_of_others(const struct directory *directory)
{
	switch (directory->preset) {
	case PRESET_EXCHANGE:
	case PRESET_EXCHANGE_55:
	case PRESET_ACTIVE_DIRECTORY: return true;
	case PRESET_NONE:
	case PRESET_OPENLDAP: break;
	}
	return false;
}

static void take_carefully(struct stage *stage, const struct entry *entry)
{
	const char *target;
	struct err err = { 0 };

	arena_reset(stage->scratch);
	const char *key = key_parse(
		entry->address, stage->delimiters, stage->scratch, &err);

	if (key == NULL) {
		take_bad(stage, entry->origin, err.text);
		return;
	}
	plain_domains_learn(stage->domains, entry->address, key);
	if (!take_target(stage, entry, &target))
		return;
	if (target != NULL && strcmp(target, key) == 0 &&
		!has_contacts_of_others(stage->directory))
		target = NULL;
	const size_t len = strlen(key);

	memcpy(reserve(stage, len), key, len);
	add_line(stage, len, entry->origin, target);
}

static void take_entry(void *context, const struct entry *entry)
{
	struct stage *stage = context;
	size_t len = 0;

	if (entry->target == NULL)
		len = plain_key(reserve(stage, PLAIN_KEY_MAX), stage->domains,
			entry->address);
	if (len > 0)
		add_line(stage, len, entry->origin, NULL);
	else
		take_carefully(stage, entry);
}

static void take_object(void *context, const char *class)
{
	struct stage *stage = context;

	class_counts_add(&stage->classes, class, 1);
}

struct sink stage_sink(struct stage *stage)
{
	return (struct sink){ take_entry, take_bad, take_object, stage };
}

/* Once: what is not like the beginning grows as it comes. */
void stage_expect(struct stage *stage, size_t seen, size_t all)
{
	if (stage->is_expected || stage->count < EXPECT_MIN || seen >= all)
		return;
	const double more = (double)(all - seen) / (double)seen;
	const double count = more * (double)stage->count;

	stage->is_expected = true;
	if (count < UINT32_MAX)
		slots_reserve(&stage->slots, (size_t)count);
}

/* The lines of the entries alone, in their order. */
static void close_gaps(struct stage *stage)
{
	char *old = stage->lines;
	const size_t old_room = stage->room;

	stage->lines = memory_map(old_room);
	stage->len = 0;
	append_head(stage);
	for (size_t i = 0; i < stage->count; i++) {
		const char *line = old + stage->starts[i];
		const char *end = rawmemchr(line, '\n');

		stage->starts[i] = stage->len;
		append(stage, line, (size_t)(end + 1 - line));
	}
	memory_unmap(old, old_room);
}

void stage_finish(struct stage *stage)
{
	const size_t shown = STAGE_FAULTS_MAX;
	struct text tail;

	settle(stage);
	if (stage->n_bad > shown)
		faults_advice(stage->faults,
			(struct place){ stage->directory->source, 0 },
			"%zu more bad line%s not shown", stage->n_bad - shown,
			stage->n_bad - shown == 1 ? " is" : "s are");
	if (stage->has_gaps)
		close_gaps(stage);
	text_init(&tail);
	listing_put_tail(&tail, &stage->classes, stage->count);
	append(stage, tail.data, tail.len);
	text_fini(&tail);
}

size_t stage_bad(const struct stage *stage)
{
	return stage->n_bad;
}

size_t stage_lines(const struct stage *stage)
{
	return stage->n_lines;
}

size_t stage_count(const struct stage *stage)
{
	return stage->count;
}

size_t stage_somebodies(const struct stage *stage)
{
	return stage->n_somebodies;
}

const struct class_counts *stage_classes(const struct stage *stage)
{
	return &stage->classes;
}

struct slice stage_listing(const struct stage *stage)
{
	return (struct slice){ stage->lines, stage->len };
}

bool stage_vouches(const struct stage *stage, struct slice key, size_t *hint)
{
	uint32_t number = (uint32_t)*hint;

	if ((*hint >= stage->count || !has_key(stage, *hint, key)) &&
		!find(stage, key, slots_hash(&stage->slots, key.bytes, key.len),
			&number))
		return false;
	*hint = (size_t)number + 1;
	if (stage->n_somebodies == stage->count)
		return true;
	const struct listing_entry entry =
		line_at(stage, stage->starts[number]);

	return listing_is_somebody(&entry);
}
