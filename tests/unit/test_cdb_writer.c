/* CDB maps being written: as libcdb does it, or not at all. */
#include "snapshot/cdb_writer.h"

#include "snapshot/cdb_layout.h"
#include "snapshot/cdb_reader.h"
#include "tests/unit/unit_main.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char folder[256];
static char path[300];
static char other[300];
static bool has_modes = true;

/* A file system without modes refuses this, even to root. */
int fchmod(int fd, mode_t mode)
{
	if (has_modes)
		return (int)syscall(SYS_fchmod, fd, mode);
	errno = EPERM;
	return -1;
}

static off_t cut_to = -1; /* the map, once it is mapped; -1 = not at all */

/* What comes between: a file cut short is what a disk that fails is. */
int madvise(void *addr, size_t len, int advice)
{
	if (advice == MADV_POPULATE_READ && cut_to >= 0)
		ck_assert_int_eq(truncate(path, cut_to), 0);
	return (int)syscall(SYS_madvise, addr, len, advice);
}

static void make_folder(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(folder, sizeof folder, "%s/cdb_writer.XXXXXX",
		base == NULL ? "/tmp" : base);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/map.cdb", folder);
	snprintf(other, sizeof other, "%s/other.cdb", folder);
}

static void remove_folder(void)
{
	unlink(path);
	unlink(other);
	ck_assert_int_eq(rmdir(folder), 0);
}

START_TEST(file_is_0640)
{
	struct err err = { 0 };
	struct stat status;

	umask(0);
	struct cdb_writer *writer = cdb_writer_open(path, &err);

	ck_assert(cdb_writer_add(writer, "ann@x", "1", &err));
	ck_assert_msg(cdb_writer_close(&writer, &err), "%s", err.text);
	ck_assert_ptr_null(writer);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
}
END_TEST

static char *read_bytes(const char *name, size_t *len)
{
	struct stat status;
	const int fd = open(name, O_RDONLY);

	ck_assert_int_eq(fstat(fd, &status), 0);
	*len = (size_t)status.st_size;
	char *bytes = malloc(*len);

	ck_assert_int_eq(read(fd, bytes, *len), (ssize_t)*len);
	close(fd);
	return bytes;
}

/* Values of many lengths, now and then one larger than any buffer. */
static size_t value_len(unsigned number)
{
	return number % 7001 == 7000 ? 300000 : 1 + number % 61;
}

static char value[300000];

static void write_ours(unsigned count)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(path, &err);
	char key[40];

	for (unsigned i = 0; i < count; i++) {
		const int len = snprintf(key, sizeof key, "user%u@x", i);

		ck_assert(cdb_writer_add_slices(writer,
			(struct slice){ key, (size_t)len },
			(struct slice){ value, value_len(i) }, &err));
	}
	ck_assert_msg(cdb_writer_close(&writer, &err), "%s", err.text);
}

static void write_theirs(unsigned count)
{
	const int fd = open(other, O_RDWR | O_CREAT | O_EXCL, 0600);
	struct cdb_make make;
	char key[40];

	ck_assert_int_eq(cdb_make_start(&make, fd), 0);
	for (unsigned i = 0; i < count; i++) {
		const int len = snprintf(key, sizeof key, "user%u@x", i);

		ck_assert_int_eq(cdb_make_add(&make, key, (unsigned)len, value,
					 (unsigned)value_len(i)),
			0);
	}
	ck_assert_int_eq(cdb_make_finish(&make), 0);
	close(fd);
}

/* The last one is made and read back by two threads. */
static const unsigned counts[] = { 0, 1, 2, 255, 256, 20000, 120000 };

START_TEST(bytes_are_those_of_libcdb)
{
	size_t len, other_len;

	memset(value, 'v', sizeof value);
	write_ours(counts[_i]);
	write_theirs(counts[_i]);
	char *ours = read_bytes(path, &len);
	char *theirs = read_bytes(other, &other_len);

	ck_assert_uint_eq(len, other_len);
	ck_assert_int_eq(memcmp(ours, theirs, len), 0);
	free(ours);
	free(theirs);
}
END_TEST

/* A file of count records, of which these many bytes are keys and values. */
struct sized {
	const char *bytes; /* enough for any value */
	size_t len;
	unsigned count;
};

/* All as long as one another, but for the last. */
static struct slice sized_value(const struct sized *file, unsigned number)
{
	const size_t each = file->len / file->count;
	const size_t own = number + 1 < file->count
		? each
		: file->len - each * (file->count - 1);

	return (struct slice){ file->bytes, own - 4 };
}

