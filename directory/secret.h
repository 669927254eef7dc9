/* A password that stands in a file of its own. */
#ifndef DIRECTORY_SECRET_H
#define DIRECTORY_SECRET_H

#include "base/err.h"

struct arena;

/*
 * The first line of the file, without its end; NULL where there is none, or
 * where others than the file's owner and group can read it.
 */
const char *secret_read(const char *path, struct arena *arena, struct err *err);

#endif
