/*
 * Addresses are checked and become keys; what becomes of several with one key
 * is for the entries to know.
 */
#include "directory/stage.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "directory/entries.h"
#include "directory/key.h"
#include "directory/listing.h"
#include "directory/plain_key.h"

#include <stdlib.h>
#include <string.h>

/* Of a DN a server can make each entry's longer than all else of it. */
enum { ORIGIN_MAX = 1024 };

struct stage {
	const struct directory *directory;
	const char *delimiters;
	struct faults *faults;
	struct arena *classes_arena;
	struct arena *scratch; /* forgotten with each entry */
	struct plain_domains *domains;

	struct entries *entries;
	size_t n_lines, n_bad;
	struct class_counts classes;
};

/* Not within a character, of which no more than three bytes go on. */
static size_t origin_len(const char *origin)
{
	const size_t all = strnlen(origin, ORIGIN_MAX + 1);
	size_t len = ORIGIN_MAX;

	if (all <= ORIGIN_MAX)
		return all;
	while (len > ORIGIN_MAX - 3 &&
		((unsigned char)origin[len] & 0xc0) == 0x80)
		len--;
	return len;
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
			key_printable(arena_strndup(stage->scratch, origin,
					      origin_len(origin)),
				stage->scratch),
			text);
	}
}

static const char *copy(struct stage *stage, struct slice slice)
{
	return arena_strndup(stage->scratch, slice.bytes, slice.len);
}

static void refuse_target(void *context, const struct listing_entry *first,
	const struct listing_entry *again)
{
	struct stage *stage = context;

	add_bad(stage, copy(stage, again->origin),
		arena_printf(stage->scratch,
			"contact %s has another target already (%s, at %s)",
			copy(stage, first->address), copy(stage, first->target),
			copy(stage, first->origin)));
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
	stage->entries = entries_open(refuse_target, stage);
	class_counts_init(&stage->classes, stage->classes_arena);
	return stage;
}

void stage_close(struct stage **stage)
{
	struct stage *s = *stage;

	if (s == NULL)
		return;
	entries_close(&s->entries);
	plain_domains_close(&s->domains);
	arena_close(&s->scratch);
	arena_close(&s->classes_arena);
	free(s);
	*stage = NULL;
}

static void take_bad(void *context, const char *origin, const char *why)
{
	struct stage *stage = context;

	entries_settle(stage->entries); /* what came before is told before */
	stage->n_lines++;
	add_bad(stage, origin, why);
}

/* Keys have no control characters; an origin is the source's own text. */
static void append_origin(struct entries *entries, const char *origin)
{
	const size_t len = origin_len(origin);
	char *to = entries_reserve(entries, len + 1);

	*to++ = '\t';
	for (size_t i = 0; i < len; i++)
		to[i] = (unsigned char)origin[i] < ' ' ? ' ' : origin[i];
	entries_extend(entries, len + 1);
}

/*
 * The key stands already where the line begins, len bytes of it; the rest of
 * its line.
 */
static void add_line(
	struct stage *stage, size_t len, const char *origin, const char *target)
{
	struct entries *entries = stage->entries;

	stage->n_lines++;
	entries_extend(entries, len);
	append_origin(entries, origin);
	if (target != NULL) {
		entries_append(entries, "\t", 1);
		entries_append(entries, target, strlen(target));
	}
	entries_append(entries, "\n", 1);
	entries_add(entries, len, target != NULL);
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

	memcpy(entries_reserve(stage->entries, len), key, len);
	add_line(stage, len, entry->origin, target);
}

static void take_entry(void *context, const struct entry *entry)
{
	struct stage *stage = context;
	size_t len = 0;

	if (entry->target == NULL)
		len = plain_key(entries_reserve(stage->entries, PLAIN_KEY_MAX),
			stage->domains, entry->address);
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

void stage_expect(struct stage *stage, size_t seen, size_t all)
{
	entries_expect(stage->entries, seen, all);
}

void stage_finish(struct stage *stage)
{
	const size_t shown = STAGE_FAULTS_MAX;

	entries_finish(stage->entries, &stage->classes);
	if (stage->n_bad > shown)
		faults_advice(stage->faults,
			(struct place){ stage->directory->source, 0 },
			"%zu more bad line%s not shown", stage->n_bad - shown,
			stage->n_bad - shown == 1 ? " is" : "s are");
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
	return entries_count(stage->entries);
}

size_t stage_somebodies(const struct stage *stage)
{
	return entries_somebodies(stage->entries);
}

const struct class_counts *stage_classes(const struct stage *stage)
{
	return &stage->classes;
}

struct slice stage_listing(const struct stage *stage)
{
	return entries_listing(stage->entries);
}

void stage_index(struct stage *stage)
{
	entries_index(stage->entries);
}

bool stage_vouches(const struct stage *stage, struct slice key, size_t *hint)
{
	return entries_vouch(stage->entries, key, hint);
}
