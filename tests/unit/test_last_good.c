#include "directory/last_good.h"

#include "base/file.h"
#include "directory/class_counts.h"

#include "sink_text.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A state folder, the path of NAME's copy in it, and what was read. */
struct fixture {
	struct arena *arena;
	const char *state, *copy;
	struct text found;
	struct class_counts classes; /* to be written */
	struct err err;
};

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){ .arena = arena_open() };
	class_counts_init(&f->classes, f->arena);
	f->state = test_folder(f->arena);
	f->copy = last_good_path(f->state, "ad", f->arena);
}

static void fixture_fini(struct fixture *f)
{
	test_folder_remove(f->state);
	text_fini(&f->found);
	arena_close(&f->arena);
}

static enum lookup read_copy(struct fixture *f)
{
	text_clear(&f->found);
	f->err.text[0] = '\0';
	return last_good_read(f->copy, sink_text_entry, &f->found, &f->err);
}

static const struct entry ENTRIES[] = {
	{ .address = "ann@d.example", .origin = "row 2" },
	{ .address = "\"a b\"@d.example", .origin = "cn=a\tb\nc" },
	{ .address = "crm@d.example", .origin = "3", .target = "c@e.example" },
};

/* The first count entries; in a file without a name. */
static int write_text(struct fixture *f, size_t count)
{
	const int fd = memfd_create("list", MFD_CLOEXEC);
	struct last_good_writer *writer = last_good_open(fd, &f->err);

	ck_assert_msg(writer != NULL, "%s", f->err.text);
	for (size_t i = 0; i < count; i++)
		last_good_add(writer, &ENTRIES[i]);
	ck_assert_msg(last_good_close(&writer, &f->classes, &f->err), "%s",
		f->err.text);
	ck_assert_ptr_null(writer);
	return fd;
}

static bool write_copy(struct fixture *f, size_t count)
{
	const int fd = write_text(f, count);
	const bool is_kept = last_good_keep(fd, f->state, "ad", &f->err);

	close(fd);
	return is_kept;
}

START_TEST(what_was_written_is_read)
{
	struct fixture f;
	struct stat status;

	fixture_init(&f);
	ck_assert_int_eq(read_copy(&f), LOOKUP_NONE);
	class_counts_add(&f.classes, "user", 3);
	ck_assert_msg(write_copy(&f, 3), "%s", f.err.text);
	ck_assert_int_eq(read_copy(&f), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&f.found),
		"row 2 ann@d.example\ncn=a b c \"a b\"@d.example\n"
		"3 crm@d.example -> c@e.example\n");
	ck_assert_int_eq(stat(f.copy, &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0640);
	fixture_fini(&f);
}
END_TEST

START_TEST(empty_copy_is_a_copy)
{
	struct fixture f;

	fixture_init(&f);
	ck_assert(write_copy(&f, 3));
	ck_assert(write_copy(&f, 0));
	ck_assert_int_eq(read_copy(&f), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&f.found), "");
	fixture_fini(&f);
}
END_TEST

/* What a failing disk does, between the look at the copy and its use. */
static void cut_copy(void *context, const struct entry *entry)
{
	(void)entry;
	ck_assert_int_eq(truncate(context, 8192), 0);
}

START_TEST(copy_that_is_lost_while_it_is_read_is_damage)
{
	enum { MANY = 10000 }; /* more than a stream holds */
	struct fixture f;

	fixture_init(&f);
	const int fd = memfd_create("list", MFD_CLOEXEC);
	struct last_good_writer *writer = last_good_open(fd, &f.err);

	for (size_t i = 0; i < MANY; i++)
		last_good_add(writer, &ENTRIES[0]);
	ck_assert(last_good_close(&writer, &f.classes, &f.err));
	ck_assert(last_good_keep(fd, f.state, "ad", &f.err));
	ck_assert_int_eq(
		last_good_read(f.copy, cut_copy, (void *)f.copy, &f.err),
		LOOKUP_FAILED);
	ck_assert_ptr_nonnull(strstr(f.err.text, "is damaged"));
	close(fd);
	fixture_fini(&f);
}
END_TEST

