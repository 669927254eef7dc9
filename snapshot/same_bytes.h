/* Whether two files have the same content. */
#ifndef SNAPSHOT_SAME_BYTES_H
#define SNAPSHOT_SAME_BYTES_H

#include <stdbool.h>

/* False too where one of them can not be read. */
bool same_bytes(const char *path, const char *other);

#endif
