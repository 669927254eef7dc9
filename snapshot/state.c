/*
 * One run at a time works in the state folder, held by flock(2) on a file
 * that stays: the kernel lets go of it when a run is killed.  Whoever
 * holds it may take every temporary name for a dead run's.  A generation's
 * number is a folder's name in decimal, nothing before or after.
 */
#include "snapshot/state.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "snapshot/files.h"
#include "snapshot/folder.h"
#include "snapshot/group_file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP "postshare"

enum { FILE_MODE = 0640, FOLDER_MODE = 0750, LINK_SIZE = 64 };

/*
 * The generations that they led to when they were last read: a disk that
 * fails for a moment must not make it seem that nothing is published.
 */
struct links {
	unsigned long routes, current;
};

struct state {
	struct arena *program;
	const char *path;
	int lock; /* -1 until it is held */
	struct links *known; /* in the arena */
	uid_t owner; /* of the state folder */
	gid_t group;
	bool has_group;
};

static const char *within(const struct state *state, const char *name)
{
	return arena_printf(state->program, "%s/%s", state->path, name);
}

/* Whether it was not asked: all else is said of one that is not there. */
static bool is_trouble(int error)
{
	static const int troubles[] = { EACCES, EINTR, EIO, EMFILE, ENFILE,
		ENOMEM, ERANGE };

	for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++) {
		if (error == troubles[i])
			return true;
	}
	return false;
}

static enum lookup look_for_group(gid_t *out, struct err *err)
{
	errno = 0;
	const struct group *group = getgrnam(GROUP);

	if (group != NULL) {
		*out = group->gr_gid;
		return LOOKUP_FOUND;
	}
	if (!is_trouble(errno))
		return group_file_find(out, GROUP, GROUP_FILE, err);
	err_sys(err, "look for the group " GROUP);
	return LOOKUP_FAILED;
}

/* A guess would be maps that policyd may not read. */
static bool find_group(struct state *state, struct err *err)
{
	const enum lookup found = look_for_group(&state->group, err);

	state->has_group = found == LOOKUP_FOUND;
	if (found == LOOKUP_NONE)
		state->group = getegid();
	return found != LOOKUP_FAILED;
}

/*
 * Only root gives files to a group that it is not in, and leaves them to
 * the owner of the folder, so that he can go on where root has built once.
 * Never through a link, which he might have put there.
 */
static bool give(const struct state *state, const char *path, struct err *err)
{
	const uid_t owner = geteuid() == 0 ? state->owner : (uid_t)-1;

	if (lchown(path, owner, state->group) == 0)
		return true;
	if (errno == EPERM && geteuid() != 0)
		return true;
	return err_sys(err, "chgrp %s", path);
}

bool state_own(const struct state *state, const char *path, struct err *err)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return err_sys(err, "stat %s", path);
	const mode_t mode = S_ISDIR(status.st_mode) ? FOLDER_MODE : FILE_MODE;

	if (fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW) != 0)
		return err_sys(err, "chmod %s", path);
	return give(state, path, err);
}

/* What is there keeps its mode, which somebody may have chosen. */
static bool make_folder(
	const struct state *state, const char *path, struct err *err)
{
	if (mkdir(path, FOLDER_MODE) == 0)
		return state_own(state, path, err);
	if (errno != EEXIST)
		return err_sys(err, "create folder %s", path);
	return !state->has_group || give(state, path, err);
}

/* Root removes and writes files there, which no other user may redirect. */
static bool check_inner(
	const struct state *state, const char *name, struct err *err)
{
	const char *path = within(state, name);
	struct stat status;

	if (geteuid() == 0 && lstat(path, &status) == 0 &&
		S_ISLNK(status.st_mode))
		return err_set(
			err, "%s is a link, which root does not follow", path);
	return true;
}

static bool make_inner(
	const struct state *state, const char *name, struct err *err)
{
	return make_folder(state, within(state, name), err) &&
		check_inner(state, name, err);
}

/*
 * So that what a run reports as published is still there after a crash.
 * Nobody has to be able to read the folder above.
 */
