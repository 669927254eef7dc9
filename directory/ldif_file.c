/*
 * An empty line ends an entry and nothing else, in UTF-8: parts of the file
 * are cut there, and each is read as if it stood alone.
 */
#include "directory/ldif_file.h"

#include "base/arena.h"
#include "base/memory.h"
#include "directory/ldif.h"
#include "directory/text_decode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 1024 * 1024 };

struct file {
	const char *path;
	const struct source_options *options;
	int fd;
	char *bytes; /* read, and not yet given to the reader */
	size_t len, room;
	bool is_at_end;
};

static bool open_file(struct file *file, struct err *err)
{
	struct stat status;

	/* A pipe is refused below; without O_NONBLOCK open() waits for it. */
	file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file->fd < 0)
		return err_sys(err, "open %s", file->path);
	if (fstat(file->fd, &status) != 0)
		return err_sys(err, "read %s", file->path);
	return S_ISREG(status.st_mode) ||
		err_set(err, "read %s: not a regular file", file->path);
}

static void close_file(struct file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	free(file->bytes);
}

/* Until there is no room, but for a NUL. */
static bool fill(struct file *file, struct err *err)
{
	while (!file->is_at_end && file->len + 1 < file->room) {
		const ssize_t n = read(file->fd, file->bytes + file->len,
			file->room - file->len - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read %s", file->path);
		file->is_at_end = n == 0;
		if (file->options->saw != NULL)
			file->options->saw(file->options->context,
				file->bytes + file->len, (size_t)n);
		file->len += (size_t)n;
	}
	return true;
}

/* How much of it stands up to its last empty line; 0 where there is none. */
static size_t find_end(const struct file *file)
{
	size_t len = file->len;

	for (;;) {
		const char *stop = memrchr(file->bytes, '\n', len);

		if (stop == NULL)
			return 0;
		len = (size_t)(stop - file->bytes);
		const size_t before = len > 0 && stop[-1] == '\r' ? len - 1
								  : len;

		if (before > 0 && file->bytes[before - 1] == '\n')
			return len + 1;
	}
}

/* *len bytes are to be read now; more is asked for until an entry ends. */
static bool next_part(struct file *file, size_t *len, struct err *err)
{
	for (;;) {
		if (!fill(file, err))
			return false;
		*len = file->is_at_end ? file->len : find_end(file);
		if (file->is_at_end || *len > 0)
			return true;
		file->room *= 2;
		file->bytes = memory_must(realloc(file->bytes, file->room));
	}
}

static bool feed(struct ldif *ldif, struct file *file, size_t len,
	struct arena *part, struct err *err)
{
	struct place place = { file->path, 0 };
	struct decoded text;
	struct err why = { 0 };

	arena_reset(part);
	if (text_decode(&text, file->bytes, len, part, &why))
		return ldif_feed(ldif, &text, err);
	if (text.line > 0)
		place.line = ldif_line(ldif) + text.line - 1;
	return err_at(err, place, "%s", why.text);
}

/* The last part must live until the end is known to be one. */
static bool read_parts(struct ldif *ldif, struct file *file, struct arena *part,
	struct err *err)
{
	for (;;) {
		size_t len;

		if (!next_part(file, &len, err))
			return false;
		const char rest = file->bytes[len];

		file->bytes[len] = '\0';
		if (!feed(ldif, file, len, part, err))
			return false;
		if (file->is_at_end)
			return ldif_finish(ldif, err);
		file->bytes[len] = rest;
		file->len -= len;
		memmove(file->bytes, file->bytes + len, file->len);
	}
}

/* Its empty lines are others. */
static bool is_utf16(const struct file *file)
{
	return file->len >= 2 &&
		(memcmp(file->bytes, "\xFF\xFE", 2) == 0 ||
			memcmp(file->bytes, "\xFE\xFF", 2) == 0);
}

/* Room for all of it, so that it is one part. */
static bool read_whole(struct file *file, struct err *err)
{
	while (!file->is_at_end) {
		if (!fill(file, err))
			return false;
		if (file->is_at_end)
			break;
		file->room *= 2;
		file->bytes = memory_must(realloc(file->bytes, file->room));
	}
	return true;
}

bool ldif_file_read(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err)
{
	struct ldif *ldif = ldif_open(directory, sink);
	struct arena *part = arena_open();
	struct file file = {
		.path = directory->path, .options = options, .fd = -1
	};

	file.room = ROOM;
	file.bytes = memory_must(malloc(file.room));
	const bool is_read = open_file(&file, err) && fill(&file, err) &&
		(!is_utf16(&file) || read_whole(&file, err)) &&
		read_parts(ldif, &file, part, err);

	close_file(&file);
	arena_close(&part);
	ldif_close(&ldif);
	return is_read;
}
