/*
 * An entry is one piece of memory, "KEY\0ORIGIN\0TARGET\0", for there may be
 * millions: the table's key is its start, the table's value its origin.
 */
#include "directory/stage.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "directory/key.h"

#include <stdlib.h>
#include <string.h>

struct stage {
	const struct directory *directory;
	const char *delimiters;
	struct faults *faults;
	struct arena *entries;
	struct arena *scratch; /* forgotten with each entry */
	struct table *table; /* key -> origin, with the target behind it */
	size_t n_lines, n_bad;
	struct class_counts classes;
};

struct stage *stage_open(const struct directory *directory,
	const char *delimiters, struct faults *faults)
{
	struct stage *stage = memory_must(calloc(1, sizeof *stage));

	stage->directory = directory;
	stage->delimiters = delimiters;
	stage->faults = faults;
	stage->entries = arena_open();
	stage->scratch = arena_open();
	stage->table = table_open();
	class_counts_init(&stage->classes, stage->entries);
	return stage;
}

void stage_close(struct stage **stage)
{
	if (*stage == NULL)
		return;
	table_close(&(*stage)->table);
	arena_close(&(*stage)->scratch);
	arena_close(&(*stage)->entries);
	free(*stage);
	*stage = NULL;
}

/* An origin that is a line becomes the place's line. */
static void take_bad(void *context, const char *origin, const char *why)
{
	struct stage *stage = context;
	unsigned long line;

	stage->n_lines++;
	if (++stage->n_bad > STAGE_FAULTS_MAX)
		return;
	const char *text = key_printable(why, stage->scratch);
	struct place place = { stage->directory->source, 0 };

	if (text_to_ulong(&line, origin)) {
		place.line = (unsigned)line;
		faults_advice(stage->faults, place, "%s", text);
	} else {
		faults_advice(stage->faults, place, "%s: %s",
			key_printable(origin, stage->scratch), text);
	}
}

static const char *target_of(const char *origin)
{
	const char *target = origin + strlen(origin) + 1;

	return *target == '\0' ? NULL : target;
}

/* target "" for a mailbox. */
static void put(struct stage *stage, const char *key, const char *origin,
	const char *target)
{
	const size_t key_size = strlen(key) + 1;
	const size_t origin_size = strlen(origin) + 1;
	const size_t target_size = strlen(target) + 1;
	char *packed = arena_alloc(
		stage->entries, key_size + origin_size + target_size);

	memcpy(packed, key, key_size);
	memcpy(packed + key_size, origin, origin_size);
	memcpy(packed + key_size + origin_size, target, target_size);
	table_put(stage->table, packed, packed + key_size);
}

/*
 * A mailbox wins over a contact of the same address, as it does between
 * directories; of two contacts the first one stays.
 */
static void put_again(struct stage *stage, const char *first, const char *key,
	const struct entry *entry)
{
	const char *old = target_of(first);

	if (old != NULL && entry->target == NULL)
		put(stage, key, entry->origin, "");
	if (old == NULL || entry->target == NULL ||
		strcmp(old, entry->target) == 0)
		return;
	stage->n_lines--; /* take_bad() counts it */
	take_bad(stage, entry->origin,
		arena_printf(stage->scratch,
			"contact %s has another target already (%s, at %s)",
			key, old, first));
}

/* entry->target is a key or NULL. */
static void put_key(
	struct stage *stage, const char *key, const struct entry *entry)
{
	const char *first = table_find(stage->table, key);

	stage->n_lines++;
	if (first != NULL)
		put_again(stage, first, key, entry);
	else
		put(stage, key, entry->origin,
			entry->target == NULL ? "" : entry->target);
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

static void take_entry(void *context, const struct entry *entry)
{
	struct stage *stage = context;
	struct entry checked = { .origin = entry->origin };
	struct err err = { 0 };

	arena_reset(stage->scratch);
	const char *key = key_parse(
		entry->address, stage->delimiters, stage->scratch, &err);

	if (key == NULL) {
		take_bad(stage, entry->origin, err.text);
		return;
	}
	if (!take_target(stage, entry, &checked.target))
		return;
	if (checked.target != NULL && strcmp(checked.target, key) == 0 &&
		!has_contacts_of_others(stage->directory))
		checked.target = NULL;
	put_key(stage, key, &checked);
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

void stage_finish_faults(struct stage *stage)
{
	if (stage->n_bad > STAGE_FAULTS_MAX)
		faults_advice(stage->faults,
			(struct place){ stage->directory->source, 0 },
			"%zu more bad lines are not shown",
			stage->n_bad - STAGE_FAULTS_MAX);
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
	return table_count(stage->table);
}

void stage_get(const struct stage *stage, size_t index, struct entry *out)
{
	const char *origin = table_value(stage->table, index);

	*out = (struct entry){ .address = table_key(stage->table, index),
		.target = target_of(origin),
		.origin = origin };
}

bool stage_find(const struct stage *stage, const char *key, struct entry *out)
{
	const char *origin = table_find(stage->table, key);

	if (origin == NULL)
		return false;
	*out = (struct entry){
		.address = key, .target = target_of(origin), .origin = origin
	};
	return true;
}

const struct class_counts *stage_classes(const struct stage *stage)
{
	return &stage->classes;
}