static void sync_above(const char *path)
{
	char above[PATH_MAX];
	const int n = snprintf(above, sizeof above, "%s", path);

	if (n > 0 && (size_t)n < sizeof above)
		file_sync(dirname(above), NULL);
}

/* The one that all else is in. */
static bool make_state(
	const struct state *state, const char *path, struct err *err)
{
	const bool is_new = access(path, F_OK) != 0;

	if (!make_folder(state, path, err))
		return false;
	if (is_new)
		sync_above(path);
	return true;
}

static bool find_owner(struct state *state, struct err *err)
{
	struct stat status;

	if (stat(state->path, &status) != 0)
		return err_sys(err, "stat %s", state->path);
	state->owner = status.st_uid;
	return true;
}

static bool take_lock(struct state *state, struct err *err)
{
	const char *path = within(state, FILES_LOCK);

	state->lock = open(path,
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		FILE_MODE);
	if (state->lock < 0)
		return err_sys(err, "open %s", path);
	while (flock(state->lock, LOCK_EX) != 0) {
		if (errno != EINTR)
			return err_sys(err, "lock %s", path);
	}
	return give(state, path, err);
}

static bool ends_tmp(const char *name)
{
	const size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".tmp") == 0;
}

static bool remove_temporary(const char *path, struct err *err)
{
	if (unlink(path) != 0 && errno != EISDIR)
		return err_sys(err, "remove %s", path);
	return true;
}

static bool clean_state(
	const struct state *state, struct arena *arena, struct err *err)
{
	struct folder folder;

	if (!folder_list(&folder, state->path, arena, err))
		return false;
	for (size_t i = 0; i < folder.count; i++) {
		if (ends_tmp(folder.names[i]) &&
			!remove_temporary(arena_printf(arena, "%s/%s",
						  state->path, folder.names[i]),
				err))
			return false;
	}
	return true;
}

/*
 * What is being written or removed begins with a dot there, and no
 * generation and no directory's copy does.
 */
static bool clean_folder(const struct state *state, const char *name,
	struct arena *arena, struct err *err)
{
	const char *path = arena_printf(arena, "%s/%s", state->path, name);
	struct folder folder;

	if (!folder_list(&folder, path, arena, err))
		return false;
	for (size_t i = 0; i < folder.count; i++) {
		if (*folder.names[i] == '.' &&
			!folder_remove(arena_printf(arena, "%s/%s", path,
					       folder.names[i]),
				err))
			return false;
	}
	return true;
}

/* Made by the first that writes there. */
static bool clean_sync(
	const struct state *state, struct arena *arena, struct err *err)
{
	return access(within(state, FILES_SYNC), F_OK) != 0 ||
		clean_folder(state, FILES_SYNC, arena, err);
}

static bool clean(const struct state *state, struct err *err)
{
	struct arena *arena = arena_open();
	const bool is_clean = clean_state(state, arena, err) &&
		clean_folder(state, FILES_DIRECTORIES, arena, err) &&
		clean_folder(state, FILES_GENERATIONS, arena, err) &&
		clean_sync(state, arena, err);

	arena_close(&arena);
	return is_clean;
}

/* 0 where the name is not a number as we write it. */
static unsigned long number_of(const char *name)
{
	unsigned long number;

	if (*name == '0' || !text_to_ulong(&number, name))
		return 0;
	return number <= STATE_NUMBER_MAX ? number : 0;
}

/* 0 where there is no link, or another's; *out stays where it fails. */
static bool read_link(const struct state *state, const char *name,
	unsigned long *out, struct err *err)
{
	static const char prefix[] = FILES_GENERATIONS "/";
	char path[PATH_MAX];
	char target[LINK_SIZE];

	snprintf(path, sizeof path, "%s/%s", state->path, name);
	const ssize_t len = readlink(path, target, sizeof target - 1);

	if (len < 0 && errno != ENOENT && errno != EINVAL)
		return err_sys(err, "read link %s", path);
	target[len < 0 ? 0 : len] = '\0';
	*out = text_starts(target, prefix)
		? number_of(target + sizeof prefix - 1)
		: 0;
	return true;
}

