/* Sums of the maps that policyd reads: what they are, and what they tell. */
#include "snapshot/sums.h"

#include "snapshot/files.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>

enum { N_FIRST = 1300, N_SECOND = 1024, SUMS_SIZE = 32 + (6 + 4) * 8 };

static struct arena *arena;
static char folder[64];
static unsigned char first[N_FIRST], second[N_SECOND];

static const char *in(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static void write_file(const char *name, const void *bytes, size_t len)
{
	const int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

static void setup(void)
{
	arena = arena_open();
	snprintf(folder, sizeof folder, "/tmp/sums.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 0; i < N_SECOND; i++)
		second[i] = (unsigned char)i;
	for (size_t i = 0; i < N_FIRST; i++)
		first[i] = (unsigned char)(i * 7 + i / 256);
	write_file(FILES_POLICY, first, N_FIRST);
	write_file(FILES_RELAY_RECIPIENTS, second, N_SECOND);
	ck_assert(sums_write(folder, NULL, NULL));
}

static void teardown(void)
{
	ck_assert_int_eq(
		nftw(folder, model_case_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
	arena_close(&arena);
}

static struct sums *open_sums(void)
{
	struct err err = { 0 };
	struct sums *sums;

	ck_assert_msg(sums_open(&sums, folder, &err), "%s", err.text);
	ck_assert_ptr_nonnull(sums);
	return sums;
}

static unsigned char *read_sums(void)
{
	const int fd = open(in(FILES_SUMS), O_RDONLY);
	unsigned char *bytes = arena_alloc(arena, SUMS_SIZE + 1);

	ck_assert_int_eq(read(fd, bytes, SUMS_SIZE + 1), SUMS_SIZE);
	close(fd);
	return bytes;
}

/* As another implementation of XXH64 gives them. */
START_TEST(sums_are_xxh64)
{
	static const unsigned char of_zeros[] = { 0x60, 0x1a, 0xa7, 0xf5, 0x9c,
		0xd9, 0xc0, 0x34 };
	static const unsigned char of_second[] = { 0xf7, 0x56, 0x6a, 0x6d, 0xb0,
		0x1e, 0xec, 0xbe };

	memset(first, 0, sizeof first);
	write_file(FILES_POLICY, first, 1);
	ck_assert(sums_write(folder, NULL, NULL));
	const int fd = open(in(FILES_SUMS), O_RDONLY);
	unsigned char bytes[8];

	/* Filled up with zeros; of block number 0. */
	ck_assert_int_eq(pread(fd, bytes, 8, 32), 8);
	ck_assert_mem_eq(bytes, of_zeros, 8);
	/* Of block number 1. */
	ck_assert_int_eq(pread(fd, bytes, 8, 32 + 8 + 8), 8);
	ck_assert_mem_eq(bytes, of_second, 8);
	close(fd);
}
END_TEST

START_TEST(what_was_written_holds)
{
	struct sums *sums = open_sums();
	const struct sums_list a = sums_of(sums, FILES_POLICY);
	const struct sums_list b = sums_of(sums, FILES_RELAY_RECIPIENTS);

	ck_assert_uint_eq(a.size, N_FIRST);
	ck_assert_uint_eq(b.size, N_SECOND);
	for (uint64_t i = 0; i < 6; i++)
		ck_assert(sums_hold(&a, first, i));
	for (uint64_t i = 0; i < 4; i++)
		ck_assert(sums_hold(&b, second, i));
	sums_close(&sums);
	ck_assert_ptr_null(sums);
	sums_close(&sums);
}
END_TEST

START_TEST(each_changed_bit_is_seen_in_its_block_alone)
{
	struct sums *sums = open_sums();
	const struct sums_list list = sums_of(sums, FILES_POLICY);

	for (uint64_t bit = 0; bit < N_FIRST * 8; bit++) {
		const uint64_t block = bit / 8 / SUMS_BLOCK;

		first[bit / 8] ^= (unsigned char)(1U << bit % 8);
		for (uint64_t i = 0; i < 6; i++)
			ck_assert_int_eq(
				sums_hold(&list, first, i), i != block);
		first[bit / 8] ^= (unsigned char)(1U << bit % 8);
	}
	sums_close(&sums);
}
END_TEST

START_TEST(blocks_that_changed_places_are_seen)
{
	struct sums *sums = open_sums();

	unsigned char other[N_FIRST];

	memcpy(other, first + SUMS_BLOCK, SUMS_BLOCK);
	memcpy(other + SUMS_BLOCK, first, SUMS_BLOCK);
	const struct sums_list of_first = sums_of(sums, FILES_POLICY);

	ck_assert(!sums_hold(&of_first, other, 0));
	ck_assert(!sums_hold(&of_first, other, 1));
	sums_close(&sums);
}
END_TEST

START_TEST(equal_maps_have_equal_sums)
{
	const unsigned char *before = read_sums();

	ck_assert(sums_write(folder, NULL, NULL));
	ck_assert_mem_eq(read_sums(), before, SUMS_SIZE);
}
END_TEST

/* It was written by a version that knew none. */
START_TEST(a_folder_without_sums_has_none)
{
	struct err err = { 0 };
	struct sums *sums;

	ck_assert_int_eq(unlink(in(FILES_SUMS)), 0);
	ck_assert(sums_open(&sums, folder, &err));
	ck_assert_ptr_null(sums);
}
END_TEST

START_TEST(a_damaged_header_is_refused)
{
	unsigned char *bytes = read_sums();

	for (size_t i = 0; i < 32; i++) {
		struct err err = { 0 };
		struct sums *sums;

		bytes[i] ^= 0x10;
		write_file(FILES_SUMS, bytes, SUMS_SIZE);
		ck_assert(!sums_open(&sums, folder, &err));
		ck_assert_ptr_null(sums);
		ck_assert_ptr_nonnull(
			strstr(err.text, "/policyd.sums: damaged"));
		bytes[i] ^= 0x10;
	}
}
END_TEST

START_TEST(every_other_length_is_refused)
{
	unsigned char *bytes = read_sums();

	for (size_t len = 0; len <= SUMS_SIZE + 1; len++) {
		struct err err = { 0 };
		struct sums *sums;

		write_file(FILES_SUMS, bytes, len);
		ck_assert_int_eq(
			sums_open(&sums, folder, &err), len == SUMS_SIZE);
		if (len < 32)
			ck_assert_ptr_nonnull(strstr(
				err.text, "/policyd.sums: damaged: cut short"));
		sums_close(&sums);
	}
}
END_TEST

START_TEST(what_can_not_be_read_is_said)
{
	struct err err = { 0 };
	struct sums *sums;

	ck_assert_int_eq(unlink(in(FILES_RELAY_RECIPIENTS)), 0);
	ck_assert(!sums_write(folder, NULL, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "open "));
	ck_assert_int_eq(mkdir(in(FILES_RELAY_RECIPIENTS), 0700), 0);
	ck_assert(!sums_write(folder, NULL, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "read "));
	ck_assert_int_eq(unlink(in(FILES_SUMS)), 0);
	ck_assert_int_eq(mkdir(in(FILES_SUMS), 0700), 0);
	ck_assert(!sums_open(&sums, folder, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "read "));
	ck_assert_int_eq(rmdir(in(FILES_SUMS)), 0);
	ck_assert_int_eq(mkfifo(in(FILES_SUMS), 0600), 0);
	ck_assert(!sums_open(&sums, folder, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "read "));
	ck_assert_int_eq(unlink(in(FILES_SUMS)), 0);
	ck_assert_int_eq(symlink(FILES_SUMS, in(FILES_SUMS)), 0);
	ck_assert(!sums_open(&sums, folder, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "open "));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("sums");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, sums_are_xxh64);
	tcase_add_test(tcase, what_was_written_holds);
	tcase_add_test(tcase, each_changed_bit_is_seen_in_its_block_alone);
	tcase_add_test(tcase, blocks_that_changed_places_are_seen);
	tcase_add_test(tcase, equal_maps_have_equal_sums);
	tcase_add_test(tcase, a_folder_without_sums_has_none);
	tcase_add_test(tcase, a_damaged_header_is_refused);
	tcase_add_test(tcase, every_other_length_is_refused);
	tcase_add_test(tcase, what_can_not_be_read_is_said);
	return unit_run(suite_create("sums"), tcase);
}
