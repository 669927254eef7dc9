/* What is known of a file holds for that file alone, as it was. */
#include "snapshot/measured.h"

#include "base/digest.h"
#include "base/file.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/files.h"
#include "snapshot/manifest.h"
#include "snapshot/sums.h"

#include "sink_text.h"
#include "unit_main.h"

#include <fcntl.h>

enum { MANY = 300000 };

static struct arena *arena;
static const char *folder, *path;

static void set_up(void)
{
	arena = arena_open();
	folder = test_folder(arena);
	path = arena_printf(arena, "%s/map.cdb", folder);
}

static void tear_down(void)
{
	test_folder_remove(folder);
	arena_close(&arena);
}

static const char *digest_of(const char *bytes, size_t len)
{
	struct digest *digest = digest_open(NULL);

	digest_add(digest, bytes, len);
	const char *text = digest_format(digest, arena);

	digest_close(&digest);
	return text;
}

static struct stat status_of(const char *file)
{
	struct stat status;

	ck_assert_int_eq(stat(file, &status), 0);
	return status;
}

START_TEST(what_was_read_is_known)
{
	struct measured measured = { .count = 1 };

	test_write(path, "something", 9);
	const int fd = open(path, O_RDONLY);

	ck_assert_int_eq(lseek(fd, 5, SEEK_SET), 5);
	ck_assert(measured_read(&measured.files[0], fd, "map.cdb", 7));
	close(fd);
	struct stat status = status_of(path);
	const struct measured_file *found =
		measured_find(&measured, "map.cdb", &status);

	ck_assert_ptr_nonnull(found);
	ck_assert_str_eq(found->digest, digest_of("something", 9));
	ck_assert_uint_eq(found->records, 7);
	ck_assert_ptr_null(measured_find(&measured, "other.cdb", &status));
	ck_assert_ptr_null(measured_find(NULL, "map.cdb", &status));
}
END_TEST

static const struct {
	const char *name;
	off_t size;
	ino_t inode;
	long nanoseconds;
} others[] = {
	{ "another size", .size = 1 },
	{ "another file", .inode = 1 },
	{ "another time", .nanoseconds = 1 },
};

START_TEST(another_file_is_not_known)
{
	struct measured measured = { .count = 1 };

	test_write(path, "something", 9);
	const int fd = open(path, O_RDONLY);

	ck_assert(measured_read(&measured.files[0], fd, "map.cdb", 1));
	close(fd);
	struct stat status = status_of(path);

	status.st_size += others[_i].size;
	status.st_ino += others[_i].inode;
	status.st_mtim.tv_nsec += others[_i].nanoseconds;
	ck_assert_msg(measured_find(&measured, "map.cdb", &status) == NULL,
		"%s", others[_i].name);
}
END_TEST

START_TEST(what_can_not_be_read_is_not_known)
{
	struct measured_file file;
	const int fd = open(folder, O_RDONLY);

	ck_assert(!measured_read(&file, -1, "map.cdb", 1));
	ck_assert_ptr_null(file.name);
	ck_assert(!measured_read(&file, fd, "map.cdb", 1));
	ck_assert_ptr_null(file.name);
	close(fd);
}
END_TEST

static void write_map(
	struct measured *measured, const char *name, unsigned count)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(path, &err);
	char key[40];

	measured->count = 1;
	cdb_writer_measure(writer, name, &measured->files[0]);
	for (unsigned i = 0; i < count; i++) {
		snprintf(key, sizeof key, "user%u@company.example", i);
		ck_assert(cdb_writer_add(writer, key, "exchange ad", &err));
	}
	const uint64_t size = cdb_writer_size(writer);

	ck_assert_msg(cdb_writer_close(&writer, &err), "%s", err.text);
	ck_assert_uint_eq(size, (uint64_t)status_of(path).st_size);
}

/* The manifest says the same, whether it is told or has to find out. */
START_TEST(large_map_is_told_to_the_manifest)
{
	struct measured measured = { .count = 0 };
	struct err err = { 0 };
	struct manifest told = { .measured = &measured };
	struct manifest found = { .measured = NULL };

	write_map(&measured, "map.cdb", MANY);
	ck_assert(manifest_measure(&told, folder, arena, &err));
	ck_assert(manifest_measure(&found, folder, arena, &err));
	ck_assert_ptr_eq(told.files[0].digest, measured.files[0].digest);
	ck_assert_str_eq(told.files[0].digest, found.files[0].digest);
	ck_assert_uint_eq(told.files[0].records, MANY);
	ck_assert_uint_eq(found.files[0].records, MANY);
}
END_TEST

START_TEST(small_map_is_left_to_the_manifest)
{
	struct measured measured = { .count = 0 };

	write_map(&measured, "map.cdb", 10);
	ck_assert_ptr_null(measured.files[0].name);
}
END_TEST

static struct slice sums_written(const struct measured *measured)
{
	struct err err = { 0 };
	struct slice sums = { NULL, 0 };

	ck_assert_msg(sums_write(folder, measured, &err), "%s", err.text);
	sums.bytes = file_read(arena_printf(arena, "%s/" FILES_SUMS, folder),
		&sums.len, arena, &err);
	ck_assert_msg(sums.bytes != NULL, "%s", err.text);
	return sums;
}

/* They are the same, read or not; and it is not read where they are known. */
START_TEST(large_map_is_told_to_the_sums)
{
	struct measured measured = { .count = 0 };
	struct measured_file *file = &measured.files[0];

	path = arena_printf(arena, "%s/" FILES_RELAY_RECIPIENTS, folder);
	write_map(&measured, FILES_RELAY_RECIPIENTS, MANY);
	test_write(arena_printf(arena, "%s/" FILES_POLICY, folder), "p", 1);
	const struct slice read = sums_written(NULL);

	ck_assert(slice_same(sums_written(&measured), read));
	file->sums.data[file->sums.len - 1] ^= 1;
	ck_assert(!slice_same(sums_written(&measured), read));
	measured_fini(&measured);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("measured");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, what_was_read_is_known);
	tcase_add_loop_test(tcase, another_file_is_not_known, 0, COUNT(others));
	tcase_add_test(tcase, what_can_not_be_read_is_not_known);
	tcase_add_test(tcase, large_map_is_told_to_the_manifest);
	tcase_add_test(tcase, large_map_is_told_to_the_sums);
	tcase_add_test(tcase, small_map_is_left_to_the_manifest);
	return unit_run(suite_create("measured"), tcase);
}
