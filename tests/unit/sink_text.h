/* A sink that writes down what it gets, and a folder for a test's files. */
#ifndef TESTS_UNIT_SINK_TEXT_H
#define TESTS_UNIT_SINK_TEXT_H

#include "base/arena.h"
#include "base/text.h"
#include "directory/source.h"

#include <check.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* No test uses them all. */
#define HELPER static inline __attribute__((unused))

HELPER void sink_text_entry(void *context, const struct entry *entry)
{
	text_addf(context, "%s %s", entry->origin, entry->address);
	if (entry->target != NULL)
		text_addf(context, " -> %s", entry->target);
	text_adds(context, "\n");
}

HELPER void sink_text_bad(void *context, const char *origin, const char *why)
{
	text_addf(context, "%s BAD %s\n", origin, why);
}

HELPER void sink_text_object(void *context, const char *class)
{
	text_addf(context, "class %s\n", class);
}

/* Classes are written down only where a test asks for them. */
HELPER void sink_text_no_object(void *context, const char *class)
{
	(void)context;
	(void)class;
}

HELPER struct sink sink_text(struct text *text)
{
	return (struct sink){ sink_text_entry, sink_text_bad,
		sink_text_no_object, text };
}

/* Not NULL, even when nothing was written. */
HELPER const char *text_of(const struct text *text)
{
	return text->data == NULL ? "" : text->data;
}

/* In bytes; takes the place of a disk that is full. */
HELPER void test_limit_files(rlim_t size)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

HELPER char *test_folder(struct arena *arena)
{
	const char *tmp = getenv("TMPDIR");
	char *path = arena_printf(
		arena, "%s/postshare-XXXXXX", tmp == NULL ? "/tmp" : tmp);

	ck_assert_ptr_nonnull(mkdtemp(path));
	return path;
}

HELPER void test_folder_remove(const char *path)
{
	DIR *folder = opendir(path);

	ck_assert_ptr_nonnull(folder);
	for (struct dirent *e; (e = readdir(folder)) != NULL;) {
		char *inner;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		ck_assert_int_gt(asprintf(&inner, "%s/%s", path, e->d_name), 0);
		if (unlink(inner) != 0)
			test_folder_remove(inner);
		free(inner);
	}
	closedir(folder);
	ck_assert_int_eq(rmdir(path), 0);
}

HELPER void test_write(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "w");

	ck_assert_msg(file != NULL, "%s", path);
	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

/* A real export, where they are at hand; NULL = they are not. */
HELPER const char *test_sample(const char *name, struct arena *arena)
{
	const char *folder = getenv("POSTSHARE_SAMPLES");
	const char *path = arena_printf(arena, "%s/%s",
		folder == NULL ? "../shared/samples" : folder, name);

	return access(path, R_OK) == 0 ? path : NULL;
}

#endif
