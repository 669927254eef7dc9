/* Folders: what is in one, and away with one. */
#ifndef SNAPSHOT_FOLDER_H
#define SNAPSHOT_FOLDER_H

#include "base/err.h"

struct arena;

/* Names without "." and "..", in byte order; they live in the arena. */
struct folder {
	const char **names;
	size_t count;
};

bool folder_list(struct folder *out, const char *path, struct arena *arena,
	struct err *err);
/*
 * With all that is in it, a few folders deep: we make none there, but one that
 * is there must not keep every build from cleaning up.  Absent is fine.
 */
bool folder_remove(const char *path, struct err *err);

#endif
