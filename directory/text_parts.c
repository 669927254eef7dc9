/*
 * Room for one part grows only where no part ends in it.  The byte behind a
 * part is put aside for its NUL, and comes back before the next.
 */
#include "directory/text_parts.h"

#include "base/arena.h"
#include "base/memory.h"
#include "directory/text_decode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 256 * 1024 };

struct text_parts {
	const char *path;
	const struct source_options *options;
	size_t (*find_end)(const char *bytes, size_t len);
	struct arena *arena; /* of a part */
	int fd;
	char *bytes; /* read; the part that was given comes first */
	size_t len, room;
	size_t given; /* bytes of it */
	char behind; /* what stood behind it */
	bool is_begun, is_at_end;
};

static bool open_file(struct text_parts *parts, struct err *err)
{
	struct stat status;

	/* A pipe is refused below; without O_NONBLOCK open() waits for it. */
	parts->fd = open(parts->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (parts->fd < 0)
		return err_sys(err, "open %s", parts->path);
	if (fstat(parts->fd, &status) != 0)
		return err_sys(err, "read %s", parts->path);
	return S_ISREG(status.st_mode) ||
		err_set(err, "read %s: not a regular file", parts->path);
}

struct text_parts *text_parts_open(const char *path,
	const struct source_options *options,
	size_t (*find_end)(const char *bytes, size_t len), struct err *err)
{
	struct text_parts *parts = memory_must(calloc(1, sizeof *parts));

	parts->path = path;
	parts->options = options;
	parts->find_end = find_end;
	parts->arena = arena_open();
	parts->room = ROOM;
	parts->bytes = memory_must(malloc(parts->room));
	if (!open_file(parts, err))
		text_parts_close(&parts);
	return parts;
}

void text_parts_close(struct text_parts **parts)
{
	if (*parts == NULL)
		return;
	if ((*parts)->fd >= 0)
		close((*parts)->fd);
	free((*parts)->bytes);
	arena_close(&(*parts)->arena);
	free(*parts);
	*parts = NULL;
}

/* Until there is no room, but for a NUL. */
static bool fill(struct text_parts *parts, struct err *err)
{
	while (!parts->is_at_end && parts->len + 1 < parts->room) {
		const ssize_t n = read(parts->fd, parts->bytes + parts->len,
			parts->room - parts->len - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read %s", parts->path);
		parts->is_at_end = n == 0;
		if (parts->options->saw != NULL)
			parts->options->saw(parts->options->context,
				parts->bytes + parts->len, (size_t)n);
		parts->len += (size_t)n;
	}
	return true;
}

/* The ends of its lines are others. */
static bool is_utf16(const struct text_parts *parts)
{
	return parts->len >= 2 &&
		(memcmp(parts->bytes, "\xFF\xFE", 2) == 0 ||
			memcmp(parts->bytes, "\xFE\xFF", 2) == 0);
}

static size_t part_in(const struct text_parts *parts, bool is_whole)
{
	if (parts->is_at_end)
		return parts->len;
	return is_whole ? 0 : parts->find_end(parts->bytes, parts->len);
}

/* More is read until a part ends. */
static bool find_part(struct text_parts *parts, struct err *err)
{
	if (!fill(parts, err))
		return false;
	const bool is_whole = !parts->is_begun && is_utf16(parts);

	for (;;) {
		parts->given = part_in(parts, is_whole);
		if (parts->is_at_end || parts->given > 0)
			return true;
		parts->room *= 2;
		parts->bytes = memory_must(realloc(parts->bytes, parts->room));
		if (!fill(parts, err))
			return false;
	}
}

static void drop_part(struct text_parts *parts)
{
	if (!parts->is_begun)
		return;
	parts->bytes[parts->given] = parts->behind;
	parts->len -= parts->given;
	memmove(parts->bytes, parts->bytes + parts->given, parts->len);
}

static bool decode(struct text_parts *parts, struct decoded *out, unsigned line,
	struct err *err)
{
	struct place place = { parts->path, 0 };
	struct err why = { 0 };

	arena_reset(parts->arena);
	if (parts->is_begun ? text_decode_more(
				      out, parts->bytes, parts->given, &why)
			    : text_decode(out, parts->bytes, parts->given,
				      parts->arena, &why))
		return true;
	if (out->line > 0)
		place.line = line + out->line - 1;
	return err_at(err, place, "%s", why.text);
}

enum lookup text_parts_next(struct text_parts *parts, unsigned line,
	struct decoded *out, struct err *err)
{
	if (parts->is_begun && parts->is_at_end && parts->given == parts->len)
		return LOOKUP_NONE;
	drop_part(parts);
	if (!find_part(parts, err))
		return LOOKUP_FAILED;
	parts->behind = parts->bytes[parts->given];
	parts->bytes[parts->given] = '\0';
	const bool is_text = decode(parts, out, line, err);

	parts->is_begun = true;
	return is_text ? LOOKUP_FOUND : LOOKUP_FAILED;
}
