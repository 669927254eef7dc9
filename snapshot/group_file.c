/*
 * For getgrnam(3) can not tell "there is none" from "it could not be read":
 * where nsswitch.conf(5) has a second source behind "files", as Debian's has
 * systemd, what that one answers counts, and a file that nobody could open
 * is a group that is not there.
 */
#include "snapshot/group_file.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>

/* fgetgrent(3) says ENOENT at the end, where nothing has failed. */
static bool is_read(FILE *file)
{
	return ferror(file) == 0 && (errno == 0 || errno == ENOENT);
}

static enum lookup find(gid_t *out, const char *name, FILE *file,
	const char *path, struct err *err)
{
	const struct group *group;

	do {
		errno = 0;
		group = fgetgrent(file);
	} while (group != NULL && strcmp(group->gr_name, name) != 0);
	if (group != NULL) {
		*out = group->gr_gid;
		return LOOKUP_FOUND;
	}
	if (is_read(file))
		return LOOKUP_NONE;
	err_sys(err, "read %s", path);
	return LOOKUP_FAILED;
}

enum lookup group_file_find(
	gid_t *out, const char *name, const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");

	if (file == NULL && errno == ENOENT)
		return LOOKUP_NONE;
	if (file == NULL) {
		err_sys(err, "open %s", path);
		return LOOKUP_FAILED;
	}
	const enum lookup found = find(out, name, file, path, err);

	fclose(file);
	return found;
}
