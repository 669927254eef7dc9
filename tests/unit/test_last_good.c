/* The copy of a directory, read again: whole, or damaged. */
#include "directory/last_good.h"

#include "base/arena.h"
#include "base/file.h"

#include "tests/unit/last_good_case.h"
#include "tests/unit/listing_case.h"
#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(what_was_written_is_read)
{
	struct last_good_case c;
	struct stat status;

	last_good_case_init(&c);
	ck_assert_int_eq(last_good_case_read(&c), LOOKUP_NONE);
	class_counts_add(&c.classes, "user", 3);
	ck_assert_msg(last_good_case_write(&c, 3), "%s", c.err.text);
	ck_assert_int_eq(last_good_case_read(&c), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&c.found),
		"row 2 ann@d.example\ncn=a b c \"a b\"@d.example\n"
		"3 crm@d.example -> c@e.example\n");
	ck_assert_int_eq(stat(c.copy, &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0640);
	last_good_case_fini(&c);
}
END_TEST

START_TEST(empty_copy_is_a_copy)
{
	struct last_good_case c;

	last_good_case_init(&c);
	ck_assert(last_good_case_write(&c, 3));
	ck_assert(last_good_case_write(&c, 0));
	ck_assert_int_eq(last_good_case_read(&c), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&c.found), "");
	last_good_case_fini(&c);
}
END_TEST

/* A hole before what is put at its end. */
static void lengthen(
	const struct last_good_case *c, off_t size, const char *end)
{
	const int fd = open(c->copy, O_WRONLY | O_CLOEXEC);
	const ssize_t len = (ssize_t)strlen(end);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, size), 0);
	ck_assert_int_eq(pwrite(fd, end, (size_t)len, size - len), len);
	close(fd);
}

static const struct {
	off_t size;
	const char *end;
} LONG_CASES[] = {
	{ FILE_SMALL_MAX, "" },
	{ FILE_SMALL_MAX + 1, "" },
	{ FILE_SMALL_MAX + 1, "\ncount 16384\n" }, /* read, and full of NULs */
	{ 1L << 42, "" },
	{ 1L << 42, "\ncount 3\n" },
	{ 1L << 42, "\ncount 1073741823\n" },
};

START_TEST(copy_of_a_size_that_was_not_written_is_damaged)
{
	struct last_good_case c;

	last_good_case_init(&c);
	ck_assert(last_good_case_write(&c, 3));
	lengthen(&c, LONG_CASES[_i].size, LONG_CASES[_i].end);
	ck_assert_int_eq(last_good_case_read(&c), LOOKUP_FAILED);
	ck_assert_str_eq(c.err.text,
		arena_printf(
			c.arena, "%s: the last-good copy is damaged", c.copy));
	ck_assert_str_eq(text_of(&c.found), "");
	last_good_case_fini(&c);
}
END_TEST

static void cut_copy(void *context, const struct entry *entry)
{
	struct last_good_case *c = context;

	ck_assert_int_eq(truncate(c->copy, 0), 0);
	sink_text_entry(&c->found, entry);
}

START_TEST(copy_that_is_lost_while_it_is_read_serves_whole)
{
	struct last_good_case c;

	last_good_case_init(&c);
	ck_assert(last_good_case_write(&c, 3));
	ck_assert_int_eq(
		last_good_read(c.copy, cut_copy, &c, &c.err), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&c.found),
		"row 2 ann@d.example\ncn=a b c \"a b\"@d.example\n"
		"3 crm@d.example -> c@e.example\n");
	last_good_case_fini(&c);
}
END_TEST

START_TEST(each_truncation_is_damage)
{
	struct last_good_case c;
	size_t size;

	last_good_case_init(&c);
	class_counts_add(&c.classes, "user", 3);
	ck_assert(last_good_case_write(&c, 3));
	const char *bytes = file_read(c.copy, &size, c.arena, NULL);

	for (size_t len = 0; len < size; len++) {
		test_write(c.copy, bytes, len);
		ck_assert_int_eq(last_good_case_read(&c), LOOKUP_FAILED);
		ck_assert_str_eq(text_of(&c.found), "");
		ck_assert_str_eq(c.err.text,
			arena_printf(c.arena,
				"%s: the last-good copy is damaged", c.copy));
	}
	last_good_case_fini(&c);
}
END_TEST

#define FIRST "postshare-directory 1\n"
#define BYTES(literal) literal, sizeof literal - 1

