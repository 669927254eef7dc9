/*
 * Postfix compares the mtime, in whole seconds, and the link count of the
 * files it holds open (dict_changed_name() there), never the path: a link
 * that leads elsewhere says nothing to it, the touch does.
 */
#include "snapshot/publish_switch.h"

#include "base/arena.h"
#include "base/file.h"
#include "snapshot/files.h"
#include "snapshot/folder.h"
#include "snapshot/state.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* cron's PATH often has no sbin. */
#define POSTFIX_FALLBACK "/usr/sbin/postfix"

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

/* 0 or an errno; its output goes nowhere, the mail log has it. */
static int spawn(pid_t *pid)
{
	static char name[] = "postfix";
	static char command[] = "reload";
	char *const argv[] = { name, command, NULL };
	posix_spawn_file_actions_t actions;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&actions, 0, 1);
	posix_spawn_file_actions_adddup2(&actions, 0, 2);
	int code = posix_spawnp(pid, name, &actions, NULL, argv, environ);

	if (code == ENOENT)
		code = posix_spawn(
			pid, POSTFIX_FALLBACK, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return code;
}

bool switch_reload(struct err *err)
{
	pid_t pid;
	int status;

	errno = spawn(&pid);
	if (errno != 0)
		return err_sys(err, "postfix reload");
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return err_sys(err, "postfix reload");
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(err,
			"postfix reload failed with status %d; the mail log "
			"says why",
			WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return true;
}