START_TEST(each_truncation_is_damage)
{
	struct fixture f;
	size_t size;

	fixture_init(&f);
	class_counts_add(&f.classes, "user", 3);
	ck_assert(write_copy(&f, 3));
	const char *bytes = file_read(f.copy, &size, f.arena, NULL);

	for (size_t len = 0; len < size; len++) {
		test_write(f.copy, bytes, len);
		ck_assert_int_eq(read_copy(&f), LOOKUP_FAILED);
		ck_assert_str_eq(text_of(&f.found), "");
		ck_assert_str_eq(f.err.text,
			arena_printf(f.arena,
				"%s: the last-good copy is damaged", f.copy));
	}
	fixture_fini(&f);
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
	struct fixture f;

	fixture_init(&f);
	ck_assert(write_copy(&f, 0));
	test_write(f.copy, DAMAGES[_i].bytes, DAMAGES[_i].len);
	ck_assert_msg(read_copy(&f) == LOOKUP_FAILED, "%s", DAMAGES[_i].name);
	ck_assert_str_eq(text_of(&f.found), "");
	fixture_fini(&f);
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

/* As the folder is, so that whoever may explain can say where it is from. */
START_TEST(copy_is_0640_and_of_the_group_of_the_folder)
{
	struct fixture f;
	struct stat folder, copy;

	fixture_init(&f);
	const char *path = arena_printf(f.arena, "%s/directories", f.state);

	ck_assert_int_eq(mkdir(path, 0750), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(chown(path, (uid_t)-1, 4711), 0);
	ck_assert(write_copy(&f, 1));
	ck_assert_int_eq(stat(path, &folder), 0);
	ck_assert_int_eq(stat(f.copy, &copy), 0);
	ck_assert_uint_eq(copy.st_mode & 07777, 0640);
	ck_assert_uint_eq(copy.st_gid, folder.st_gid);
	fixture_fini(&f);
}
END_TEST

START_TEST(folder_that_can_not_be_made_is_an_error)
{
	struct fixture f;

	fixture_init(&f);
	const int fd = write_text(&f, 1);

	ck_assert(!last_good_keep(fd, "/no/such/state", "ad", &f.err));
	ck_assert_str_eq(f.err.text,
		"create /no/such/state/directories: No such file or directory");
	close(fd);
	fixture_fini(&f);
}
END_TEST

START_TEST(file_that_can_not_be_made_is_an_error)
{
	struct fixture f;

	fixture_init(&f);
	const char *in_the_way =
		arena_printf(f.arena, "%s/directories", f.state);

	test_write(in_the_way, "", 0);
	ck_assert(!write_copy(&f, 1));
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena, "create %s/.ad.tmp: Not a directory",
			in_the_way));
	fixture_fini(&f);
}
END_TEST

START_TEST(copy_that_can_not_be_replaced_is_an_error)
{
	struct fixture f;

	fixture_init(&f);
	ck_assert(write_copy(&f, 1));
	ck_assert_int_eq(unlink(f.copy), 0);
	ck_assert_int_eq(mkdir(f.copy, 0700), 0);
	ck_assert(!write_copy(&f, 1));
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena,
			"rename %s/directories/.ad.tmp to %s: Is a directory",
			f.state, f.copy));
	ck_assert_int_eq(read_copy(&f), LOOKUP_FAILED);
	ck_assert_int_ne(
		access(arena_printf(f.arena, "%s/directories/.ad.tmp", f.state),
			F_OK),
		0);
	fixture_fini(&f);
}
END_TEST

/* /dev/full takes the place of a disk without room. */
START_TEST(full_disk_leaves_the_old_copy)
{
	struct fixture f;
	const char *temporary;

	fixture_init(&f);
	ck_assert(write_copy(&f, 1));
	temporary = arena_printf(f.arena, "%s/directories/.ad.tmp", f.state);
	ck_assert_int_eq(symlink("/dev/full", temporary), 0);
	ck_assert(!write_copy(&f, 2));
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena, "write %s: No space left on device",
			temporary));
	ck_assert_int_eq(read_copy(&f), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&f.found), "row 2 ann@d.example\n");
	fixture_fini(&f);
}
END_TEST

