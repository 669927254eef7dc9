/* Files of the state folder, found and replaced. */
#include "snapshot/files.h"

#include "base/arena.h"
#include "base/text.h"
#include "snapshot/folder.h"
#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];
static struct arena *arena;

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(folder, sizeof folder, "%s/files.XXXXXX",
		tmp == NULL ? "/tmp" : tmp);
	arena = arena_open();
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
	ck_assert(folder_remove(folder, NULL));
	arena_close(&arena);
}

static const char *in(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static void write_word(const char *name)
{
	struct err err = { 0 };
	struct text text;

	text_init(&text);
	text_adds(&text, "word");
	ck_assert_msg(files_replace(in(name), &text, &err), "%s", err.text);
	text_fini(&text);
}

START_TEST(what_was_written_is_found)
{
	struct stat status;

	write_word("file");
	ck_assert_int_eq(files_find(folder, "file", arena, NULL), LOOKUP_FOUND);
	ck_assert_int_eq(stat(in("file"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
	ck_assert_int_eq(
		files_find(folder, "file.tmp", arena, NULL), LOOKUP_NONE);
}
END_TEST

START_TEST(what_can_not_be_looked_for_is_not_absent)
{
	struct err err = { 0 };

	ck_assert_int_eq(symlink("ring", in("ring")), 0);
	ck_assert_int_eq(
		files_find(folder, "ring", arena, &err), LOOKUP_FAILED);
	ck_assert_ptr_nonnull(strstr(err.text, "look for "));
	ck_assert_ptr_nonnull(strstr(err.text, "/ring: "));
	write_word("file");
	ck_assert_int_eq(
		files_find(in("file"), "within", arena, NULL), LOOKUP_NONE);
}
END_TEST

START_TEST(what_is_in_the_way_is_named)
{
	struct err err = { 0 };
	struct text text = { 0 };

	ck_assert_int_eq(mkdir(in("folder.tmp"), 0700), 0);
	ck_assert(!files_replace(in("folder"), &text, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "create "));
	ck_assert_ptr_nonnull(strstr(err.text, "/folder.tmp: "));
	ck_assert_int_eq(rmdir(in("folder.tmp")), 0);
	/* Neither written to nor given away. */
	ck_assert_int_eq(symlink("new", in("file.tmp")), 0);
	ck_assert(files_replace(in("file"), &text, &err));
	ck_assert_int_eq(files_find(folder, "new", arena, NULL), LOOKUP_NONE);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("files");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_was_written_is_found);
	tcase_add_test(tcase, what_can_not_be_looked_for_is_not_absent);
	tcase_add_test(tcase, what_is_in_the_way_is_named);
	return unit_run(suite_create("files"), tcase);
}
