/* A group by its name, of the file of groups itself. */
#ifndef SNAPSHOT_GROUP_FILE_H
#define SNAPSHOT_GROUP_FILE_H

#include "base/err.h"
#include "namespace/lookup.h"

#include <sys/types.h>

#define GROUP_FILE "/etc/group"

/*
 * NONE also where there is no such file, as in a bare container.  FAILED: it
 * can not be opened or read to its end.
 */
enum lookup group_file_find(
	gid_t *out, const char *name, const char *path, struct err *err);

#endif
