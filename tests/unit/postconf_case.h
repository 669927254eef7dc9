/*
 * A postconf(1) of our own that says what a test wants, and a postmap(1)
 * that finds nothing or what it is given.
 */
#ifndef TESTS_UNIT_POSTCONF_CASE_H
#define TESTS_UNIT_POSTCONF_CASE_H

#include "doctor/instance.h"
#include "tests/unit/sink_text.h"

#include <sys/stat.h>

struct postconf_case {
	struct arena *arena;
	char *folder; /* the only one in PATH */
};

HELPER void postconf_case_open(struct postconf_case *p)
{
	p->arena = arena_open();
	p->folder = test_folder(p->arena);
	ck_assert_int_eq(setenv("PATH", p->folder, 1), 0);
}

HELPER void postconf_case_close(struct postconf_case *p)
{
	test_folder_remove(p->folder);
	arena_close(&p->arena);
}

/* A program that runs these lines of sh(1). */
HELPER void postconf_case_program(
	const struct postconf_case *p, const char *name, const char *lines)
{
	const char *path = arena_printf(p->arena, "%s/%s", p->folder, name);
	const char *text = arena_printf(p->arena, "#!/bin/sh\n%s", lines);

	test_write(path, text, strlen(text));
	ck_assert_int_eq(chmod(path, 0700), 0);
}

/*
 * Lines of postconf -x, -n and -M, none of them "END"; a line of -Px in
 * $OVERRIDES, and the type of maps in $MAP_TYPES, else cdb.
 */
HELPER void postconf_case_write(const struct postconf_case *p,
	const char *expanded, const char *written, const char *services)
{
	postconf_case_program(p, "postconf",
		arena_printf(p->arena,
			"say() { while IFS= read -r line; do "
			"printf '%%s\\n' \"$line\"; done; }\n"
			"case $1 in\n"
			"-x) say <<'END'\n%sEND\n;;\n"
			"-n) say <<'END'\n%sEND\n;;\n"
			"-M) say <<'END'\n%sEND\n;;\n"
			"-Px) echo \"$OVERRIDES\";;\n"
			"-m) echo \"${MAP_TYPES-cdb}\";;\n"
			"esac\n",
			expanded, written, services));
}

HELPER struct instance *postconf_case_read(const struct postconf_case *p,
	const char *expanded, const char *written, const char *services)
{
	struct err err = { .text = "" };

	postconf_case_write(p, expanded, written, services);
	struct instance *instance = instance_read(INSTANCE_ALL, &err);

	ck_assert_msg(instance != NULL, "%s", err.text);
	return instance;
}

#endif
