/*
 * Replaced by rename like all else in the state folder.  A file that can not
 * be read is no hold and no absence of one: a hold that is overlooked undoes
 * a rollback, and one that is only believed in leaves old lists in force.
 */
#include "snapshot/hold.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "snapshot/files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char *path_of(const char *state, struct arena *arena)
{
	return arena_printf(arena, "%s/" FILES_HOLD, state);
}

bool hold_write(const struct hold *hold, const char *state, struct err *err)
{
	struct arena *arena = arena_open();
	struct text text;

	text_init(&text);
	text_addf(&text, "%lu %lld %s\n", hold->generation,
		(long long)hold->since, hold->by);
	const bool is_written =
		files_replace(path_of(state, arena), &text, err);

	text_fini(&text);
	arena_close(&arena);
	return is_written;
}

static bool parse(struct hold *out, char *line)
{
	const char *generation = strsep(&line, " ");
	const char *since = line == NULL ? NULL : strsep(&line, " ");
	const char *by = line == NULL ? NULL : strsep(&line, "\n");
	unsigned long seconds;

	if (by == NULL || line == NULL || *line != '\0' ||
		!text_to_ulong(&out->generation, generation) ||
		!text_to_ulong(&seconds, since))
		return false;
	out->since = (time_t)seconds;
	out->by = by;
	return true;
}

enum lookup hold_read(struct hold *out, const char *state, struct arena *arena,
	struct err *err)
{
	const char *path = path_of(state, arena);
	size_t len;

	if (access(path, F_OK) != 0) {
		if (errno == ENOENT)
			return LOOKUP_NONE;
		err_sys(err, "look at %s", path);
		return LOOKUP_FAILED;
	}
	char *line = file_read_small(path, &len, arena, err);

	if (line == NULL)
		return LOOKUP_FAILED;
	if (strlen(line) == len && parse(out, line))
		return LOOKUP_FOUND;
	err_set(err,
		"%s: not what rollback writes there; \"transport-map-gen "
		"release\" removes it",
		path);
	return LOOKUP_FAILED;
}

bool hold_remove(const char *state, struct err *err)
{
	struct arena *arena = arena_open();
	const char *path = path_of(state, arena);
	const bool is_removed =
		(unlink(path) == 0 || err_sys(err, "remove %s", path)) &&
		file_sync(state, err);

	arena_close(&arena);
	return is_removed;
}