/* Where the reader writes to, not the copy. */
START_TEST(text_that_can_not_be_written_is_an_error)
{
	struct fixture f;

	fixture_init(&f);
	const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct last_good_writer *writer = last_good_open(full, &f.err);

	for (size_t i = 0; i < 5000; i++)
		last_good_add(writer, &ENTRIES[0]);
	ck_assert(!last_good_close(&writer, &f.classes, &f.err));
	ck_assert_str_eq(f.err.text, "write a list: No space left on device");
	close(full);
	ck_assert_ptr_null(last_good_open(full, &f.err));
	ck_assert_str_eq(f.err.text, "write a list: Bad file descriptor");
	fixture_fini(&f);
}
END_TEST

START_TEST(classes_stand_in_the_copy)
{
	struct class_counts found;
	struct fixture f;
	const struct last_good_reader reader = { sink_text_entry, &f.found,
		&found };

	fixture_init(&f);
	class_counts_init(&found, f.arena);
	class_counts_add(&f.classes, "UserMailbox", 1200);
	class_counts_add(&f.classes, "public\tfolder", 7);
	ck_assert(write_copy(&f, 1));
	ck_assert_int_eq(
		last_good_read_all(f.copy, &reader, &f.err), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&f.found), "row 2 ann@d.example\n");
	ck_assert_uint_eq(found.n_classes, 2);
	ck_assert_uint_eq(class_counts_find(&found, "usermailbox"), 1200);
	ck_assert_uint_eq(class_counts_find(&found, "public?folder"), 7);
	ck_assert_int_eq(read_copy(&f), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&f.found), "row 2 ann@d.example\n");
	fixture_fini(&f);
}
END_TEST

/* As the reader hands it over, and as one that was cut short would. */
START_TEST(open_file_is_read_from_its_start)
{
	struct fixture f;
	const struct last_good_reader reader = { sink_text_entry, &f.found,
		NULL };
	const struct last_good_reader nobody = { NULL, NULL, NULL };

	fixture_init(&f);
	const int fd = write_text(&f, 1);

	ck_assert(last_good_read_fd(fd, &nobody, &f.err));
	ck_assert(last_good_read_fd(fd, &reader, &f.err));
	ck_assert_str_eq(text_of(&f.found), "row 2 ann@d.example\n");
	ck_assert_int_eq(ftruncate(fd, 30), 0);
	ck_assert(!last_good_read_fd(fd, &reader, &f.err));
	ck_assert_str_eq(f.err.text, "it is not whole");
	close(fd);
	ck_assert(!last_good_read_fd(fd, &reader, &f.err));
	ck_assert_str_eq(f.err.text, "read it: Bad file descriptor");
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("last_good");
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */

	tcase_add_test(tcase, what_was_written_is_read);
	tcase_add_test(tcase, empty_copy_is_a_copy);
	tcase_add_test(tcase, copy_that_is_lost_while_it_is_read_is_damage);
	tcase_add_test(tcase, each_truncation_is_damage);
	tcase_add_loop_test(
		tcase, damage_is_seen, 0, sizeof DAMAGES / sizeof *DAMAGES);
	tcase_add_loop_test(tcase, no_name_leads_elsewhere, 0,
		sizeof NAMES / sizeof *NAMES);
	tcase_add_test(tcase, copy_is_0640_and_of_the_group_of_the_folder);
	tcase_add_test(tcase, folder_that_can_not_be_made_is_an_error);
	tcase_add_test(tcase, file_that_can_not_be_made_is_an_error);
	tcase_add_test(tcase, copy_that_can_not_be_replaced_is_an_error);
	tcase_add_test(tcase, full_disk_leaves_the_old_copy);
	tcase_add_test(tcase, text_that_can_not_be_written_is_an_error);
	tcase_add_test(tcase, classes_stand_in_the_copy);
	tcase_add_test(tcase, open_file_is_read_from_its_start);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);

	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
