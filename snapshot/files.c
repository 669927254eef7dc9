/* Names, and how the small files among them are written. */
#include "snapshot/files.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
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

/* A chgrp after the rename would leave a moment in which policyd may not read
   the file that it was just told of. */
bool files_replace(const char *path, const struct text *text, struct err *err)
{
	return file_replace_shared(path, text->data == NULL ? "" : text->data,
		text->len, 0640, err);
}
