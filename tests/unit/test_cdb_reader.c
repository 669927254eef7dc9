/* CDB maps: read, hostile files refused, read by Postfix. */
#include "snapshot/cdb_reader.h"
#include "snapshot/cdb_writer.h"
#include "tests/unit/unit_main.h"

#include <cdb.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];
static char path[300];

static void make_folder(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(folder, sizeof folder, "%s/cdb_reader.XXXXXX",
		base == NULL ? "/tmp" : base);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/map.cdb", folder);
}

static void remove_folder(void)
{
	char main_cf[300];

	snprintf(main_cf, sizeof main_cf, "%s/main.cf", folder);
	unlink(main_cf);
	remove(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

struct pair {
	const char *key, *value;
};

static const struct pair pairs[] = {
	{ "company.example", "internal-relay" },
	{ ".company.example", "internal-relay" },
	{ "ann@company.example", "exchange ad" },
	{ "\"two words\"@company.example", "unix staff" },
	{ "j\xc3\xbcrgen@company.example", "x" },
	{ "", "the empty key is a key" },
	{ "@company.example", " blanks stay " },
};

enum { N_PAIRS = sizeof pairs / sizeof *pairs };

static void write_pairs(void)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(path, &err);

	ck_assert_msg(writer != NULL, "%s", err.text);
	for (size_t i = 0; i < N_PAIRS; i++)
		ck_assert(cdb_writer_add(
			writer, pairs[i].key, pairs[i].value, &err));
	ck_assert_msg(cdb_writer_close(&writer, &err), "%s", err.text);
	ck_assert_ptr_null(writer);
}

static enum lookup find(const char *key, char *value, size_t size)
{
	struct err err = { 0 };
	struct cdb_reader *reader = cdb_reader_open(path, &err);
	const char *bytes;
	size_t len;

	ck_assert_msg(reader != NULL, "%s", err.text);
	const enum lookup found = cdb_reader_find(reader, key, &bytes, &len);

	if (found == LOOKUP_FOUND)
		snprintf(value, size, "%.*s", (int)len, bytes);
	cdb_reader_close(&reader);
	ck_assert_ptr_null(reader);
	return found;
}

START_TEST(every_key_gives_its_value)
{
	char value[100];

	write_pairs();
	ck_assert_int_eq(
		find(pairs[_i].key, value, sizeof value), LOOKUP_FOUND);
	ck_assert_str_eq(value, pairs[_i].value);
}
END_TEST

START_TEST(other_keys_are_not_found)
{
	char value[100];
	char *longer = calloc(1, 1U << 20);

	memset(longer, 'x', (1U << 20) - 1);
	write_pairs();
	ck_assert_int_eq(find("bob@x", value, sizeof value), LOOKUP_NONE);
	ck_assert_int_eq(find(longer, value, sizeof value), LOOKUP_NONE);
	free(longer);
}
END_TEST

struct walk {
	size_t seen, stop_at;
};

static bool see(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	struct walk *walk = context;
	const struct pair *pair = &pairs[walk->seen++];

	ck_assert_uint_eq(key_len, strlen(pair->key));
	ck_assert_mem_eq(key, pair->key, key_len);
	ck_assert_uint_eq(value_len, strlen(pair->value));
	ck_assert_mem_eq(value, pair->value, value_len);
	return walk->seen != walk->stop_at;
}

START_TEST(walk_sees_all_in_order_until_told_to_stop)
{
	struct err err = { 0 };

	write_pairs();
	struct cdb_reader *reader = cdb_reader_open(path, &err);
	struct walk all = { 0, 0 };
	struct walk some = { 0, 3 };

	ck_assert(cdb_reader_walk(reader, see, &all));
	ck_assert_uint_eq(all.seen, N_PAIRS);
	ck_assert(!cdb_reader_walk(reader, see, &some));
	ck_assert_uint_eq(some.seen, 3);
	cdb_reader_close(&reader);
}
END_TEST

START_TEST(empty_map_is_a_map)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(path, &err);
	struct stat status;
	struct walk walk = { 0, 0 };
	char value[10];

	ck_assert(cdb_writer_close(&writer, &err));
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_int_eq(status.st_size, 2048);
	ck_assert_int_eq(find("x", value, sizeof value), LOOKUP_NONE);
	struct cdb_reader *reader = cdb_reader_open(path, &err);

	ck_assert(cdb_reader_walk(reader, see, &walk));
	ck_assert_uint_eq(walk.seen, 0);
	cdb_reader_close(&reader);
}
END_TEST

