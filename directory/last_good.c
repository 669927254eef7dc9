/*
 * "postshare-directory 1", lines of KEY TAB ORIGIN [TAB TARGET], and a last
 * line "count N" by which a copy that lost its end is known.  Written to a
 * temporary name as it comes, so that millions of entries need no memory,
 * then fsynced and renamed.
 */
#include "directory/last_good.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "directory/file_name.h"
#include "directory/source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char FIRST_LINE[] = "postshare-directory 1\n";
static const char COUNT[] = "count ";
static const mode_t FILE_MODE = 0640;
static const mode_t FOLDER_MODE = 0750;

struct last_good_writer {
	struct arena *arena;
	const char *folder, *path, *temporary;
	FILE *file;
	size_t count;
	int failed; /* errno of the first write that failed */
};

static const char *folder_of(const char *state, struct arena *arena)
{
	return arena_printf(arena, "%s/directories", state);
}

const char *last_good_path(
	const char *state, const char *name, struct arena *arena)
{
	return arena_printf(arena, "%s/%s", folder_of(state, arena),
		file_name(name, arena));
}

static void writer_free(struct last_good_writer **writer)
{
	arena_close(&(*writer)->arena);
	free(*writer);
	*writer = NULL;
}

static FILE *create(const struct last_good_writer *writer, struct err *err)
{
	if (mkdir(writer->folder, FOLDER_MODE) != 0 && errno != EEXIST) {
		err_sys(err, "create %s", writer->folder);
		return NULL;
	}
	FILE *file = fopen(writer->temporary, "we");

	if (file == NULL)
		err_sys(err, "create %s", writer->temporary);
	else
		file_share(fileno(file), writer->folder);
	return file;
}

struct last_good_writer *last_good_open(
	const char *state, const char *name, struct err *err)
{
	struct last_good_writer *writer =
		memory_must(calloc(1, sizeof *writer));

	writer->arena = arena_open();
	writer->folder = folder_of(state, writer->arena);
	writer->path = last_good_path(state, name, writer->arena);
	writer->temporary = arena_printf(writer->arena, "%s/.%s.tmp",
		writer->folder, file_name(name, writer->arena));
	writer->file = create(writer, err);
	if (writer->file == NULL)
		writer_free(&writer);
	else if (fputs(FIRST_LINE, writer->file) == EOF)
		writer->failed = errno;
	return writer;
}

/* Keys have no control characters; an origin is the source's own text. */
static void put_origin(FILE *file, const char *origin)
{
	for (; *origin != '\0'; origin++)
		putc_unlocked(
			(unsigned char)*origin < ' ' ? ' ' : *origin, file);
}

void last_good_add(struct last_good_writer *writer, const struct entry *entry)
{
	FILE *file = writer->file;

	if (writer->failed != 0)
		return;
	fputs(entry->address, file);
	putc_unlocked('\t', file);
	put_origin(file, entry->origin);
	if (entry->target != NULL) {
		putc_unlocked('\t', file);
		fputs(entry->target, file);
	}
	if (putc_unlocked('\n', file) == EOF || ferror(file))
		writer->failed = errno;
	writer->count++;
}

/* All bytes on the disk; the stream is closed in any case. */
static bool finish(struct last_good_writer *writer)
{
	FILE *file = writer->file;

	fprintf(file, "%s%zu\n", COUNT, writer->count);
	if (writer->failed == 0 &&
		(fflush(file) != 0 || fchmod(fileno(file), FILE_MODE) != 0 ||
			fsync(fileno(file)) != 0))
		writer->failed = errno;
	if (fclose(file) != 0 && writer->failed == 0)
		writer->failed = errno;
	errno = writer->failed;
	return writer->failed == 0;
}

bool last_good_close(struct last_good_writer **writer, struct err *err)
{
	struct last_good_writer *w = *writer;
	bool good = false;

	if (!finish(w))
		err_sys(err, "write %s", w->temporary);
	else if (rename(w->temporary, w->path) != 0)
		err_sys(err, "rename %s to %s", w->temporary, w->path);
	else
		good = file_sync(w->folder, err);
	if (!good)
		unlink(w->temporary);
	writer_free(writer);
	return good;
}

/* KEY TAB ORIGIN [TAB TARGET], taken to pieces. */
static void split_entry(struct entry *out, char *line)
{
	*out = (struct entry){ .address = strsep(&line, "\t") };
	out->origin = strsep(&line, "\t");
	out->target = line;
}

/* Something, "@", something. */
static bool is_key(const char *key, const char *end)
{
	const char *at = memrchr(key, '@', (size_t)(end - key));

	return at != NULL && at > key && at + 1 < end;
}

static bool is_entry(const char *line, const char *end)
{
	const char *origin = memchr(line, '\t', (size_t)(end - line));

	if (origin == NULL || !is_key(line, origin))
		return false;
	origin++;
	const char *target = memchr(origin, '\t', (size_t)(end - origin));

	return target == NULL || is_key(target + 1, end);
}

/* Nothing stands behind the count. */
static bool is_count(const char *line, size_t count)
{
	char text[32];

	snprintf(text, sizeof text, "%s%zu\n", COUNT, count);
	return strcmp(line, text) == 0;
}

/* The entries of a copy that is whole; NULL where it is not. */
static char *check_copy(char *bytes, size_t len, size_t *count)
{
	const char *const end = bytes + len;

	if (!text_starts(bytes, FIRST_LINE) || strlen(bytes) != len)
		return NULL;
	char *const entries = bytes + sizeof FIRST_LINE - 1;
	char *line = entries;

	for (*count = 0; line < end; (*count)++) {
		char *next = memchr(line, '\n', (size_t)(end - line));

		if (next == NULL)
			return NULL;
		if (!is_entry(line, next))
			return is_count(line, *count) ? entries : NULL;
		line = next + 1;
	}
	return NULL;
}

/* Where FOUND, *entries has count lines. */
static enum lookup open_copy(char **entries, size_t *count, const char *path,
	struct arena *arena, struct err *err)
{
	size_t len;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return LOOKUP_NONE;
	char *bytes = file_read(path, &len, arena, err);

	if (bytes == NULL)
		return LOOKUP_FAILED;
	*entries = check_copy(bytes, len, count);
	if (*entries != NULL)
		return LOOKUP_FOUND;
	err_set(err, "%s: the last-good copy is damaged", path);
	return LOOKUP_FAILED;
}

enum lookup last_good_read(const char *path,
	void (*each)(void *context, const struct entry *entry), void *context,
	struct err *err)
{
	struct arena *arena = arena_open();
	size_t count = 0;
	char *at = NULL;
	const enum lookup end = open_copy(&at, &count, path, arena, err);

	for (size_t i = 0; end == LOOKUP_FOUND && i < count; i++) {
		struct entry entry;

		split_entry(&entry, strsep(&at, "\n"));
		each(context, &entry);
	}
	arena_close(&arena);
	return end;
}
