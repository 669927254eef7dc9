/*
 * A small file beside the generations, so that a directory that loads the
 * same list again makes no new generation.  A reader sees the old file or
 * the new one, never half of one, so a bad line is a fault to be told.
 */
#include "snapshot/freshness.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "snapshot/files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool freshness_write(const char *state, const struct freshness *list,
	size_t count, struct err *err)
{
	struct text path = { 0 };
	struct text text = { 0 };

	text_addf(&path, "%s/" FILES_FRESHNESS, state);
	for (size_t i = 0; i < count; i++)
		text_addf(&text, "%s %lld\n", list[i].directory,
			(long long)list[i].loaded);
	const bool is_good = files_replace(path.data, &text, err);

	text_fini(&text);
	text_fini(&path);
	return is_good;
}

static void note(struct freshness *list, size_t count, const char *directory,
	time_t loaded)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].directory, directory) == 0)
			list[i].loaded = loaded;
	}
}

static bool line_parse(struct freshness *list, size_t count, char *line)
{
	char *blank = strchr(line, ' ');
	unsigned long loaded;

	if (blank == NULL || blank == line ||
		!text_to_ulong(&loaded, blank + 1))
		return false;
	*blank = '\0';
	note(list, count, line, (time_t)loaded);
	return true;
}

static bool lines_parse(struct freshness *list, size_t count, char *bytes,
	const char *path, struct err *err)
{
	unsigned number = 0;
	char *rest = bytes;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		number++;
		if (rest == NULL && *line == '\0')
			break;
		if (!line_parse(list, count, line))
			return err_at(err, (struct place){ path, number },
				"a line must be a directory's name and the "
				"time it loaded, in seconds");
	}
	return true;
}

/* All of the list or, where a line is bad, nothing of it. */
static bool read_from(
	const char *path, struct freshness *list, size_t count, struct err *err)
{
	struct arena *arena = arena_open();
	struct freshness *found = arena_array(arena, count, sizeof *found);
	size_t len;
	char *bytes = file_read_small(path, &len, arena, err);

	for (size_t i = 0; i < count; i++)
		found[i] = (struct freshness){ list[i].directory, 0 };
	const bool is_good =
		bytes != NULL && lines_parse(found, count, bytes, path, err);

	for (size_t i = 0; is_good && i < count; i++)
		list[i].loaded = found[i].loaded;
	arena_close(&arena);
	return is_good;
}

static void forget(struct freshness *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		list[i].loaded = 0;
}

bool freshness_read(const char *state, struct freshness *list, size_t count,
	struct err *err)
{
	struct text path = { 0 };
	bool is_good = true;

	text_addf(&path, "%s/" FILES_FRESHNESS, state);
	if (access(path.data, F_OK) == 0)
		is_good = read_from(path.data, list, count, err);
	else if (errno != ENOENT)
		is_good = err_sys(err, "open %s", path.data);
	else
		forget(list, count);
	text_fini(&path);
	return is_good;
}
