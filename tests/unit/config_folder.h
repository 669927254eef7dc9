/* A configuration in a folder of its own, read from there. */
#ifndef TESTS_UNIT_CONFIG_FOLDER_H
#define TESTS_UNIT_CONFIG_FOLDER_H

#include "base/arena.h"
#include "base/text.h"
#include "config/config.h"
#include "tests/unit/folder_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct fixture {
	const char *path; /* has a folder "sub" */
	struct arena *arena;
	struct faults *faults;
};

static inline void fixture_init(struct fixture *f)
{
	*f = (struct fixture){ .arena = arena_open(), .faults = faults_open() };
	f->path = test_folder(f->arena);
	ck_assert_int_eq(
		mkdir(arena_printf(f->arena, "%s/sub", f->path), 0700), 0);
}

static inline void fixture_fini(struct fixture *f)
{
	test_folder_remove(f->path);
	arena_close(&f->arena);
	faults_close(&f->faults);
}

static inline void write_bytes(
	struct fixture *f, const char *name, const char *bytes, size_t len)
{
	FILE *file = fopen(arena_printf(f->arena, "%s/%s", f->path, name), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

static inline void write_text(
	struct fixture *f, const char *name, const char *text)
{
	write_bytes(f, name, text, strlen(text));
}

static inline struct namespace *read_written(struct fixture *f)
{
	const char *path = arena_printf(f->arena, "%s/namespace.conf", f->path);

	faults_close(&f->faults);
	f->faults = faults_open();
	return config_read(path, f->arena, f->faults);
}

static inline struct namespace *read_text(struct fixture *f, const char *text)
{
	write_text(f, "namespace.conf", text);
	return read_written(f);
}

/* Without the folder, wherever it is named. */
static inline void add_stripped(
	struct text *out, const char *text, const struct fixture *f)
{
	const size_t len = strlen(f->path);
	const char *found;

	while ((found = strstr(text, f->path)) != NULL) {
		text_add(out, text, (size_t)(found - text));
		text = found + len + (found[len] == '/');
	}
	text_adds(out, text);
}

/* "FILE:LINE: error: sentence", or "advice:", a line. */
static inline void expect_faults(
	const struct fixture *f, const char *name, const char *wanted)
{
	struct text said;

	text_init(&said);
	text_adds(&said, "");
	for (size_t i = 0; i < faults_count(f->faults); i++) {
		const struct fault *fault = faults_get(f->faults, i);

		add_stripped(&said, fault->place.file, f);
		if (fault->place.line != 0)
			text_addf(&said, ":%u", fault->place.line);
		text_adds(&said,
			fault->kind == FAULT_ERROR ? ": error: "
						   : ": advice: ");
		add_stripped(&said, fault->text, f);
		text_adds(&said, "\n");
	}
	ck_assert_msg(strcmp(said.data, wanted) == 0,
		"%s:\n%sbut expected:\n%s", name, said.data, wanted);
	text_fini(&said);
}

#endif
