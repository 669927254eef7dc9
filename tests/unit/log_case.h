/* Logs written for a test, plain and packed, new and old. */
#ifndef TESTS_UNIT_LOG_CASE_H
#define TESTS_UNIT_LOG_CASE_H

#include "tests/unit/sink_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>

struct log_case {
	struct arena *arena;
	const char *folder;
	struct text seen;
	struct err err;
};

HELPER void log_case_open(struct log_case *test)
{
	*test = (struct log_case){ .arena = arena_open() };
	test->folder = test_folder(test->arena);
	text_init(&test->seen);
	ck_assert_int_eq(setenv("TZ", "UTC", 1), 0);
}

HELPER void log_case_close(struct log_case *test)
{
	test_folder_remove(test->folder);
	text_fini(&test->seen);
	arena_close(&test->arena);
}

HELPER const char *log_case_path(struct log_case *test, const char *name)
{
	return arena_printf(test->arena, "%s/%s", test->folder, name);
}

/* Bytes, in which NULs may stand. */
HELPER const char *log_case_write(
	struct log_case *test, const char *name, const char *bytes, size_t len)
{
	const char *path = log_case_path(test, name);

	test_write(path, bytes, len);
	return path;
}

HELPER const char *log_case_text(
	struct log_case *test, const char *name, const char *text)
{
	return log_case_write(test, name, text, strlen(text));
}

HELPER void log_case_add(
	struct log_case *test, const char *name, const char *text)
{
	FILE *file = fopen(log_case_path(test, name), "a");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* One member; mode "wb", or "ab" for one more. */
HELPER const char *log_case_gzip(struct log_case *test, const char *name,
	const char *text, const char *mode)
{
	const char *path = log_case_path(test, name);
	gzFile file = gzopen(path, mode);

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(
		gzwrite(file, text, (unsigned)strlen(text)), (int)strlen(text));
	ck_assert_int_eq(gzclose(file), Z_OK);
	return path;
}

HELPER void log_case_age(
	struct log_case *test, const char *name, time_t modified)
{
	const struct timespec times[] = { { .tv_sec = modified },
		{ .tv_sec = modified } };

	ck_assert_int_eq(
		utimensat(AT_FDCWD, log_case_path(test, name), times, 0), 0);
}

/* Without the test's folder, which has another name each time. */
HELPER const char *log_case_short(
	const struct log_case *test, const char *sentence)
{
	static char out[ERR_TEXT_SIZE];
	const size_t len = strlen(test->folder) + 1;
	size_t n = 0;

	while (*sentence != '\0' && n < sizeof out - 1)
		if (strncmp(sentence, test->folder, len - 1) == 0 &&
			sentence[len - 1] == '/')
			sentence += len;
		else
			out[n++] = *sentence++;
	out[n] = '\0';
	return out;
}

#endif
