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

enum { FIRST_ROOM = 16 };

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

static bool remove_files(const char *path, struct arena *arena, struct err *err)
{
	struct folder folder;

	if (!folder_list(&folder, path, arena, err))
		return false;
	for (size_t i = 0; i < folder.count; i++) {
		const char *file =
			arena_printf(arena, "%s/%s", path, folder.names[i]);

		if (unlink(file) != 0 && errno != ENOENT)
			return err_sys(err, "remove %s", file);
	}
	if (rmdir(path) != 0)
		return err_sys(err, "remove folder %s", path);
	return true;
}

bool folder_remove(const char *path, struct err *err)
{
	/* A plain file with such a name goes too. */
	if (unlink(path) == 0 || errno == ENOENT)
		return true;
	struct arena *arena = arena_open();
	const bool is_gone = remove_files(path, arena, err);

	arena_close(&arena);
	return is_gone;
}
