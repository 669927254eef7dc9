/* A log on a bad disk is told, one that is interrupted read on. */
#include "verdicts/log_file.h"

#include "sink_text.h"
#include "tests/unit/failing_calls.h"
#include "unit_main.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

FAILING_CALL(ssize_t, -1, read, (int fd, void *buf, size_t nbytes),
	(fd, buf, nbytes))
FAILING_CALL(int, -1, fstat, (int fd, struct stat *buf), (fd, buf))

/* "one", by gzip -n */
static const char packed[] =
	"\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\xcf\x4b\x05\0\xf1\x86\x6c\x7a\x03"
	"\0\0\0";

static const struct {
	const char *name, *bytes;
	size_t len;
	const char *call;
	unsigned n;
	int error;
	bool is_opened;
	const char *seen, *told; /* after "PATH: " */
} cases[] = {
	{ "plain, interrupted", "one", 3, "read", 1, EINTR, true, "one", "" },
	{ "plain, a bad disk", "one", 3, "read", 1, EIO, false, "",
		"Input/output error" },
	{ "plain, later", "one", 3, "read", 2, EIO, true, "one",
		"Input/output error" },
	{ "plain, of no kind", "one", 3, "fstat", 1, EIO, true, "one", "" },
	{ "packed, interrupted", packed, sizeof packed - 1, "read", 1, EINTR,
		true, "one", "" },
	{ "packed, a bad disk", packed, sizeof packed - 1, "read", 1, EIO,
		false, "", "Input/output error" },
	{ "packed, later", packed, sizeof packed - 1, "read", 2, EIO, true,
		"one", "Input/output error" },
	{ "packed, of no kind", packed, sizeof packed - 1, "fstat", 1, EIO,
		true, "one", "" },
};

static struct arena *arena;
static char *folder;

static void make_folder(void)
{
	arena = arena_open();
	folder = test_folder(arena);
}

static void remove_folder(void)
{
	test_folder_remove(folder);
	arena_close(&arena);
}

/* As far as it goes; and that it ends then. */
static const char *read_all(struct log_file *file, struct err *err)
{
	char bytes[64];
	size_t len, at = 0;
	enum log_bytes end;

	while ((end = log_file_read(file, bytes + at, sizeof bytes - at, &len,
			err)) == LOG_BYTES_SOME)
		at += len;
	ck_assert_int_eq(end == LOG_BYTES_DAMAGED, err->text[0] != '\0');
	ck_assert_int_eq(
		log_file_read(file, bytes, 1, &len, err), LOG_BYTES_END);
	return arena_strndup(arena, bytes, at);
}

START_TEST(log_is_read_as_far_as_it_goes)
{
	const char *path = arena_printf(arena, "%s/log", folder);
	const char *told = cases[_i].told;
	const char *seen = "";
	struct err err = { 0 };

	test_write(path, cases[_i].bytes, cases[_i].len);
	failing_call_begin(cases[_i].call, cases[_i].n, cases[_i].error);
	struct log_file *file = log_file_open(path, &err);

	ck_assert_msg((file != NULL) == cases[_i].is_opened, "%s: %s",
		cases[_i].name, err.text);
	if (file != NULL)
		seen = read_all(file, &err);
	ck_assert(failing_call_end());
	ck_assert_str_eq(seen, cases[_i].seen);
	ck_assert_str_eq(err.text,
		*told == '\0' ? "" : arena_printf(arena, "%s: %s", path, told));
	log_file_close(&file);
	log_file_close(&file);
}
END_TEST

/* One that is no regular file is like no other. */
START_TEST(streams_are_never_the_same)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	struct log_file *a = log_file_of(ends[0], "a");
	struct log_file *b = log_file_of(ends[1], "b");
	const char *path = arena_printf(arena, "%s/log", folder);

	test_write(path, "one", 3);
	struct log_file *regular = log_file_open(path, NULL);

	ck_assert(!log_file_is_same(a, b));
	ck_assert(!log_file_is_same(regular, a));
	ck_assert(log_file_is_same(regular, regular));
	ck_assert(log_file_modified(a) > 0);
	log_file_close(&a);
	log_file_close(&b);
	log_file_close(&regular);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_checked_fixture(tcase, make_folder, remove_folder);
	tcase_add_loop_test(
		tcase, log_is_read_as_far_as_it_goes, 0, COUNT(cases));
	tcase_add_test(tcase, streams_are_never_the_same);
	return unit_run(suite_create("log_file_failing"), tcase);
}
