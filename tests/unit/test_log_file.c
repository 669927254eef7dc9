/* Plain and packed, whole and damaged; what is refused. */
#include "verdicts/log_file.h"

#include "tests/unit/log_case.h"
#include "tests/unit/unit_main.h"

#include <check.h>

enum { SMALL = 7, CUT_AT = 30 };

static struct log_case test;

static void set_up(void)
{
	log_case_open(&test);
}

static void tear_down(void)
{
	log_case_close(&test);
}

/* What can be read, in small pieces, and what is said at the end. */
static const char *read_pieces(struct log_file *file)
{
	char bytes[SMALL];
	size_t len;
	enum log_bytes read;

	text_clear(&test.seen);
	while ((read = log_file_read(file, bytes, sizeof bytes, &len,
			&test.err)) == LOG_BYTES_SOME)
		text_add(&test.seen, bytes, len);
	if (read == LOG_BYTES_DAMAGED) {
		text_addf(&test.seen, "DAMAGED %s",
			log_case_short(&test, test.err.text));
		ck_assert_int_eq(log_file_read(file, bytes, sizeof bytes, &len,
					 &test.err),
			LOG_BYTES_END);
	}
	return text_of(&test.seen);
}

static const char *read_all(const char *path)
{
	struct log_file *file = log_file_open(path, &test.err);

	if (file == NULL)
		return log_case_short(&test, test.err.text);
	const char *seen = read_pieces(file);

	log_file_close(&file);
	return seen;
}

START_TEST(a_plain_file)
{
	ck_assert_str_eq(read_all(log_case_text(&test, "a", "one\ntwo\n")),
		"one\ntwo\n");
	ck_assert_str_eq(read_all(log_case_text(&test, "a", "")), "");
	ck_assert_str_eq(read_all(log_case_text(&test, "a", "\x1f")), "\x1f");
}
END_TEST

START_TEST(gzip_of_several_members)
{
	log_case_gzip(&test, "a.gz", "one\n", "wb");
	log_case_gzip(&test, "a.gz", "", "ab");
	ck_assert_str_eq(
		read_all(log_case_gzip(&test, "a.gz", "two\nthree\n", "ab")),
		"one\ntwo\nthree\n");
}
END_TEST

START_TEST(zeros_behind_gzip_are_nothing)
{
	const char *path = log_case_gzip(&test, "a.gz", "one\n", "wb");
	FILE *file = fopen(path, "a");

	for (int i = 0; i < 512; i++)
		ck_assert_int_eq(fputc(0, file), 0);
	fclose(file);
	ck_assert_str_eq(read_all(path), "one\n");
}
END_TEST

START_TEST(what_follows_gzip_is_told)
{
	const char *path = log_case_gzip(&test, "a.gz", "one\n", "wb");

	log_case_add(&test, "a.gz", "garbage");
	ck_assert_str_eq(read_all(path),
		"one\nDAMAGED a.gz: what follows the gzip data is no log");
}
END_TEST

/* Text that does not pack well. */
static const char *long_text(void)
{
	struct text text;
	unsigned long chance = 1;

	text_init(&text);
	while (text.len < 100000) {
		chance = chance * 6364136223846793005UL + 1442695040888963407UL;
		text_addf(&text, "%lx\n", chance);
	}
	const char *kept = arena_strndup(test.arena, text.data, text.len);

	text_fini(&text);
	return kept;
}

START_TEST(gzip_that_was_cut_is_shown_as_far_as_it_goes)
{
	const char *all = long_text();
	const char *path = log_case_gzip(&test, "a.gz", all, "wb");
	const char *fault = "DAMAGED a.gz: the gzip data end too early";
	struct stat stat_;

	ck_assert_int_eq(stat(path, &stat_), 0);
	ck_assert_int_eq(truncate(path, stat_.st_size / 2), 0);
	const char *seen = read_all(path);
	const char *end = strstr(seen, "DAMAGED");

	ck_assert_ptr_nonnull(end);
	ck_assert_str_eq(end, fault);
	ck_assert_int_gt(end - seen, 40000);
	ck_assert(strncmp(seen, all, (size_t)(end - seen)) == 0);
	for (int at = 2; at < CUT_AT; at++) {
		log_case_gzip(&test, "a.gz", "one\ntwo\n", "wb");
		ck_assert_int_eq(truncate(path, at > 27 ? 27 : at), 0);
		ck_assert_ptr_nonnull(strstr(read_all(path), fault));
	}
}
END_TEST

