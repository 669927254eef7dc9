/*
 * The group is given to the temporary file before anything stands in it: a
 * chgrp after the rename would leave a moment in which policyd may not read
 * the file that it was just told of.
 */
#include "snapshot/files.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *files_required(size_t index)
{
	static const char *const names[] = { FILES_RELAY_DOMAINS,
		FILES_TRANSPORT, FILES_TRANSPORT_LEAVING, FILES_TLS_POLICY,
		FILES_RELAY_RECIPIENTS, FILES_RELAY_RECIPIENTS_REGEXP,
		FILES_VIRTUAL_ALIAS, FILES_RECIPIENT_ACCESS, FILES_POLICY };

	return index < sizeof names / sizeof *names ? names[index] : NULL;
}

bool files_is_route(const char *name)
{
	static const char *const routes[] = { FILES_RELAY_DOMAINS,
		FILES_TRANSPORT, FILES_TRANSPORT_LEAVING, FILES_TLS_POLICY };

	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (strcmp(name, routes[i]) == 0)
			return true;
	}
	return false;
}

enum lookup files_find(const char *folder, const char *name,
	struct arena *arena, struct err *err)
{
	const char *path = arena_printf(arena, "%s/%s", folder, name);

	if (access(path, F_OK) == 0)
		return LOOKUP_FOUND;
	if (errno == ENOENT || errno == ENOTDIR)
		return LOOKUP_NONE;
	err_sys(err, "look for %s", path);
	return LOOKUP_FAILED;
}

/* Already of the group before anything stands in it. */
static bool prepare(const char *temporary, const char *path, struct err *err)
{
	char folder[PATH_MAX];
	const int fd = open(
		temporary, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (fd < 0)
		return err_sys(err, "create %s", temporary);
	memcpy(folder, path, strlen(path) + 1);
	const bool is_shared = file_share(fd, dirname(folder)) ||
		err_sys(err, "chgrp %s", temporary);

	close(fd);
	if (!is_shared)
		unlink(temporary);
	return is_shared;
}

bool files_replace(const char *path, const struct text *text, struct err *err)
{
	char temporary[PATH_MAX];
	const int n = snprintf(temporary, sizeof temporary, "%s.tmp", path);

	/* Of too long a path file_replace() speaks. */
	if (n > 0 && (size_t)n < sizeof temporary &&
		!prepare(temporary, path, err))
		return false;
	return file_replace(path, text->data == NULL ? "" : text->data,
		text->len, 0640, err);
}