static bool read_links(const struct state *state, struct err *err)
{
	struct links *known = state->known;

	return read_link(state, FILES_ROUTES, &known->routes, err) &&
		read_link(state, FILES_CURRENT, &known->current, err);
}

static struct state *new_state(const char *path)
{
	struct arena *arena = arena_open();
	struct state *state = arena_alloc(arena, sizeof *state);

	state->program = arena;
	state->path = arena_strdup(arena, path);
	state->known = arena_alloc(arena, sizeof *state->known);
	*state->known = (struct links){ 0, 0 };
	state->lock = -1;
	state->owner = (uid_t)-1;
	return state;
}

struct state *state_open(const char *path, struct err *err)
{
	struct state *state = new_state(path);

	if (!find_group(state, err) || !make_state(state, path, err) ||
		!find_owner(state, err) || !take_lock(state, err) ||
		!read_links(state, err) ||
		!make_inner(state, FILES_GENERATIONS, err) ||
		!make_inner(state, FILES_DIRECTORIES, err) ||
		!check_inner(state, FILES_SYNC, err) || !clean(state, err))
		state_close(&state);
	return state;
}

struct state *state_look(const char *path, struct err *err)
{
	struct state *state = new_state(path);

	if (access(within(state, FILES_GENERATIONS), R_OK | X_OK) != 0) {
		err_sys(err, "read %s", within(state, FILES_GENERATIONS));
		state_close(&state);
	}
	return state;
}

void state_close(struct state **state)
{
	if (*state == NULL)
		return;
	if ((*state)->lock >= 0)
		close((*state)->lock);
	/* The state is in its own arena. */
	struct arena *arena = (*state)->program;

	arena_close(&arena);
	*state = NULL;
}

struct arena *state_arena(struct state *state)
{
	return state->program;
}

const char *state_path(const struct state *state)
{
	return state->path;
}

bool state_has_group(const struct state *state)
{
	return state->has_group;
}

const char *state_new_folder(struct state *state, struct err *err)
{
	char *path = arena_printf(state->program,
		"%s/" FILES_GENERATIONS "/.new.XXXXXX", state->path);

	if (mkdtemp(path) == NULL) {
		err_sys(err, "create folder %s", path);
		return NULL;
	}
	return state_own(state, path, err) ? path : NULL;
}

unsigned long state_current(const struct state *state)
{
	read_link(state, FILES_CURRENT, &state->known->current, NULL);
	return state->known->current;
}

unsigned long state_routes(const struct state *state)
{
	read_link(state, FILES_ROUTES, &state->known->routes, NULL);
	return state->known->routes;
}

static int by_number(const void *a, const void *b)
{
	const unsigned long x = *(const unsigned long *)a;
	const unsigned long y = *(const unsigned long *)b;

	return (x > y) - (x < y);
}

bool state_numbers(const struct state *state, struct state_numbers *out,
	struct arena *arena, struct err *err)
{
	const char *path =
		arena_printf(arena, "%s/" FILES_GENERATIONS, state->path);
	struct folder folder;

	if (!folder_list(&folder, path, arena, err))
		return false;
	out->count = 0;
	out->list = arena_array(arena, folder.count, sizeof *out->list);
	for (size_t i = 0; i < folder.count; i++) {
		const unsigned long number = number_of(folder.names[i]);

		if (number != 0)
			out->list[out->count++] = number;
	}
	qsort(out->list, out->count, sizeof *out->list, by_number);
	return true;
}

unsigned long state_newest(const struct state *state)
{
	struct arena *arena = arena_open();
	struct state_numbers numbers = { NULL, 0 };
	unsigned long newest = 0;

	if (state_numbers(state, &numbers, arena, NULL) && numbers.count > 0)
		newest = numbers.list[numbers.count - 1];
	arena_close(&arena);
	return newest;
}

const char *state_generation(
	const struct state *state, unsigned long number, struct arena *arena)
{
	return arena_printf(
		arena, "%s/" FILES_GENERATIONS "/%lu", state->path, number);
}

bool state_sync_generations(const struct state *state, struct err *err)
{
	return file_sync(within(state, FILES_GENERATIONS), err);
}
