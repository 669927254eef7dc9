/* Whole files, read and replaced. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/err.h"

#include <sys/types.h>

struct arena;

/* The bytes and a NUL after them; NULL on failure. */
char *file_read(
	const char *path, size_t *len, struct arena *arena, struct err *err);
/* A larger one is no file of ours, and must not be the end of a daemon. */
enum { FILE_SMALL_MAX = 64 * 1024 * 1024 };
/* The same of at most FILE_SMALL_MAX bytes. */
char *file_read_small(
	const char *path, size_t *len, struct arena *arena, struct err *err);
/* The same of at most that many bytes. */
char *file_read_at_most(size_t most, const char *path, size_t *len,
	struct arena *arena, struct err *err);

/*
 * A new file, to be written to; -1, with errno.  What stands at path goes
 * first, left by a killed run, by a backup or by whoever may write in the
 * folder, and is never opened: a link shall not choose what root overwrites,
 * nor a pipe or a device make him wait.  A folder is an error, EISDIR.
 */
int file_create(const char *path, mode_t mode);
/*
 * Makes path.tmp by file_create(), fsyncs it, renames it over path and fsyncs
 * the folder: whoever reads sees the old file or the new one, after a crash
 * too.
 */
bool file_replace(const char *path, const char *bytes, size_t len, mode_t mode,
	struct err *err);
/* The same, given away by file_share() before anything stands in it. */
bool file_replace_shared(const char *path, const char *bytes, size_t len,
	mode_t mode, struct err *err);
/* Reads as many bytes as there is room for, or all that are left; -1, errno. */
ssize_t file_fill(int fd, char *bytes, size_t room);
/* All of the bytes; false, with errno, where they are not all written. */
bool file_write(int fd, const char *bytes, size_t len);
/*
 * Gives an open file to the group of a folder, so that who may look into it
 * may read the file; and to its owner, where root does it.  Where that is
 * not allowed it stays the caller's.  False, with errno, where it failed.
 */
bool file_share(int fd, const char *folder);
/*
 * Opens /dev/null for each of the descriptors 0 to 2 that is closed, so that
 * no file of ours takes its place and gets what is printed.
 */
void file_fill_stdio(void);
/* fsync of a file; or of a folder, so that a rename in it survives a crash. */
bool file_sync(const char *path, struct err *err);

#endif