static void write_sized(const struct sized *file)
{
	struct cdb_writer *writer = cdb_writer_open(path, NULL);
	const int fd = open(other, O_RDWR | O_CREAT | O_EXCL, 0600);
	struct err err = { 0 };
	struct cdb_make make;
	char key[16];

	ck_assert_int_eq(cdb_make_start(&make, fd), 0);
	for (unsigned i = 0; i < file->count; i++) {
		const struct slice bytes = sized_value(file, i);

		snprintf(key, sizeof key, "%02u@x", i);
		ck_assert(cdb_writer_add_slices(
			writer, (struct slice){ key, 4 }, bytes, &err));
		ck_assert_int_eq(cdb_make_add(&make, key, 4, bytes.bytes,
					 (unsigned)bytes.len),
			0);
	}
	ck_assert_msg(cdb_writer_close(&writer, &err), "%s", err.text);
	ck_assert_int_eq(cdb_make_finish(&make), 0);
	close(fd);
}

/* Where the records end, or the tables, so many bytes off a multiple. */
static const struct {
	unsigned pieces;
	int off;
	bool is_whole; /* the tables */
	unsigned count;
} borders[] = {
	{ 1, -1, false, 20 },
	{ 1, 0, false, 20 },
	{ 1, 1, false, 20 },
	{ 1, -1, true, 20 },
	{ 1, 0, true, 20 },
	{ 1, 1, true, 20 },
	{ 2, -1, false, 40 },
	{ 2, 0, false, 40 },
	{ 2, 1, false, 40 },
	{ 5, 0, true, 99 }, /* by two threads */
	{ 1, 0, false, 1 }, /* a record larger than any buffer */
	{ 3, -1, false, 1 },
	{ 3, 0, true, 1 },
	{ 3, 1, true, 1 },
};

START_TEST(bytes_are_the_same_at_the_borders_of_pieces)
{
	const unsigned count = borders[_i].count;
	const size_t end = borders[_i].pieces * (size_t)CDB_PIECE_SIZE +
		(size_t)borders[_i].off;
	const size_t tables = count * CDB_SLOTS_SIZE;
	const size_t beside = CDB_HEADER_SIZE + count * CDB_RECORD_SIZE +
		(borders[_i].is_whole ? tables : 0);
	const struct sized file = { calloc(1, end), end - beside, count };
	size_t len, other_len;

	write_sized(&file);
	char *ours = read_bytes(path, &len);
	char *theirs = read_bytes(other, &other_len);

	ck_assert_uint_eq(len, end + (borders[_i].is_whole ? 0 : tables));
	ck_assert_uint_eq(other_len, len);
	ck_assert_int_eq(memcmp(ours, theirs, len), 0);
	free(ours);
	free(theirs);
	free((char *)file.bytes);
}
END_TEST

START_TEST(key_twice_is_refused)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(path, &err);

	ck_assert(cdb_writer_add(writer, "ann@x", "1", &err));
	ck_assert(cdb_writer_add(writer, "ann@x", "2", &err));
	ck_assert(!cdb_writer_close(&writer, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "\"ann@x\" is there twice"));
	ck_assert_ptr_null(writer);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(empty_value_is_our_bug)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(path, &err);

	/* The fixture of this process will not run any more. */
	remove_folder();
	cdb_writer_add(writer, "ann@x", "", &err);
}
END_TEST

START_TEST(abandoned_is_gone)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(path, &err);

	ck_assert(cdb_writer_add(writer, "ann@x", "1", &err));
	cdb_writer_abandon(&writer);
	ck_assert_ptr_null(writer);
	ck_assert_int_ne(access(path, F_OK), 0);
	cdb_writer_abandon(&writer);
}
END_TEST

START_TEST(mode_that_can_not_be_set_is_said)
{
	FILE *in = tmpfile();
	struct err err = { 0 };
	struct stat status;

	ck_assert_int_eq(dup2(fileno(in), STDIN_FILENO), STDIN_FILENO);
	has_modes = false;
	ck_assert_ptr_null(cdb_writer_open(path, &err));
	ck_assert_ptr_nonnull(
		strstr(err.text, "/map.cdb: Operation not permitted"));
	ck_assert_int_ne(access(path, F_OK), 0);
	/* Nothing has been taken for the map that is none of ours. */
	ck_assert_int_eq(fstat(STDIN_FILENO, &status), 0);
	ck_assert_int_eq(status.st_size, 0);
	fclose(in);
}
END_TEST

START_TEST(existing_file_is_not_truncated)
{
	struct err err = { 0 };

	write_ours(1);
	ck_assert_ptr_null(cdb_writer_open(path, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "create "));
	ck_assert_ptr_nonnull(strstr(err.text, "File exists"));
}
END_TEST

/* What somebody does to the file before it is finished, and what is said. */
static const struct {
	const char *name;
	off_t at;
	const char *err;
} changes[] = {
	{ "a key", 2048 + 8, "\"w0@x\" is not found" },
	{ "a value", 2048 + 8 + 4, "1 of 1 records from byte 2048 on" },
	{ "a length", 2048 + 4, "read back wrong: " },
	{ "a value that another thread may meet", 2048 + 30 * 300012 + 12,
		"1 of 1 records from byte 9002408 on" },
};

