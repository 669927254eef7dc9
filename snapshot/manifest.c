/*
 * One JSON object in a fixed order of members: equal files give an equal
 * manifest but for number and time.
 */
#include "snapshot/manifest.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "snapshot/files.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* NULL where a name is not UTF-8. */
static json_t *files_to_json(const struct manifest *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n_files; i++) {
		const struct manifest_file *file = &m->files[i];

		json_array_append_new(list,
			json_pack("{s:s, s:I, s:s}", "name", file->name,
				"records", (json_int_t)file->records, "blake2b",
				file->digest));
	}
	return list;
}

static json_t *directories_to_json(const struct manifest *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n_directories; i++) {
		const struct manifest_directory *d = &m->directories[i];

		json_array_append_new(list,
			json_pack("{s:s, s:I, s:I}", "name", d->name, "entries",
				(json_int_t)d->entries, "loaded",
				(json_int_t)d->loaded));
	}
	return list;
}

static json_t *to_json(const struct manifest *m)
{
	json_t *files = files_to_json(m);
	json_t *directories = directories_to_json(m);

	/* What is no UTF-8 was not appended. */
	if (json_array_size(files) != m->n_files ||
		json_array_size(directories) != m->n_directories) {
		json_decref(files);
		json_decref(directories);
		return NULL;
	}
	json_t *content_of = m->content_of == 0
		? NULL
		: json_integer((json_int_t)m->content_of);

	return json_pack("{s:I, s:o*, s:I, s:s, s:o, s:o}", "generation",
		(json_int_t)m->generation, "content_of", content_of, "time",
		(json_int_t)m->time, "configuration",
		m->configuration ? m->configuration : "", "directories",
		directories, "files", files);
}

bool manifest_write(
	const struct manifest *m, const char *folder, struct err *err)
{
	struct text path = { 0 };
	struct text text = { 0 };
	json_t *json = to_json(m);
	char *dump = json == NULL ? NULL : json_dumps(json, JSON_INDENT(2));
	bool is_written = false;

	text_addf(&path, "%s/" FILES_MANIFEST, folder);
	if (dump == NULL) {
		err_set(err, "%s: a name in it is not UTF-8", path.data);
	} else {
		text_addf(&text, "%s\n", dump);
		is_written = files_replace(path.data, &text, err);
	}
	free(dump);
	json_decref(json);
	text_fini(&text);
	text_fini(&path);
	return is_written;
}

static unsigned long count_of(json_int_t value)
{
	return value < 0 ? 0 : (unsigned long)value;
}

static bool files_of_json(
	struct manifest *m, const json_t *list, struct arena *arena)
{
	m->n_files = json_array_size(list);
	m->files = arena_array(arena, m->n_files, sizeof *m->files);
	for (size_t i = 0; i < m->n_files; i++) {
		json_int_t records;
		const char *name, *digest;

		if (json_unpack(json_array_get(list, i), "{s:s, s:I, s:s}",
			    "name", &name, "records", &records, "blake2b",
			    &digest) != 0)
			return false;
		m->files[i] = (struct manifest_file){
			.name = arena_strdup(arena, name),
			.records = count_of(records),
			.digest = arena_strdup(arena, digest),
		};
	}
	return true;
}

static bool directories_of_json(
	struct manifest *m, const json_t *list, struct arena *arena)
{
	m->n_directories = json_array_size(list);
	m->directories =
		arena_array(arena, m->n_directories, sizeof *m->directories);
	for (size_t i = 0; i < m->n_directories; i++) {
		json_int_t entries, loaded;
		const char *name;

		if (json_unpack(json_array_get(list, i), "{s:s, s:I, s:I}",
			    "name", &name, "entries", &entries, "loaded",
			    &loaded) != 0)
			return false;
		m->directories[i] = (struct manifest_directory){
			.name = arena_strdup(arena, name),
			.entries = count_of(entries),
			.loaded = (time_t)loaded,
		};
	}
	return true;
}

static bool of_json(struct manifest *m, json_t *json, struct arena *arena)
{
	json_int_t generation, seconds, content_of = 0;
	const char *configuration;
	json_t *files, *directories;

	if (json_unpack(json, "{s:I, s?I, s:I, s:s, s:o, s:o}", "generation",
		    &generation, "content_of", &content_of, "time", &seconds,
		    "configuration", &configuration, "directories",
		    &directories, "files", &files) != 0)
		return false;
	m->generation = count_of(generation);
	m->content_of = count_of(content_of);
	m->time = (time_t)seconds;
	m->configuration = arena_strdup(arena, configuration);
	return json_is_array(files) && json_is_array(directories) &&
		files_of_json(m, files, arena) &&
		directories_of_json(m, directories, arena);
}

bool manifest_read(struct manifest *m, const char *folder, struct arena *arena,
	struct err *err)
{
	const char *path = arena_printf(arena, "%s/" FILES_MANIFEST, folder);
	size_t len;
	const char *bytes = file_read_small(path, &len, arena, err);
	json_error_t error;

	if (bytes == NULL)
		return false;
	json_t *json = json_loadb(bytes, len, 0, &error);

	if (json == NULL)
		return err_at(err, (struct place){ path, (unsigned)error.line },
			"no JSON: %s", error.text);
	const bool is_good = of_json(m, json, arena) ||
		err_set(err, "%s: not the manifest of a generation", path);

	json_decref(json);
	return is_good;
}
