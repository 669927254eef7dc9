/* A folder of a test's own, what is written there, and a disk that is full. */
#ifndef TESTS_UNIT_FOLDER_CASE_H
#define TESTS_UNIT_FOLDER_CASE_H

#include "base/arena.h"

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

/* In bytes; takes the place of a disk that is full. */
HELPER void test_limit_files(rlim_t size)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Empty; the path lives in the arena. */
HELPER char *test_folder(struct arena *arena)
{
	const char *tmp = getenv("TMPDIR");
	char *path = arena_printf(
		arena, "%s/postshare-XXXXXX", tmp == NULL ? "/tmp" : tmp);

	ck_assert_ptr_nonnull(mkdtemp(path));
	return path;
}

/* With all that is in it. */
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

#endif
