/* Two files that are the same, or differ somewhere. */
#include "snapshot/same_bytes.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>

enum { SIZE = 300 * 1000 }; /* several pieces, the last not full */

static char folder[64], path[80], other[80];

static void write_file(const char *name, size_t size, size_t changed)
{
	char *bytes = calloc(1, size + 1);
	const int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (changed < size)
		bytes[changed] = 'x';
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	close(fd);
	free(bytes);
}

static void setup(void)
{
	snprintf(folder, sizeof folder, "/tmp/same_bytes.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/a", folder);
	snprintf(other, sizeof other, "%s/b", folder);
}

static void teardown(void)
{
	ck_assert_int_eq(
		nftw(folder, model_case_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static const struct {
	const char *name;
	size_t size, other_size, changed;
	bool are_same;
} cases[] = {
	{ "empty", 0, 0, SIZE, true },
	{ "equal", SIZE, SIZE, SIZE, true },
	{ "a whole number of pieces", 262144, 262144, SIZE, true },
	{ "first byte", SIZE, SIZE, 0, false },
	{ "last byte", SIZE, SIZE, SIZE - 1, false },
	{ "in the middle", SIZE, SIZE, SIZE / 2, false },
	{ "shorter", SIZE, SIZE - 1, SIZE, false },
	{ "nothing left", SIZE, 0, SIZE, false },
};

START_TEST(what_differs_is_seen)
{
	write_file(path, cases[_i].size, SIZE);
	write_file(other, cases[_i].other_size, cases[_i].changed);
	ck_assert_msg(same_bytes(path, other) == cases[_i].are_same, "%s",
		cases[_i].name);
	ck_assert_msg(same_bytes(other, path) == cases[_i].are_same, "%s",
		cases[_i].name);
}
END_TEST

START_TEST(what_can_not_be_read_is_not_the_same)
{
	write_file(path, 1, 1);
	ck_assert(!same_bytes(path, other));
	ck_assert(!same_bytes(other, path));
	ck_assert(!same_bytes(folder, folder));
	ck_assert_int_eq(mkfifo(other, 0600), 0);
	ck_assert(!same_bytes(path, other));
	ck_assert(!same_bytes(other, path));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("same_bytes");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, what_differs_is_seen, 0, COUNT(cases));
	tcase_add_test(tcase, what_can_not_be_read_is_not_the_same);
	return unit_run(suite_create("same_bytes"), tcase);
}