START_TEST(read_back_sees_what_changed)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(path, &err);
	char key[8];

	memset(value, 'v', sizeof value);
	/* Enough for two threads, and most has left the buffer. */
	for (unsigned i = 0; i < 40; i++) {
		snprintf(key, sizeof key, "%02u@x", i);
		ck_assert(cdb_writer_add_slices(writer, slice_of(key),
			(struct slice){ value, sizeof value }, &err));
	}
	const int fd = open(path, O_WRONLY);

	ck_assert_int_eq(pwrite(fd, "w", 1, changes[_i].at), 1);
	close(fd);
	ck_assert_msg(!cdb_writer_close(&writer, &err), "%s", changes[_i].name);
	ck_assert_msg(strstr(err.text, changes[_i].err) != NULL, "%s: %s",
		changes[_i].name, err.text);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(replaced_file_does_not_read_back)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(path, &err);

	unlink(path);
	ck_assert(!cdb_writer_close(&writer, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "open "));
}
END_TEST

/* A file of a mebibyte, mapped over and over: 4 GiB of a string. */
static char *huge_string(size_t *size)
{
	const size_t piece = 1U << 20;
	const size_t n = 4096;
	char *bytes = mmap(NULL, piece * n + 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	const int fd = memfd_create("x", MFD_CLOEXEC);

	*size = piece * n + 4096;
	if (bytes == MAP_FAILED || fd < 0 || ftruncate(fd, (off_t)piece) != 0)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (mmap(bytes + i * piece, piece, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
			return NULL;
	}
	memset(bytes, 'x', piece);
	close(fd);
	return bytes;
}

START_TEST(more_than_four_gib_is_refused)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(path, &err);
	size_t size;
	char *huge = huge_string(&size);

	ck_assert_ptr_nonnull(huge);
	ck_assert(cdb_writer_add(writer, "a", "1", &err));
	ck_assert(!cdb_writer_add(writer, "b", huge, &err));
	ck_assert_ptr_nonnull(
		strstr(err.text, "more than 4 GiB, which no CDB map can hold"));
	cdb_writer_abandon(&writer);
	munmap(huge, size);
}
END_TEST

/* A limit on file sizes stands for the full disk. */
START_TEST(failed_write_is_said)
{
	const struct rlimit limit = { 65536, 65536 };
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(path, &err);
	char big[30000];
	unsigned n = 0;

	signal(SIGXFSZ, SIG_IGN);
	memset(big, 'v', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	while (n < 100 && cdb_writer_add(writer, "a", big, &err))
		n++;
	ck_assert_uint_lt(n, 100);
	ck_assert_ptr_nonnull(strstr(err.text, "write "));
	ck_assert_ptr_nonnull(strstr(err.text, "File too large"));
	ck_assert(!cdb_writer_close(&writer, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "write "));
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

static const unsigned cut_counts[] = { 100, 600000 };

/* In this thread, and where two read it. */
START_TEST(what_can_not_be_read_back_is_said)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(path, &err);
	char key[40];

	for (unsigned i = 0; i < cut_counts[_i]; i++) {
		snprintf(key, sizeof key, "user%u@company.example", i);
		ck_assert(cdb_writer_add(writer, key, "exchange ad", &err));
	}
	cut_to = 0;
	ck_assert(!cdb_writer_close(&writer, &err));
	cut_to = -1;
	ck_assert_ptr_eq(strstr(err.text, path), err.text);
	ck_assert_str_eq(err.text + strlen(path), ": can not be read back");
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("cdb_writer");
	Suite *suite = suite_create("cdb_writer");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, make_folder, remove_folder);
	tcase_add_test(tc, file_is_0640);
	tcase_add_loop_test(tc, bytes_are_those_of_libcdb, 0, COUNT(counts));
	tcase_add_loop_test(tc, bytes_are_the_same_at_the_borders_of_pieces, 0,
		COUNT(borders));
	tcase_add_test(tc, key_twice_is_refused);
	tcase_add_test_raise_signal(tc, empty_value_is_our_bug, SIGABRT);
	tcase_add_test(tc, abandoned_is_gone);
	tcase_add_test(tc, mode_that_can_not_be_set_is_said);
	tcase_add_test(tc, existing_file_is_not_truncated);
	tcase_add_loop_test(tc, read_back_sees_what_changed, 0, COUNT(changes));
	tcase_add_test(tc, replaced_file_does_not_read_back);
	tcase_add_test(tc, more_than_four_gib_is_refused);
	tcase_add_test(tc, failed_write_is_said);
	tcase_add_loop_test(
		tc, what_can_not_be_read_back_is_said, 0, COUNT(cut_counts));
	return unit_run(suite, tc);
}
