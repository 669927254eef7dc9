/* A file's mark is the same as long as nobody touched it. */
#include "base/file_mark.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];
static struct arena *arena;

static const char *in(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static void make_folder(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(folder, sizeof folder, "%s/mark.XXXXXX",
		tmp == NULL ? "/tmp" : tmp);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	arena = arena_open();
	ck_assert(file_replace(in("a"), "bytes", 5, 0640, NULL));
	ck_assert(file_replace(in("b"), "bytes", 5, 0640, NULL));
}

static void remove_folder(void)
{
	remove(in("a"));
	remove(in("b"));
	ck_assert_int_eq(rmdir(folder), 0);
	arena_close(&arena);
}

static const char *mark(void)
{
	struct text text = { 0 };

	ck_assert(file_mark_add(&text, in("a")));
	const char *copy = arena_strdup(arena, text.data);

	text_fini(&text);
	return copy;
}

static void leave(void)
{
}

static void read_it(void)
{
	size_t len;

	ck_assert_ptr_nonnull(file_read(in("a"), &len, arena, NULL));
}

static void write_same_bytes(void)
{
	const int fd = open(in("a"), O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert(file_write(fd, "bytes", 5));
	close(fd);
}

static void cut(void)
{
	ck_assert_int_eq(truncate(in("a"), 4), 0);
}

static void replace(void)
{
	ck_assert_int_eq(rename(in("b"), in("a")), 0);
}

/* What a writer would do that hides itself. */
static void set_time_back(void)
{
	struct stat status;

	ck_assert_int_eq(stat(in("a"), &status), 0);
	const struct timespec times[2] = { status.st_atim, status.st_mtim };

	write_same_bytes();
	ck_assert_int_eq(utimensat(AT_FDCWD, in("a"), times, 0), 0);
}

static const struct {
	const char *name;
	void (*act)(void);
	bool is_same;
} cases[] = {
	{ "left alone", leave, true },
	{ "read", read_it, true },
	{ "written", write_same_bytes, false },
	{ "cut", cut, false },
	{ "replaced", replace, false },
	{ "written, and its time set back", set_time_back, false },
};

/* The clock of a file system ticks some hundred times a second. */
static void wait_for_tick(void)
{
	struct stat before, now;

	ck_assert_int_eq(stat(in("b"), &before), 0);
	do {
		ck_assert_int_eq(chmod(in("b"), 0640), 0);
		ck_assert_int_eq(stat(in("b"), &now), 0);
	} while (before.st_ctim.tv_nsec == now.st_ctim.tv_nsec);
}

START_TEST(what_was_touched_has_another)
{
	const char *before = mark();

	wait_for_tick();
	cases[_i].act();
	ck_assert_msg((strcmp(before, mark()) == 0) == cases[_i].is_same,
		"%s: %s%s", cases[_i].name, before, mark());
}
END_TEST

START_TEST(only_files_have_one)
{
	struct text text = { 0 };

	ck_assert(!file_mark_add(&text, in("absent")));
	ck_assert(!file_mark_add(&text, folder));
	ck_assert(!file_mark_add(&text, "/dev/null"));
	ck_assert_uint_eq(text.len, 0);
	text_fini(&text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("file_mark");

	tcase_add_checked_fixture(tcase, make_folder, remove_folder);
	tcase_add_loop_test(
		tcase, what_was_touched_has_another, 0, COUNT(cases));
	tcase_add_test(tcase, only_files_have_one);
	return unit_run(suite_create("file_mark"), tcase);
}
