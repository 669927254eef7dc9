/* When each directory last loaded, written and read again. */
#include "snapshot/freshness.h"

#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char state[256];

static void make_state(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(state, sizeof state, "%s/freshness.XXXXXX",
		base == NULL ? "/tmp" : base);
	ck_assert_ptr_nonnull(mkdtemp(state));
}

static void remove_state(void)
{
	static const char *const names[] = { "freshness", "freshness.tmp" };
	char path[300];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", state, names[i]);
		remove(path);
	}
	ck_assert_int_eq(rmdir(state), 0);
}

static void write_file(const char *bytes)
{
	char path[300];

	snprintf(path, sizeof path, "%s/freshness", state);
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(bytes, file);
	fclose(file);
}

START_TEST(what_is_written_is_read)
{
	const struct freshness written[] = { { "ad", 1700000000 },
		{ "staff", 0 } };
	struct freshness list[] = { { "staff", 7 }, { "new", 7 }, { "ad", 7 } };
	struct err err = { 0 };

	ck_assert(freshness_write(state, written, 2, &err));
	ck_assert(freshness_read(state, list, 3, &err));
	ck_assert_int_eq(list[0].loaded, 0);
	ck_assert_int_eq(list[1].loaded, 0);
	ck_assert_int_eq(list[2].loaded, 1700000000);
}
END_TEST

START_TEST(no_file_is_never)
{
	struct freshness list[] = { { "staff", 7 } };
	struct err err = { 0 };

	ck_assert(freshness_read(state, list, 1, &err));
	ck_assert_int_eq(list[0].loaded, 0);
}
END_TEST

START_TEST(no_directory_is_an_empty_file)
{
	struct freshness list[] = { { "staff", 7 } };
	struct err err = { 0 };

	ck_assert(freshness_write(state, NULL, 0, &err));
	ck_assert(freshness_read(state, list, 1, &err));
	ck_assert_int_eq(list[0].loaded, 0);
}
END_TEST

START_TEST(file_is_0640_and_of_the_group_of_the_folder)
{
	const struct freshness written[] = { { "ad", 1 } };
	struct stat folder, file;
	struct err err = { 0 };
	char path[300];

	if (geteuid() == 0)
		ck_assert_int_eq(chown(state, (uid_t)-1, 54321), 0);
	ck_assert(freshness_write(state, written, 1, &err));
	snprintf(path, sizeof path, "%s/freshness", state);
	ck_assert_int_eq(stat(state, &folder), 0);
	ck_assert_int_eq(stat(path, &file), 0);
	ck_assert_uint_eq(file.st_gid, folder.st_gid);
	ck_assert_uint_eq(file.st_mode & 07777, 0640);
}
END_TEST

static const struct {
	const char *name, *bytes, *place;
} bad_lines[] = {
	{ "no time", "ad\n", "/freshness:1: " },
	{ "no name", " 12\n", "/freshness:1: " },
	{ "no number", "ad 12\nstaff soon\n", "/freshness:2: " },
	{ "negative", "ad -1\n", "/freshness:1: " },
	{ "empty line", "ad 12\n\nx 1\n", "/freshness:2: " },
	{ "two blanks", "ad  12\n", "/freshness:1: " },
};

START_TEST(bad_line_names_its_place_and_changes_nothing)
{
	struct freshness list[] = { { "ad", 7 } };
	struct err err = { 0 };

	write_file(bad_lines[_i].bytes);
	ck_assert_msg(!freshness_read(state, list, 1, &err), "%s",
		bad_lines[_i].name);
	ck_assert_msg(strstr(err.text, bad_lines[_i].place) != NULL, "%s: %s",
		bad_lines[_i].name, err.text);
	ck_assert_ptr_nonnull(strstr(err.text,
		"a line must be a directory's name and the time it loaded"));
	ck_assert_int_eq(list[0].loaded, 7);
}
END_TEST

START_TEST(unreadable_is_said)
{
	struct freshness list[] = { { "ad", 7 } };
	struct err err = { 0 };
	char path[300];

	snprintf(path, sizeof path, "%s/freshness", state);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert(!freshness_read(state, list, 1, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "not a regular file"));
	ck_assert(!freshness_write(state, NULL, 0, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "rename "));
	ck_assert_int_eq(rmdir(path), 0);
	write_file("");
	ck_assert_int_eq(truncate(path, (off_t)1 << 43), 0);
	ck_assert(!freshness_read(state, list, 1, &err));
	ck_assert_ptr_nonnull(strstr(err.text,
		"8796093022208 bytes, at most 67108864 are expected"));
	ck_assert(!freshness_read("/dev/null", list, 1, &err));
	ck_assert_ptr_nonnull(
		strstr(err.text, "open /dev/null/freshness: Not a directory"));
	ck_assert_int_eq(list[0].loaded, 7);
}
END_TEST

START_TEST(state_that_is_not_there_is_said)
{
	struct err err = { 0 };

	ck_assert(!freshness_write("/nowhere", NULL, 0, &err));
	ck_assert_ptr_nonnull(
		strstr(err.text, "create /nowhere/freshness.tmp"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("freshness");

	tcase_add_checked_fixture(tc, make_state, remove_state);
	tcase_add_test(tc, what_is_written_is_read);
	tcase_add_test(tc, no_file_is_never);
	tcase_add_test(tc, no_directory_is_an_empty_file);
	tcase_add_test(tc, file_is_0640_and_of_the_group_of_the_folder);
	tcase_add_loop_test(tc, bad_line_names_its_place_and_changes_nothing, 0,
		COUNT(bad_lines));
	tcase_add_test(tc, unreadable_is_said);
	tcase_add_test(tc, state_that_is_not_there_is_said);
	return unit_run(suite_create("freshness"), tc);
}