/* One byte is changed at a place. */
static void spoil(const char *path, long at)
{
	FILE *file = fopen(path, "r+");

	ck_assert_int_eq(fseek(file, at, at < 0 ? SEEK_END : SEEK_SET), 0);
	const int byte = fgetc(file);

	ck_assert_int_eq(fseek(file, -1, SEEK_CUR), 0);
	fputc(byte ^ 0x55, file);
	fclose(file);
}

START_TEST(gzip_with_another_sum_is_damaged)
{
	const char *path = log_case_gzip(&test, "a.gz", "one\n", "wb");

	spoil(path, -8);
	ck_assert_str_eq(read_all(path),
		"one\nDAMAGED a.gz: the gzip data are damaged "
		"(incorrect data check)");
}
END_TEST

START_TEST(gzip_that_was_overwritten_is_damaged)
{
	const char *all = long_text();
	const char *path = log_case_gzip(&test, "a.gz", all, "wb");
	char zeros[1000] = { 0 };
	FILE *file = fopen(path, "r+");

	ck_assert_int_eq(fseek(file, 30000, SEEK_SET), 0);
	ck_assert_uint_eq(fwrite(zeros, 1, sizeof zeros, file), sizeof zeros);
	fclose(file);
	const char *end = strstr(read_all(path), "DAMAGED");

	ck_assert_ptr_nonnull(end);
	ck_assert_msg(
		text_starts(end, "DAMAGED a.gz: the gzip data are damaged ("),
		"%s", end);
	ck_assert_int_gt(end - test.seen.data, 40000);
}
END_TEST

START_TEST(it_can_be_read_again)
{
	const char *paths[] = { log_case_gzip(&test, "a.gz", "one\n", "wb"),
		log_case_text(&test, "a", "one\n") };

	for (int i = 0; i < 2; i++) {
		struct log_file *file = log_file_open(paths[i], NULL);

		ck_assert_str_eq(read_pieces(file), "one\n");
		log_file_rewind(file);
		ck_assert_str_eq(read_pieces(file), "one\n");
		log_file_close(&file);
	}
}
END_TEST

static const struct {
	const char *name;
	const char *bytes;
	size_t len;
	const char *err;
} refused[] = {
	{ "a.xz",
		"\xfd"
		"7zXZ\0\0",
		7,
		"a.xz is packed by xz: "
		"name - instead of it, behind xzcat a.xz |" },
	{ "a.bz2", "BZh91AY", 7,
		"a.bz2 is packed by bzip2: "
		"name - instead of it, behind bzcat a.bz2 |" },
	{ "a.zst", "\x28\xb5\x2f\xfd\x04", 5,
		"a.zst is packed by zstd: "
		"name - instead of it, behind zstdcat a.zst |" },
	{ "a.lz4", "\x04\x22\x4d\x18\x64", 5,
		"a.lz4 is packed by lz4: "
		"name - instead of it, behind lz4cat a.lz4 |" },
	{ "a.Z", "\x1f\x9d\x90", 3,
		"a.Z is packed by compress: "
		"name - instead of it, behind zcat a.Z |" },
};

START_TEST(other_packing_is_told_how_to_unpack)
{
	ck_assert_str_eq(read_all(log_case_write(&test, refused[_i].name,
				 refused[_i].bytes, refused[_i].len)),
		refused[_i].err);
}
END_TEST

START_TEST(what_only_begins_like_packed_is_plain)
{
	ck_assert_str_eq(read_all(log_case_text(&test, "a", "BZ: no bzip2\n")),
		"BZ: no bzip2\n");
	ck_assert_str_eq(read_all(log_case_text(&test, "a", "B")), "B");
}
END_TEST

