/* A password that stands in a file of its own. */
#ifndef DIRECTORY_SECRET_H
#define DIRECTORY_SECRET_H

#include "base/err.h"

struct arena;

/*
 * The first line of the file, without its end; NULL where there is none, it
 * is empty, has a NUL or more than 4096 bytes, or where others than the
 * file's owner and group may do anything with the file.  The arena has the
 * only copy, for explicit_bzero(3).
 */
const char *secret_read(const char *path, struct arena *arena, struct err *err);

#endif
