/* The manifest: what it measures, and that it comes back as written. */
#include "snapshot/manifest.h"

#include "base/arena.h"
#include "base/file.h"
#include "snapshot/cdb_writer.h"
#include "tests/unit/folder_case.h"
#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *folder;
static struct arena *arena;

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

static const char *in(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static void write_text(const char *name, const char *bytes)
{
	FILE *file = fopen(in(name), "w");

	ck_assert_ptr_nonnull(file);
	fputs(bytes, file);
	fclose(file);
}

static void write_map(const char *name, unsigned records)
{
	struct cdb_writer *writer = cdb_writer_open(in(name), NULL);

	for (unsigned i = 0; i < records; i++)
		ck_assert(cdb_writer_add(writer,
			arena_printf(arena, "key%u", i), "value\n", NULL));
	ck_assert(cdb_writer_close(&writer, NULL));
}

static void measure(struct manifest *m)
{
	struct err err = { 0 };

	ck_assert_msg(manifest_measure(m, folder, arena, &err), "%s", err.text);
}

START_TEST(files_are_measured_by_name)
{
	struct manifest m = { 0 };

	write_map("transport.cdb", 7);
	write_map("empty.cdb", 0);
	write_text("b.regexp", "one\ntwo\n");
	write_text("a.regexp", "one\ntwo");
	write_text("none", "");
	write_text("manifest.json", "not measured");
	measure(&m);
	ck_assert_uint_eq(m.n_files, 5);
	ck_assert_str_eq(m.files[0].name, "a.regexp");
	ck_assert_uint_eq(m.files[0].records, 2);
	ck_assert_str_eq(m.files[1].name, "b.regexp");
	ck_assert_uint_eq(m.files[1].records, 2);
	ck_assert_str_eq(m.files[2].name, "empty.cdb");
	ck_assert_uint_eq(m.files[2].records, 0);
	ck_assert_str_eq(m.files[3].name, "none");
	ck_assert_uint_eq(m.files[3].records, 0);
	ck_assert_str_eq(m.files[4].name, "transport.cdb");
	ck_assert_uint_eq(m.files[4].records, 7);
}
END_TEST

START_TEST(digest_is_blake2b_512)
{
	struct manifest m = { 0 };

	/* RFC 7693, appendix A */
	write_text("abc", "abc");
	measure(&m);
	ck_assert_str_eq(m.files[0].digest,
		"ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2"
		"d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd400"
		"9923");
}
END_TEST

START_TEST(b2sum_agrees)
{
	struct manifest m = { 0 };
	char line[200] = "";

	if (system("b2sum --version >/dev/null 2>&1") != 0)
		return;
	write_map("big.cdb", 30000); /* more than one chunk */
	measure(&m);
	FILE *pipe =
		popen(arena_printf(arena, "b2sum '%s'", in("big.cdb")), "r");

	ck_assert_ptr_nonnull(fgets(line, sizeof line, pipe));
	ck_assert_int_eq(pclose(pipe), 0);
	ck_assert_uint_eq(strcspn(line, " "), 128);
	line[128] = '\0';
	ck_assert_str_eq(m.files[0].digest, line);
}
END_TEST

/* So large that two threads measure them, and the first error counts. */
START_TEST(large_files_are_measured_as_small_ones)
{
	const size_t size = 6 * 1024 * 1024;
	char *lines = malloc(size + 1);
	struct manifest m = { 0 };
	struct err err = { 0 };

	memset(lines, '\n', size);
	lines[size] = '\0';
	write_text("a.regexp", lines);
	write_text("b.regexp", lines);
	write_map("c.cdb", 30000);
	measure(&m);
	ck_assert_uint_eq(m.files[0].records, size);
	ck_assert_uint_eq(m.files[1].records, size);
	ck_assert_uint_eq(m.files[2].records, 30000);
	ck_assert_str_eq(m.files[0].digest, m.files[1].digest);
	ck_assert_str_ne(m.files[0].digest, m.files[2].digest);
	write_text("d.cdb", "short");
	write_text("e.cdb", "short");
	ck_assert(!manifest_measure(&m, folder, arena, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/d.cdb: no CDB map"));
	free(lines);
}
END_TEST

START_TEST(what_can_not_be_measured_is_named)
{
	struct manifest m = { 0 };
	struct err err = { 0 };

	ck_assert(!manifest_measure(&m, in("absent"), arena, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "open folder "));
	write_text("bad.cdb", "short");
	ck_assert(!manifest_measure(&m, folder, arena, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/bad.cdb: no CDB map"));
	unlink(in("bad.cdb"));
	ck_assert_int_eq(mkdir(in("folder"), 0700), 0);
	ck_assert(!manifest_measure(&m, folder, arena, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/folder: Is a directory"));
	rmdir(in("folder"));
	ck_assert_int_eq(symlink("nowhere", in("link")), 0);
	ck_assert(!manifest_measure(&m, folder, arena, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "open "));
}
END_TEST

START_TEST(corrupt_map_is_told)
{
	struct manifest m = { 0 };
	struct err err = { 0 };

	write_map("x.cdb", 3);
	FILE *file = fopen(in("x.cdb"), "r+");

	fseek(file, 2048 + 4, SEEK_SET); /* a value's length */
	fputs("\xff\xff\xff\xff", file);
	fclose(file);
	ck_assert(!manifest_measure(&m, folder, arena, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "corrupt after 0 records"));
}
END_TEST

static struct manifest sample(void)
{
	static struct manifest_file files[] = { { "a.cdb", 3, "0a" },
		{ "b.regexp", 0, "0b" } };
	static struct manifest_directory directories[] = { { "ad", 1000000,
								   1700000000 },
		{ "st\xc3\xa4"
		  "ff",
			0, 0 } };

	return (struct manifest){ .generation = 42,
		.content_of = 41,
		.time = 1700000001,
		.configuration = "c0ffee",
		.files = files,
		.n_files = 2,
		.directories = directories,
		.n_directories = 2 };
}

START_TEST(what_is_written_is_read)
{
	const struct manifest written = sample();
	struct manifest m = { 0 };
	struct err err = { 0 };
	struct stat status;

	ck_assert_msg(manifest_write(&written, folder, &err), "%s", err.text);
	ck_assert_int_eq(stat(in("manifest.json"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
	ck_assert_msg(manifest_read(&m, folder, arena, &err), "%s", err.text);
	ck_assert_uint_eq(m.generation, 42);
	ck_assert_uint_eq(m.content_of, 41);
	ck_assert_int_eq(m.time, 1700000001);
	ck_assert_str_eq(m.configuration, "c0ffee");
	ck_assert_uint_eq(m.n_files, 2);
	ck_assert_str_eq(m.files[0].name, "a.cdb");
	ck_assert_uint_eq(m.files[0].records, 3);
	ck_assert_str_eq(m.files[1].digest, "0b");
	ck_assert_uint_eq(m.n_directories, 2);
	ck_assert_str_eq(m.directories[1].name,
		"st\xc3\xa4"
		"ff");
	ck_assert_uint_eq(m.directories[0].entries, 1000000);
	ck_assert_int_eq(m.directories[0].loaded, 1700000000);
}
END_TEST

START_TEST(order_of_members_is_fixed)
{
	static const char *const members[] = { "{\n  \"generation\": 42",
		"\"content_of\": 41", "\"time\": 1700000001",
		"\"configuration\": \"c0ffee\"", "\"directories\"",
		"\"name\": \"ad\"", "\"entries\": 1000000", "\"loaded\"",
		"\"files\"", "\"name\": \"a.cdb\"", "\"records\": 3",
		"\"blake2b\": \"0a\"", "]\n}\n" };
	const struct manifest written = sample();
	size_t len;

	ck_assert(manifest_write(&written, folder, NULL));
	const char *at = file_read(in("manifest.json"), &len, arena, NULL);

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		at = strstr(at, members[i]);
		ck_assert_msg(at != NULL, "%s", members[i]);
	}
}
END_TEST

START_TEST(no_configuration_is_an_empty_text)
{
	struct manifest m = { .generation = 1 };

	ck_assert(manifest_write(&m, folder, NULL));
	ck_assert(manifest_read(&m, folder, arena, NULL));
	ck_assert_str_eq(m.configuration, "");
	ck_assert_uint_eq(m.content_of, 0);
	ck_assert_uint_eq(m.n_files, 0);
}
END_TEST

START_TEST(name_that_is_not_utf_8_is_refused)
{
	struct manifest_directory latin = { "st\xe4"
					    "ff",
		0, 0 };
	const struct manifest m = { .directories = &latin, .n_directories = 1 };
	struct err err = { 0 };

	ck_assert(!manifest_write(&m, folder, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "is not UTF-8"));
}
END_TEST

START_TEST(write_that_fails_is_told)
{
	const struct manifest m = sample();
	struct err err = { 0 };

	ck_assert(!manifest_write(&m, in("absent"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "create "));
}
END_TEST

#define TAIL "\"configuration\":\"\",\"directories\":[],\"files\":[]}"

static const struct {
	const char *name, *bytes, *sentence;
} bad[] = {
	{ "empty", "", "/manifest.json:1: no JSON: " },
	{ "torn", "{\n\"generation\": 1,\n", "/manifest.json:3: no JSON: " },
	{ "a list", "[]", "not the manifest of a generation" },
	{ "text for a number", "{\"generation\":\"1\",\"time\":1," TAIL,
		"not the manifest of a generation" },
	{ "no time", "{\"generation\":1," TAIL,
		"not the manifest of a generation" },
	{ "files no list",
		"{\"generation\":1,\"time\":1,\"configuration\":\"\","
		"\"directories\":[],\"files\":{}}",
		"not the manifest of a generation" },
	{ "a file without digest",
		"{\"generation\":1,\"time\":1,\"configuration\":\"\","
		"\"directories\":[],\"files\":[{\"name\":\"a\","
		"\"records\":1}]}",
		"not the manifest of a generation" },
	{ "a directory without name",
		"{\"generation\":1,\"time\":1,\"configuration\":\"\","
		"\"directories\":[{\"entries\":1,\"loaded\":1}],"
		"\"files\":[]}",
		"not the manifest of a generation" },
};

START_TEST(bad_manifest_is_refused)
{
	struct manifest m = { 0 };
	struct err err = { 0 };

	ck_assert(!manifest_read(&m, folder, arena, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "open "));
	write_text("manifest.json", bad[_i].bytes);
	ck_assert_msg(
		!manifest_read(&m, folder, arena, &err), "%s", bad[_i].name);
	ck_assert_msg(strstr(err.text, bad[_i].sentence) != NULL, "%s: %s",
		bad[_i].name, err.text);
}
END_TEST

START_TEST(negative_counts_are_none)
{
	struct manifest m = { 0 };

	write_text("manifest.json", "{\"generation\":-1,\"time\":1," TAIL);
	ck_assert(manifest_read(&m, folder, arena, NULL));
	ck_assert_uint_eq(m.generation, 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("manifest");

	tcase_add_checked_fixture(tc, make_folder, remove_folder);
	tcase_add_test(tc, files_are_measured_by_name);
	tcase_add_test(tc, digest_is_blake2b_512);
	tcase_add_test(tc, b2sum_agrees);
	tcase_add_test(tc, large_files_are_measured_as_small_ones);
	tcase_add_test(tc, what_can_not_be_measured_is_named);
	tcase_add_test(tc, corrupt_map_is_told);
	tcase_add_test(tc, what_is_written_is_read);
	tcase_add_test(tc, order_of_members_is_fixed);
	tcase_add_test(tc, no_configuration_is_an_empty_text);
	tcase_add_test(tc, name_that_is_not_utf_8_is_refused);
	tcase_add_test(tc, write_that_fails_is_told);
	tcase_add_loop_test(tc, bad_manifest_is_refused, 0, COUNT(bad));
	tcase_add_test(tc, negative_counts_are_none);
	return unit_run(suite_create("manifest"), tc);
}
