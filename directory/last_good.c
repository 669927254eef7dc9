/*
 * "postshare-directory 1", lines of KEY TAB ORIGIN [TAB TARGET], lines
 * "class N NAME", and a last line "count N" by which a copy that lost its
 * end is known.  Written and read line by line, so that millions of entries
 * need no memory here; read twice, first to know that it is whole.
 */
#include "directory/last_good.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "directory/class_counts.h"
#include "directory/file_name.h"
#include "directory/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char FIRST_LINE[] = "postshare-directory 1";
static const char CLASS[] = "class ";
static const char COUNT[] = "count ";
static const mode_t FILE_MODE = 0640;
static const mode_t FOLDER_MODE = 0750;
enum { BLOCK_SIZE = 64 * 1024 };

struct last_good_writer {
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

/* A stream of its own, whose end leaves fd open; NULL with errno. */
static FILE *stream_of(int fd, const char *mode)
{
	const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	FILE *file = own < 0 ? NULL : fdopen(own, mode);

	if (file == NULL && own >= 0)
		close(own);
	return file;
}

struct last_good_writer *last_good_open(int fd, struct err *err)
{
	FILE *file = stream_of(fd, "w");

	if (file == NULL) {
		err_sys(err, "write a list");
		return NULL;
	}
	struct last_good_writer *writer =
		memory_must(calloc(1, sizeof *writer));

	writer->file = file;
	if (fprintf(file, "%s\n", FIRST_LINE) < 0)
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

bool last_good_close(struct last_good_writer **writer,
	const struct class_counts *classes, struct err *err)
{
	struct last_good_writer *w = *writer;
	int failed = w->failed;

	for (size_t i = 0; i < classes->n_classes; i++)
		fprintf(w->file, "%s%zu %s\n", CLASS, classes->list[i].count,
			classes->list[i].class);
	fprintf(w->file, "%s%zu\n", COUNT, w->count);
	if (fclose(w->file) != 0 && failed == 0)
		failed = errno;
	free(w);
	*writer = NULL;
	errno = failed;
	return failed == 0 || err_sys(err, "write a list");
}

/* 0 or an errno. */
static int copy_bytes(int from, int to)
{
	char block[BLOCK_SIZE];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(from, block, sizeof block, at)) > 0) {
		at += n;
		if (!file_write(to, block, (size_t)n))
			return errno;
	}
	return n < 0 ? errno : 0;
}

/* All bytes on the disk; to is closed in any case. */
static bool finish(int from, int to)
{
	int failed = copy_bytes(from, to);

	if (failed == 0 && (fchmod(to, FILE_MODE) != 0 || fsync(to) != 0))
		failed = errno;
	if (close(to) != 0 && failed == 0)
		failed = errno;
	errno = failed;
	return failed == 0;
}

static int create(const char *folder, const char *path, struct err *err)
{
	if (mkdir(folder, FOLDER_MODE) != 0 && errno != EEXIST) {
		err_sys(err, "create %s", folder);
		return -1;
	}
	const int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);

	if (fd < 0)
		err_sys(err, "create %s", path);
	else
		file_share(fd, folder);
	return fd;
}

static bool replace(int fd, const char *state, const char *name,
	struct arena *arena, struct err *err)
{
	const char *folder = folder_of(state, arena);
	const char *path = last_good_path(state, name, arena);
	const char *temporary = arena_printf(
		arena, "%s/.%s.tmp", folder, file_name(name, arena));
	const int to = create(folder, temporary, err);

	if (to < 0)
		return false;
	if (!finish(fd, to))
		err_sys(err, "write %s", temporary);
	else if (rename(temporary, path) != 0)
		err_sys(err, "rename %s to %s", temporary, path);
	else
		return file_sync(folder, err);
	unlink(temporary);
	return false;
}

bool last_good_keep(
	int fd, const char *state, const char *name, struct err *err)
{
	struct arena *arena = arena_open();
	const bool is_kept = replace(fd, state, name, arena, err);

	arena_close(&arena);
	return is_kept;
}

/* Its line without the end, taken to pieces. */
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

/* "class N NAME"; *class is NAME. */
static bool class_parse(const char *line, size_t *count, const char **class)
{
	char *end;

	if (!text_starts(line, CLASS) || line[strlen(CLASS)] < '0' ||
		line[strlen(CLASS)] > '9')
		return false;
	errno = 0;
	*count = strtoul(line + strlen(CLASS), &end, 10);
	*class = end + 1;
	return errno == 0 && *end == ' ' && end[1] != '\0';
}