START_TEST(no_file)
{
	ck_assert_str_eq(read_all(log_case_path(&test, "none")),
		"none: No such file or directory");
	ck_assert_int_eq(mkdir(log_case_path(&test, "logs"), 0700), 0);
	ck_assert_str_eq(read_all(log_case_path(&test, "logs")),
		"logs is a folder, not a log");
}
END_TEST

/* A pipe with these bytes, and its name. */
static struct log_file *pipe_of(const char *bytes, size_t len)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], bytes, len), (int)len);
	close(ends[1]);
	return log_file_of(ends[0], "standard input");
}

START_TEST(a_pipe_is_read_too)
{
	struct log_file *file = pipe_of("one\n", 4);

	ck_assert(!log_file_is_regular(file));
	ck_assert_str_eq(read_pieces(file), "one\n");
	log_file_close(&file);
	file = pipe_of(refused[0].bytes, refused[0].len);
	ck_assert_str_eq(read_pieces(file),
		"DAMAGED standard input is packed by xz: "
		"unpack it by xzcat first");
	log_file_close(&file);
	file = log_file_of(-1, "standard input");
	ck_assert_str_eq(read_pieces(file),
		"DAMAGED standard input: Bad file descriptor");
	log_file_close(&file);
}
END_TEST

/* As far as the file system takes them: tmpfs does. */
START_TEST(times_beyond_the_calendar_are_its_ends)
{
	const char *path = log_case_text(&test, "a", "one\n");
	struct log_file *file;

	log_case_age(&test, "a", INT64_MAX - 1000);
	file = log_file_open(path, NULL);
	ck_assert_int_le(log_file_modified(file), 253402300799);
	log_file_close(&file);
	log_case_age(&test, "a", INT64_MIN + 1000);
	file = log_file_open(path, NULL);
	ck_assert_int_eq(log_file_modified(file), 0);
	log_file_close(&file);
}
END_TEST

START_TEST(gzip_knows_when_its_text_was_written)
{
	static const char header[] = "\x1f\x8b\x08\0\x10\0\0\0\0\x03";
	const char *path =
		log_case_write(&test, "a.gz", header, sizeof header - 1);
	struct log_file *file;

	log_case_age(&test, "a.gz", 1000);
	file = log_file_open(path, NULL);
	ck_assert_int_eq(log_file_modified(file), 1000);
	ck_assert_int_eq(log_file_packed(file), 16);
	log_file_close(&file);
	log_case_age(&test, "a.gz", 10);
	file = log_file_open(path, NULL);
	ck_assert_int_eq(log_file_packed(file), 10);
	log_file_close(&file);
	path = log_case_gzip(&test, "b.gz", "one\n", "wb");
	log_case_age(&test, "b.gz", 1000);
	file = log_file_open(path, NULL);
	ck_assert_int_eq(log_file_packed(file), 1000);
	log_file_close(&file);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("log_file");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_plain_file);
	tcase_add_test(tcase, gzip_of_several_members);
	tcase_add_test(tcase, zeros_behind_gzip_are_nothing);
	tcase_add_test(tcase, what_follows_gzip_is_told);
	tcase_add_test(tcase, gzip_that_was_cut_is_shown_as_far_as_it_goes);
	tcase_add_test(tcase, gzip_with_another_sum_is_damaged);
	tcase_add_test(tcase, gzip_that_was_overwritten_is_damaged);
	tcase_add_test(tcase, it_can_be_read_again);
	tcase_add_loop_test(
		tcase, other_packing_is_told_how_to_unpack, 0, COUNT(refused));
	tcase_add_test(tcase, what_only_begins_like_packed_is_plain);
	tcase_add_test(tcase, no_file);
	tcase_add_test(tcase, a_pipe_is_read_too);
	tcase_add_test(tcase, times_beyond_the_calendar_are_its_ends);
	tcase_add_test(tcase, gzip_knows_when_its_text_was_written);
	return unit_run(suite_create("log_file"), tcase);
}