static void write_bytes(const void *bytes, size_t len)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

static char *read_bytes(size_t *len)
{
	struct stat status;
	const int fd = open(path, O_RDONLY);

	ck_assert_int_eq(fstat(fd, &status), 0);
	*len = (size_t)status.st_size;
	char *bytes = malloc(*len);

	ck_assert_int_eq(read(fd, bytes, *len), (ssize_t)*len);
	close(fd);
	return bytes;
}

static void refused(const char *sentence)
{
	struct err err = { 0 };

	ck_assert_ptr_null(cdb_reader_open(path, &err));
	ck_assert_msg(strstr(err.text, sentence) != NULL, "%s", err.text);
	ck_assert_ptr_nonnull(strstr(err.text, path));
}

START_TEST(every_truncation_is_refused_at_open)
{
	size_t len;

	write_pairs();
	char *bytes = read_bytes(&len);

	for (size_t n = 0; n < len; n += n < 2040 ? 17 : 1) {
		write_bytes(bytes, n);
		refused(n < 2048 ? "the empty one has 2048" : "cut short");
	}
	free(bytes);
}
END_TEST

START_TEST(what_is_no_map_is_refused)
{
	char bytes[4096];

	refused("open ");
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	refused("not a regular file");
	ck_assert_int_eq(unlink(path), 0);
	memset(bytes, 'x', sizeof bytes);
	write_bytes(bytes, sizeof bytes);
	refused("no CDB map, or cut short");
	memset(bytes, 0, sizeof bytes);
	write_bytes(bytes, sizeof bytes);
	refused("no CDB map, or cut short");
	ck_assert_int_eq(truncate(path, 0x100000000), 0);
	refused("the largest has 4 GiB");
	unlink(path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	refused("not a regular file");
}
END_TEST

static bool touch(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	unsigned *sum = context;

	for (size_t i = 0; i < key_len; i++)
		*sum += (unsigned char)key[i];
	for (size_t i = 0; i < value_len; i++)
		*sum += (unsigned char)value[i];
	return true;
}

/* Reads all that it leads to; a sanitizer or the kernel sees the rest. */
static bool use(void)
{
	struct err err = { 0 };
	struct cdb_reader *reader = cdb_reader_open(path, &err);
	const char *value;
	size_t len;
	unsigned sum = 0;
	bool is_sound = true;

	if (reader == NULL)
		return false;
	for (size_t i = 0; i < N_PAIRS; i++) {
		const enum lookup found =
			cdb_reader_find(reader, pairs[i].key, &value, &len);

		if (found == LOOKUP_FOUND)
			touch(&sum, value, len, "", 0);
		if (found == LOOKUP_FAILED)
			is_sound = false;
	}
	if (!cdb_reader_walk(reader, touch, &sum))
		is_sound = false;
	cdb_reader_close(&reader);
	return is_sound;
}

START_TEST(corrupt_bytes_never_kill)
{
	static const unsigned char evil[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	size_t len;

	write_pairs();
	ck_assert(use());
	char *bytes = read_bytes(&len);
	unsigned unsound = 0;

	for (size_t at = 0; at < len; at++) {
		const char was = bytes[at];

		bytes[at] = (char)evil[(at + (size_t)_i) % sizeof evil];
		write_bytes(bytes, len);
		unsound += !use();
		bytes[at] = was;
	}
	ck_assert_uint_gt(unsound, 1000);
	free(bytes);
}
END_TEST

START_TEST(corrupt_record_is_failed_not_none)
{
	size_t len;
	char value[100];
	unsigned sum = 0;
	struct err err = { 0 };

	write_pairs();
	char *bytes = read_bytes(&len);

	memset(bytes + 2048 + 4, 0xff, 4); /* the first value's length */
	write_bytes(bytes, len);
	ck_assert_int_eq(
		find(pairs[0].key, value, sizeof value), LOOKUP_FAILED);
	struct cdb_reader *reader = cdb_reader_open(path, &err);

	ck_assert(!cdb_reader_walk(reader, touch, &sum));
	cdb_reader_close(&reader);
	free(bytes);
}
END_TEST

/* The tables are sound, and the records end within a header. */
START_TEST(records_that_end_too_early_are_failed)
{
	unsigned char bytes[2048 + 3] = { 0 };
	unsigned sum = 0;
	struct err err = { 0 };

	for (size_t i = 0; i < 256; i++)
		cdb_pack(sizeof bytes, bytes + i * 8);
	write_bytes(bytes, sizeof bytes);
	struct cdb_reader *reader = cdb_reader_open(path, &err);

	ck_assert_msg(reader != NULL, "%s", err.text);
	ck_assert(!cdb_reader_walk(reader, touch, &sum));
	cdb_reader_close(&reader);
}
END_TEST

static bool postmap_says(const char *key, char *answer, int size)
{
	char command[900];

	snprintf(command, sizeof command,
		"postmap -c '%s' -q '%s' 'cdb:%s/map' 2>&1", folder, key,
		folder);
	FILE *pipe = popen(command, "r");

	ck_assert_ptr_nonnull(pipe);
	if (fgets(answer, size, pipe) == NULL)
		*answer = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	return pclose(pipe) == 0;
}

static bool has_postmap(void)
{
	return system("PATH=$PATH:/usr/sbin postmap -q x static:x "
		      ">/dev/null 2>&1") == 0 &&
		system("PATH=$PATH:/usr/sbin postconf -m 2>/dev/null |"
		       "grep -q cdb") == 0;
}

START_TEST(postfix_reads_what_was_written)
{
	char main_cf[300];
	char answer[200];

	if (!has_postmap())
		return;
	snprintf(main_cf, sizeof main_cf, "%s/main.cf", folder);
	FILE *file = fopen(main_cf, "w");

	fputs("compatibility_level = 3.6\nsmtputf8_enable = yes\n", file);
	fclose(file);
	write_pairs();
	for (size_t i = 0; i < N_PAIRS; i++) {
		if (*pairs[i].key == '\0')
			continue; /* postmap refuses to ask */
		ck_assert_msg(postmap_says(pairs[i].key, answer, sizeof answer),
			"%s", answer);
		ck_assert_str_eq(answer, pairs[i].value);
	}
	ck_assert(postmap_says("ANN@Company.Example", answer, sizeof answer));
	ck_assert_str_eq(answer, "exchange ad");
	ck_assert(!postmap_says("bob@company.example", answer, sizeof answer));
	ck_assert_str_eq(answer, "");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("cdb_reader");

	setenv("PATH", "/usr/bin:/bin:/usr/sbin:/sbin", 1);
	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, make_folder, remove_folder);
	tcase_add_loop_test(tc, every_key_gives_its_value, 0, N_PAIRS);
	tcase_add_test(tc, other_keys_are_not_found);
	tcase_add_test(tc, walk_sees_all_in_order_until_told_to_stop);
	tcase_add_test(tc, empty_map_is_a_map);
	tcase_add_test(tc, every_truncation_is_refused_at_open);
	tcase_add_test(tc, what_is_no_map_is_refused);
	tcase_add_loop_test(tc, corrupt_bytes_never_kill, 0, 2);
	tcase_add_test(tc, corrupt_record_is_failed_not_none);
	tcase_add_test(tc, records_that_end_too_early_are_failed);
	tcase_add_test(tc, postfix_reads_what_was_written);
	return unit_run(suite_create("cdb_reader"), tc);
}