/* The lines of a copy one by one. */
struct lines {
	FILE *file;
	char *line; /* without its end */
	size_t room, len;
	bool is_line; /* false: no more, or one without an end or with a NUL */
};

static bool next_line(struct lines *lines)
{
	const ssize_t n = getline(&lines->line, &lines->room, lines->file);

	lines->is_line = n > 0 && lines->line[n - 1] == '\n';
	if (lines->is_line) {
		lines->len = (size_t)n - 1;
		lines->line[lines->len] = '\0';
		lines->is_line = strlen(lines->line) == lines->len;
	}
	return lines->is_line;
}

static bool next_entry(struct lines *lines)
{
	return next_line(lines) &&
		is_entry(lines->line, lines->line + lines->len);
}

/* Behind the entries, of which there were count; nothing stands after it. */
static bool is_end(struct lines *lines, size_t count)
{
	char last[32];
	size_t n;
	const char *class;

	while (lines->is_line && class_parse(lines->line, &n, &class))
		next_line(lines);
	snprintf(last, sizeof last, "%s%zu", COUNT, count);
	return lines->is_line && strcmp(lines->line, last) == 0 &&
		getc(lines->file) == EOF && !ferror(lines->file);
}

/* Its entries are counted; false where it is not whole. */
static bool is_whole(struct lines *lines, size_t *count)
{
	if (!next_line(lines) || strcmp(lines->line, FIRST_LINE) != 0)
		return false;
	*count = 0;
	while (next_entry(lines))
		(*count)++;
	return is_end(lines, *count);
}

/* False: there are fewer now, or they can not be read any more. */
static bool read_entries(struct lines *lines, size_t count,
	const struct last_good_reader *reader)
{
	struct entry entry;
	const char *class;
	size_t n;

	next_line(lines);
	for (size_t i = 0; i < count; i++) {
		if (!next_entry(lines))
			return false;
		split_entry(&entry, lines->line);
		reader->each(reader->context, &entry);
	}
	while (reader->classes != NULL && next_line(lines) &&
		class_parse(lines->line, &n, &class))
		class_counts_add(reader->classes, class, n);
	return true;
}

/* 0; EBADMSG where it is damaged, or another errno. */
static int read_stream(FILE *file, const struct last_good_reader *reader)
{
	struct lines lines = { .file = file };
	size_t count;

	rewind(file);
	bool is_read = is_whole(&lines, &count);

	if (is_read && reader->each != NULL) {
		rewind(file);
		is_read = read_entries(&lines, count, reader);
	}
	const int failed = ferror(file) ? errno : EBADMSG;

	free(lines.line);
	return is_read ? 0 : failed;
}

/* A pipe in its place would keep us waiting. */
static FILE *open_copy(const char *path, struct err *err)
{
	struct stat status;
	FILE *file = NULL;
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		err_sys(err, "open %s", path);
	else if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode))
		err_set(err, "read %s: not a regular file", path);
	else if ((file = stream_of(fd, "r")) == NULL)
		err_sys(err, "open %s", path);
	if (fd >= 0)
		close(fd);
	return file;
}

static enum lookup read_path(const char *path,
	const struct last_good_reader *reader, struct err *err)
{
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return LOOKUP_NONE;
	errno = 0;
	FILE *file = open_copy(path, err);

	if (file == NULL)
		return LOOKUP_FAILED;
	const int failed = read_stream(file, reader);

	fclose(file);
	if (failed == 0)
		return LOOKUP_FOUND;
	errno = failed;
	if (failed == EBADMSG)
		err_set(err, "%s: the last-good copy is damaged", path);
	else
		err_sys(err, "read %s", path);
	errno = failed;
	return LOOKUP_FAILED;
}

enum lookup last_good_read(const char *path,
	void (*each)(void *context, const struct entry *entry), void *context,
	struct err *err)
{
	const struct last_good_reader reader = { each, context, NULL };

	return read_path(path, &reader, err);
}

enum lookup last_good_read_all(const char *path,
	const struct last_good_reader *reader, struct err *err)
{
	return read_path(path, reader, err);
}

bool last_good_read_fd(
	int fd, const struct last_good_reader *reader, struct err *err)
{
	FILE *file = stream_of(fd, "r");
	const int failed = file == NULL ? errno : read_stream(file, reader);

	if (file != NULL)
		fclose(file);
	if (failed == EBADMSG)
		return err_set(err, "it is not whole");
	errno = failed;
	return failed == 0 || err_sys(err, "read it");
}
