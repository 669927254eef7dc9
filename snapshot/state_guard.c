/*
 * Said and not refused: Postfix reads the same maps whatever we do, and
 * without us it would only be told less.
 */
#include "snapshot/state_guard.h"

#include "snapshot/files.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BUILDER "postshare"

static bool is_known(uid_t owner, uid_t user)
{
	const struct passwd *builder;

	if (owner == 0 || owner == user)
		return true;
	builder = getpwnam(BUILDER);
	return builder != NULL && builder->pw_uid == owner;
}

static bool is_closed(const char *path, bool is_above, struct err *err)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return true;
	/* There nobody renames what is another's. */
	if (is_above && (status.st_mode & S_ISVTX) != 0)
		return true;
	const bool is_written = (status.st_mode & S_IWOTH) != 0 ||
		((status.st_mode & S_IWGRP) != 0 && status.st_gid != 0);

	return !is_written ||
		err_set(err,
			"%s is of mode %04o: others than its owner can change "
			"where mail goes; chmod go-w %s",
			path, (unsigned)status.st_mode & 07777U, path);
}

static bool is_owned(const char *path, uid_t user, struct err *err)
{
	struct stat status;

	if (stat(path, &status) != 0 || is_known(status.st_uid, user))
		return true;
	return err_set(err,
		"%s belongs to user %lu, neither root nor " BUILDER
		": he can change where mail goes",
		path, (unsigned long)status.st_uid);
}

bool state_is_guarded(const char *path, uid_t user, struct err *err)
{
	char real[PATH_MAX];
	char within[PATH_MAX + sizeof FILES_GENERATIONS + 1];

	if (realpath(path, real) == NULL)
		return true;
	snprintf(within, sizeof within, "%s/" FILES_GENERATIONS, real);
	if (!is_owned(real, user, err) || !is_closed(real, false, err) ||
		!is_owned(within, user, err) || !is_closed(within, false, err))
		return false;
	char *slash = strrchr(real, '/');

	slash[slash == real ? 1 : 0] = '\0';
	return is_closed(real, true, err);
}