static const struct damage_case {
	const char *name, *bytes;
	size_t len;
} DAMAGES[] = {
	{ "other version", BYTES("postshare-directory 2\ncount 0\n") },
	{ "wrong count", BYTES(FIRST "a@b\t1\ncount 2\n") },
	{ "more behind the count", BYTES(FIRST "count 0\na@b\t1\n") },
	{ "no origin", BYTES(FIRST "a@b\ncount 1\n") },
	{ "no sign", BYTES(FIRST "ab\t1\ncount 1\n") },
	{ "no local part", BYTES(FIRST "@b\t1\ncount 1\n") },
	{ "no domain", BYTES(FIRST "a@\t1\ncount 1\n") },
	{ "empty target", BYTES(FIRST "a@b\t1\t\ncount 1\n") },
	{ "class without a name", BYTES(FIRST "class 1 \ncount 0\n") },
	{ "class without a number", BYTES(FIRST "class x y\ncount 0\n") },
	{ "entry behind a class", BYTES(FIRST "class 1 x\na@b\t1\ncount 1\n") },
	{ "NUL", BYTES(FIRST "a@b\t1\n\0\ncount 2\n") },
	{ "zeros, as a crash leaves them", BYTES("\0\0\0\0\0\0\0\0") },
};

START_TEST(damage_is_seen)
{
	struct last_good_case c;

	last_good_case_init(&c);
	ck_assert(last_good_case_write(&c, 0));
	test_write(c.copy, DAMAGES[_i].bytes, DAMAGES[_i].len);
	ck_assert_msg(last_good_case_read(&c) == LOOKUP_FAILED, "%s",
		DAMAGES[_i].name);
	ck_assert_str_eq(text_of(&c.found), "");
	last_good_case_fini(&c);
}
END_TEST

static const struct name_case {
	const char *name, *path;
} NAMES[] = {
	{ "ad", "s/directories/ad" },
	{ "Staff_2-b.txt", "s/directories/Staff_2-b.txt" },
	{ "../../etc/passwd", "s/directories/%2E.%2F..%2Fetc%2Fpasswd" },
	{ ".ad.tmp", "s/directories/%2Ead.tmp" },
	{ "b\xC3\xBCro 1", "s/directories/b%C3%BCro%201" },
};

START_TEST(no_name_leads_elsewhere)
{
	struct arena *arena = arena_open();

	ck_assert_str_eq(
		last_good_path("s", NAMES[_i].name, arena), NAMES[_i].path);
	arena_close(&arena);
}
END_TEST

START_TEST(classes_stand_in_the_copy)
{
	struct class_counts found;
	struct last_good copy;
	struct last_good_case c;

	last_good_case_init(&c);
	class_counts_init(&found, c.arena);
	class_counts_add(&c.classes, "UserMailbox", 1200);
	class_counts_add(&c.classes, "public\tfolder", 7);
	ck_assert(last_good_case_write(&c, 1));
	ck_assert_int_eq(last_good_open(&copy, c.copy, &c.err), LOOKUP_FOUND);
	ck_assert(listing_show(
		&c.found, (struct slice){ copy.bytes, copy.len }, &found));
	last_good_close(&copy);
	ck_assert_str_eq(text_of(&c.found), "row 2 ann@d.example\n");
	ck_assert_uint_eq(found.n_classes, 2);
	ck_assert_uint_eq(class_counts_find(&found, "usermailbox"), 1200);
	ck_assert_uint_eq(class_counts_find(&found, "public?folder"), 7);
	ck_assert_int_eq(last_good_case_read(&c), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&c.found), "row 2 ann@d.example\n");
	last_good_case_fini(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("last_good");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */
	tcase_add_test(tcase, what_was_written_is_read);
	tcase_add_test(tcase, empty_copy_is_a_copy);
	tcase_add_loop_test(tcase,
		copy_of_a_size_that_was_not_written_is_damaged, 0,
		COUNT(LONG_CASES));
	tcase_add_test(tcase, copy_that_is_lost_while_it_is_read_serves_whole);
	tcase_add_test(tcase, each_truncation_is_damage);
	tcase_add_loop_test(tcase, damage_is_seen, 0, COUNT(DAMAGES));
	tcase_add_loop_test(tcase, no_name_leads_elsewhere, 0, COUNT(NAMES));
	tcase_add_test(tcase, classes_stand_in_the_copy);
	return unit_run(suite_create("last_good"), tcase);
}
