/*
 * Sorted, so that whatever is made from a folder does not depend on how the
 * file system happens to keep it.
 */
#include "snapshot/folder.h"

#include "base/arena.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_ROOM = 16, FOLDERS_DEEP = 8 };

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add(struct folder *folder, size_t *room, const char *name,
	struct arena *arena)
{
	if (folder->count == *room) {
		*room *= 2;
		const char **names = arena_array(arena, *room, sizeof *names);

		memcpy(names, folder->names, folder->count * sizeof *names);
		folder->names = names;
	}
	folder->names[folder->count++] = arena_strdup(arena, name);
}

static void read_names(struct folder *out, DIR *dir, struct arena *arena)
{
	size_t room = FIRST_ROOM;
	const struct dirent *entry;

	out->names = arena_array(arena, room, sizeof *out->names);
	out->count = 0;
	while ((errno = 0, entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 &&
			strcmp(entry->d_name, "..") != 0)
			add(out, &room, entry->d_name, arena);
	}
}

bool folder_list(struct folder *out, const char *path, struct arena *arena,
	struct err *err)
{
	DIR *dir = opendir(path);

	if (dir == NULL)
		return err_sys(err, "open folder %s", path);
	read_names(out, dir, arena);
	if (errno != 0) {
		err_sys(err, "read folder %s", path);
		closedir(dir);
		return false;
	}
	closedir(dir);
	qsort(out->names, out->count, sizeof *out->names, by_name);
	return true;
}

/* Never through a link: it is removed itself. */
static bool remove_deep(const char *path, unsigned depth, struct err *err)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return true;
	if (errno != EISDIR || depth == FOLDERS_DEEP)
		return err_sys(err, "remove %s", path);
	struct arena *arena = arena_open();
	struct folder folder = { NULL, 0 };
	bool is_gone = folder_list(&folder, path, arena, err);

	for (size_t i = 0; is_gone && i < folder.count; i++)
		is_gone = remove_deep(
			arena_printf(arena, "%s/%s", path, folder.names[i]),
			depth + 1, err);
	is_gone = is_gone &&
		(rmdir(path) == 0 || err_sys(err, "remove folder %s", path));
	arena_close(&arena);
	return is_gone;
}

bool folder_remove(const char *path, struct err *err)
{
	return remove_deep(path, 0, err);
}
