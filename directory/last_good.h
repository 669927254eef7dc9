/*
 * The last-good copy of a directory, <state>/directories/NAME: what it
 * listed when it was last read whole, as a listing.
 */
#ifndef DIRECTORY_LAST_GOOD_H
#define DIRECTORY_LAST_GOOD_H

#include "base/err.h"
#include "namespace/lookup.h"

#include <stddef.h>

struct arena;
struct entry;
struct slice;

/* Its path, whatever bytes the directory's name has. */
const char *last_good_path(
	const char *state, const char *name, struct arena *arena);

/*
 * Writes a listing beside the copy at path, under a temporary name.  False:
 * nothing is left of it.
 */
bool last_good_write(struct slice listing, const char *path,
	struct arena *arena, struct err *err);
/* Removes what was written so, if there is any. */
void last_good_discard(const char *path, struct arena *arena);

/* A copy that was written, perhaps by another process. */
struct last_good_new {
	int fd; /* to be read from */
	const char *folder, *temporary, *path; /* in the arena */
	bool is_synced;
	int failed; /* errno of that; 0 = it did not fail */
};

/* False: it is discarded.  True: it must be committed or abandoned. */
bool last_good_adopt(struct last_good_new *out, const char *path,
	struct arena *arena, struct err *err);
/* The part of a commit that waits for the disk; what fails is told there. */
void last_good_sync(struct last_good_new *new);
/*
 * Puts it in its place: fsyncs and renames.  True: the new copy stands, after
 * a crash too.  False: the old one, or the new one where but for a crash all
 * is done.
 */
bool last_good_commit(struct last_good_new *new, struct err *err);
/* The old copy stands. */
void last_good_abandon(struct last_good_new *new);

/*
 * The bytes of a copy, which may be written to; whether it is whole is not
 * looked at, but where its last line can not be that of so large a file it is
 * as if it were empty: no copy that was written.  NONE: there is no copy.
 * FAILED: it can not be read, with errno, if the system said why.
 */
struct last_good {
	char *bytes; /* memory_map() */
	size_t len;
};

enum lookup last_good_open(
	struct last_good *out, const char *path, struct err *err);
/* Of a file that is open, whose path is only told. */
bool last_good_fill(
	struct last_good *out, int fd, const char *path, struct err *err);
void last_good_close(struct last_good *copy);
/* The sentence about one that is not whole; false, errno is EBADMSG. */
bool last_good_damaged(const char *path, struct err *err);

/*
 * Calls each() for every entry in order, once the copy is known to be
 * whole.  NONE: there is no copy.  FAILED: it can not be read or is damaged,
 * and each() was not called.
 */
enum lookup last_good_read(const char *path,
	void (*each)(void *context, const struct entry *entry), void *context,
	struct err *err);

#endif
