/*
 * Postfix compares the mtime, in whole seconds, and the link count of the
 * files it holds open (dict_changed_name() there), never the path: a link
 * that leads elsewhere says nothing to it, the touch does.
 */
#include "snapshot/publish_switch.h"

#include "base/arena.h"
#include "base/child.h"
#include "base/file.h"
#include "snapshot/files.h"
#include "snapshot/folder.h"
#include "snapshot/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool replace_link(const struct state *state, const char *target,
	const char *link, struct arena *arena, struct err *err)
{
	const char *temporary = arena_printf(arena, "%s.tmp", link);

	if (unlink(temporary) != 0 && errno != ENOENT)
		return err_sys(err, "remove %s", temporary);
	if (symlink(target, temporary) != 0)
		return err_sys(err, "create link %s", temporary);
	if (rename(temporary, link) != 0) {
		err_sys(err, "rename %s to %s", temporary, link);
		unlink(temporary);
		return false;
	}
	return file_sync(state_path(state), err);
}

bool switch_link(const struct state *state, const char *name,
	unsigned long number, struct err *err)
{
	struct arena *arena = arena_open();
	const char *target =
		arena_printf(arena, FILES_GENERATIONS "/%lu", number);
	const char *link =
		arena_printf(arena, "%s/%s", state_path(state), name);
	const bool is_switched = replace_link(state, target, link, arena, err);

	arena_close(&arena);
	return is_switched;
}

static bool touch(const char *path, time_t now, struct err *err)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return errno == ENOENT || err_sys(err, "stat %s", path);
	const time_t later = status.st_mtime + 1;
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = now > later ? now : later },
	};

	if (utimensat(AT_FDCWD, path, times, 0) != 0)
		return err_sys(err, "touch %s", path);
	return true;
}

static bool is_retired(const char *name, enum retired which)
{
	switch (which) {
	case RETIRED_ROUTES: return files_is_route(name);
	case RETIRED_RECIPIENTS: return !files_is_route(name);
	}
	return false;
}

static bool touch_all(const char *path, enum retired which, time_t now,
	struct arena *arena, struct err *err)
{
	struct folder folder;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	if (!folder_list(&folder, path, arena, err))
		return false;
	for (size_t i = 0; i < folder.count; i++) {
		if (is_retired(folder.names[i], which) &&
			!touch(arena_printf(
				       arena, "%s/%s", path, folder.names[i]),
				now, err))
			return false;
	}
	return true;
}

bool switch_touch(const struct state *state, unsigned long number,
	enum retired which, long long now_ms, struct err *err)
{
	if (number == 0)
		return true;
	struct arena *arena = arena_open();
	const char *path = state_generation(state, number, arena);
	const bool is_touched =
		touch_all(path, which, (time_t)(now_ms / 1000), arena, err);

	arena_close(&arena);
	return is_touched;
}

bool switch_reload(struct err *err)
{
	static const char *const argv[] = { "postfix", "reload", NULL };

	return child_run(argv, NULL, NULL, err);
}
