/*
 * One walk over a folder, sorted, and one JSON object in a fixed order of
 * members: equal files give an equal manifest but for number and time.
 * The digest is the one that b2sum(1) prints, so that an administrator can
 * check a file without our programs.
 */
#include "snapshot/manifest.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"
#include "snapshot/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_SIZE = 128 * 1024 };

/* What one pass over the bytes of a file tells. */
struct measure {
	struct digest *digest;
	unsigned long lines;
	char last; /* byte */
};

static void count_lines(struct measure *measure, const char *bytes, size_t len)
{
	const char *end = bytes + len;
	const char *at = bytes;

	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		measure->lines++;
		at++;
	}
	measure->last = end[-1];
}

static bool measure_bytes(struct measure *measure, int fd, char *chunk)
{
	for (;;) {
		const ssize_t n = read(fd, chunk, CHUNK_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		digest_add(measure->digest, chunk, (size_t)n);
		count_lines(measure, chunk, (size_t)n);
	}
}

static bool measure_open_file(struct manifest_file *file, int fd,
	const char *path, struct arena *arena, struct err *err)
{
	struct measure measure = { digest_open(err), 0, '\n' };

	if (measure.digest == NULL)
		return false;
	char *chunk = memory_must(malloc(CHUNK_SIZE));
	const bool is_read = measure_bytes(&measure, fd, chunk) ||
		err_sys(err, "read %s", path);

	if (is_read)
		file->digest = digest_format(measure.digest, arena);
	file->records = measure.lines + (measure.last != '\n');
	digest_close(&measure.digest);
	free(chunk);
	return is_read;
}

static bool count_record(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	unsigned long *records = context;

	(void)key, (void)key_len, (void)value, (void)value_len;
	++*records;
	return true;
}

static bool count_records(
	unsigned long *records, const char *path, struct err *err)
{
	struct cdb_reader *reader = cdb_reader_open(path, err);

	if (reader == NULL)
		return false;
	*records = 0;
	const bool is_good = cdb_reader_walk(reader, count_record, records) ||
		err_set(err, "%s: corrupt after %lu records", path, *records);

	cdb_reader_close(&reader);
	return is_good;
}

static bool is_cdb(const char *name)
{
	const size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".cdb") == 0;
}

/* What is neither keys nor lines has none of them. */
static bool has_lines(const char *name)
{
	return strcmp(name, FILES_SUMS) != 0;
}

static bool measure_file(struct manifest_file *file, const char *folder,
	struct arena *arena, struct err *err)
{
	const char *path = arena_printf(arena, "%s/%s", folder, file->name);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "open %s", path);
	const bool is_read = measure_open_file(file, fd, path, arena, err);

	close(fd);
	if (!has_lines(file->name))
		file->records = 0;
	return is_read &&
		(!is_cdb(file->name) ||
			count_records(&file->records, path, err));
}

bool manifest_measure(struct manifest *m, const char *folder,
	struct arena *arena, struct err *err)
{
	struct folder list;

	if (!folder_list(&list, folder, arena, err))
		return false;
	m->files = arena_array(arena, list.count, sizeof *m->files);
	m->n_files = 0;
	for (size_t i = 0; i < list.count; i++) {
		struct manifest_file *file = &m->files[m->n_files];

		if (strcmp(list.names[i], FILES_MANIFEST) == 0)
			continue;
		file->name = list.names[i];
		if (!measure_file(file, folder, arena, err))
			return false;
		m->n_files++;
	}
	return true;
}

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
	const char *bytes = file_read(path, &len, arena, err);
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
