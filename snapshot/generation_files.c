/*
 * The files of a generation.  Connectors and directories are few and read at
 * once; all the rest stays in the maps until it is asked for.
 */
#include "snapshot/generation_private.h"

#include "base/arena.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"
#include "snapshot/generation.h"
#include "snapshot/policy.h"
#include "snapshot/sums.h"

#include <stdio.h>
#include <string.h>

/* Longer than any address or name: 0. */
static size_t key_of(
	char full[GENERATION_KEY_SIZE], const char *kind, const char *key)
{
	const size_t kind_len = strlen(kind);
	const size_t key_len = strlen(key);

	if (kind_len + 1 + key_len >= GENERATION_KEY_SIZE)
		return 0;
	memcpy(full, kind, kind_len);
	full[kind_len] = ':';
	memcpy(full + kind_len + 1, key, key_len);
	return kind_len + 1 + key_len;
}

enum lookup generation_record(char **out, const struct generation *generation,
	const char *kind, const char *key, struct arena *arena)
{
	char full[GENERATION_KEY_SIZE];
	const size_t len = key_of(full, kind, key);
	struct slice value;

	if (len == 0)
		return LOOKUP_NONE;
	const enum lookup found = cdb_reader_copy(
		generation->policy, (struct slice){ full, len }, arena, &value);

	if (found == LOOKUP_FOUND)
		*out = (char *)value.bytes;
	return found;
}

/* How many records KIND:0, KIND:1, ... there are. */
static bool count_records(
	size_t *out, const struct generation *generation, const char *kind)
{
	char index[24];
	enum lookup found;
	char *record;

	for (*out = 0;; (*out)++) {
		snprintf(index, sizeof index, "%zu", *out);
		found = generation_record(
			&record, generation, kind, index, generation->arena);
		if (found != LOOKUP_FOUND)
			return found == LOOKUP_NONE;
	}
}

static char *record_at(
	const struct generation *generation, const char *kind, size_t at)
{
	char index[24];
	char *record = NULL;

	snprintf(index, sizeof index, "%zu", at);
	generation_record(&record, generation, kind, index, generation->arena);
	return record;
}

static bool read_connectors(struct generation *generation)
{
	struct connector *list;
	size_t count;

	if (!count_records(&count, generation, "connector"))
		return false;
	list = arena_array(generation->arena, count, sizeof *list);
	for (size_t i = 0; i < count; i++) {
		char *record = record_at(generation, "connector", i);

		if (record == NULL ||
			!policy_connector_parse(
				&list[i], record, generation->arena))
			return false;
		list[i].index = (unsigned)i;
	}
	generation->view.connectors = list;
	generation->view.n_connectors = count;
	return true;
}

static bool read_directories(struct generation *generation)
{
	struct directory *list;
	size_t count;

	if (!count_records(&count, generation, "directory"))
		return false;
	list = arena_array(generation->arena, count, sizeof *list);
	for (size_t i = 0; i < count; i++) {
		char *record = record_at(generation, "directory", i);

		if (record == NULL ||
			!policy_directory_parse(
				&list[i], record, generation->arena))
			return false;
		list[i].index = (unsigned)i;
	}
	generation->loaded = arena_array(
		generation->arena, count, sizeof *generation->loaded);
	generation->view.directories = list;
	generation->view.n_directories = count;
	generation->view.loaded = generation->loaded;
	return true;
}

static bool read_settings(struct generation *generation)
{
	struct policy_settings settings;
	struct slice value;

	if (cdb_reader_copy(generation->policy, slice_of("settings"),
		    generation->arena, &value) != LOOKUP_FOUND ||
		!policy_settings_parse(
			&settings, value.bytes, generation->arena))
		return false;
	generation->view.extension = settings.extension;
	generation->view.postmaster = settings.postmaster;
	return true;
}

struct cdb_reader *generation_open_map(
	const struct generation *generation, const char *name, struct err *err)
{
	const char *path = arena_printf(
		generation->arena, "%s/%s", generation->folder, name);

	if (generation->sums == NULL)
		return cdb_reader_open(path, err);
	const struct sums_list list = sums_of(generation->sums, name);

	return cdb_reader_open_verified(path, &list, err);
}

/* Sums that somebody removed must not go unnoticed. */
static bool has_its_sums(const struct generation *generation)
{
	const char *value;
	size_t len;

	return generation->sums != NULL ||
		cdb_reader_find(generation->policy, POLICY_SUMS, &value,
			&len) == LOOKUP_NONE;
}

static bool read_policy(struct generation *generation, struct err *err)
{
	generation->policy = generation_open_map(generation, FILES_POLICY, err);
	if (generation->policy == NULL)
		return false;
	if (!has_its_sums(generation))
		return err_set(
			err, "%s/" FILES_SUMS ": missing", generation->folder);
	if (!read_settings(generation) || !read_connectors(generation) ||
		!read_directories(generation))
		return err_set(err,
			"%s/" FILES_POLICY ": damaged, or of another version",
			generation->folder);
	return true;
}

/* Until both are found. */
static bool note_kind(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	struct generation *generation = context;
	const struct slice record = { key, key_len };

	(void)value;
	(void)value_len;
	generation->may_have_contacts |= slice_starts(record, "contact:");
	generation->may_have_brought |= slice_starts(record, "brought:");
	return !generation->may_have_contacts || !generation->may_have_brought;
}

/*
 * A map that is not read whole is not walked either: that would take longer
 * than a first answer may.  Nobody knows what the rest has where a walk ends
 * before its end.
 */
static void note_kinds(struct generation *generation)
{
	if (cdb_reader_is_whole(generation->policy) &&
		cdb_reader_walk(generation->policy, note_kind, generation))
		return;
	generation->may_have_contacts = true;
	generation->may_have_brought = true;
}

/* All are opened by the folder, never through a link: they are of one. */
bool generation_read(
	struct generation *generation, bool may_lack, struct err *err)
{
	if (!sums_open(&generation->sums, generation->folder, err) ||
		!read_policy(generation, err))
		return false;
	note_kinds(generation);
	generation->recipients =
		generation_open_map(generation, FILES_RELAY_RECIPIENTS, err);
	return generation->recipients != NULL || may_lack;
}
