/* An instance of what a test writes, by a postconf that prints it. */
#ifndef TESTS_UNIT_INSTANCE_CASE_H
#define TESTS_UNIT_INSTANCE_CASE_H

#include "doctor/instance.h"
#include "tests/unit/sink_text.h"

#include <sys/stat.h>

/* Lines, as postconf(1) prints them; NULL = none. */
struct instance_case {
	const char *values; /* -x */
	const char *written; /* -n */
	const char *overrides; /* -Px */
	const char *services; /* -M */
};

HELPER void instance_put(struct arena *arena, const char *folder,
	const char *option, const char *lines)
{
	const char *path = arena_printf(arena, "%s/p%s", folder, option);

	test_write(path, lines == NULL ? "" : lines,
		lines == NULL ? 0 : strlen(lines));
}

HELPER struct instance *instance_of(
	const struct instance_case *c, struct arena *arena)
{
	static const char script[] = "#!/bin/sh\ncat \"${0%/*}/p$1\"\n";
	char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/postconf", folder);
	const char *old = getenv("PATH");
	struct err err = { 0 };

	test_write(path, script, sizeof script - 1);
	ck_assert_int_eq(chmod(path, 0700), 0);
	instance_put(arena, folder, "-x", c->values);
	instance_put(arena, folder, "-n", c->written);
	instance_put(arena, folder, "-Px", c->overrides);
	instance_put(arena, folder, "-M", c->services);
	instance_put(arena, folder, "-m", "cdb\n");
	const char *kept = arena_strdup(arena, old == NULL ? "" : old);

	setenv("PATH", arena_printf(arena, "%s:%s", folder, kept), 1);
	struct instance *instance = instance_read(INSTANCE_ALL, &err);

	setenv("PATH", kept, 1);
	test_folder_remove(folder);
	ck_assert_msg(instance != NULL, "%s", err.text);
	return instance;
}

#endif
