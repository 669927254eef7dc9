#include "directory/last_good.h"

#include "base/file.h"

#include "listing_case.h"

#include <errno.h>
#include <fcntl.h>

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

static const char *const LINES[] = {
	"ann@d.example\trow 2\n",
	"\"a b\"@d.example\tcn=a b c\n",
	"crm@d.example\t3\tc@e.example\n",
};

/* The first count lines. */
static struct slice listing_of(const struct fixture *f, size_t count)
{
	struct text text;

	text_init(&text);
	listing_put_head(&text);
	for (size_t i = 0; i < count; i++)
		text_adds(&text, LINES[i]);
	listing_put_tail(&text, &f->classes, count);
	const struct slice listing = {
		arena_strndup(f->arena, text.data, text.len), text.len
	};

	text_fini(&text);
	return listing;
}

static bool write_copy(struct fixture *f, size_t count)
{
	return listing_keep(listing_of(f, count), f->state, "ad", &f->err);
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

/* A hole before what is put at its end. */
static void lengthen(const struct fixture *f, off_t size, const char *end)
{
	const int fd = open(f->copy, O_WRONLY | O_CLOEXEC);
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
	struct fixture f;

	fixture_init(&f);
	ck_assert(write_copy(&f, 3));
	lengthen(&f, LONG_CASES[_i].size, LONG_CASES[_i].end);
	ck_assert_int_eq(read_copy(&f), LOOKUP_FAILED);
	ck_assert_str_eq(f.err.text,
		arena_printf(
			f.arena, "%s: the last-good copy is damaged", f.copy));
	ck_assert_str_eq(text_of(&f.found), "");
	fixture_fini(&f);
}
END_TEST

static void cut_copy(void *context, const struct entry *entry)
{
	struct fixture *f = context;

	ck_assert_int_eq(truncate(f->copy, 0), 0);
	sink_text_entry(&f->found, entry);
}

START_TEST(copy_that_is_lost_while_it_is_read_serves_whole)
{
	struct fixture f;

	fixture_init(&f);
	ck_assert(write_copy(&f, 3));
	ck_assert_int_eq(
		last_good_read(f.copy, cut_copy, &f, &f.err), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&f.found),
		"row 2 ann@d.example\ncn=a b c \"a b\"@d.example\n"
		"3 crm@d.example -> c@e.example\n");
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
	ck_assert(!listing_keep(
		listing_of(&f, 1), "/no/such/state", "ad", &f.err));
	ck_assert_str_eq(f.err.text,
		"create /no/such/state/directories: No such file or directory");
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

/* Whoever may write in the folder might have put it there. */
START_TEST(link_at_the_temporary_name_is_not_followed)
{
	struct fixture f;

	fixture_init(&f);
	ck_assert(write_copy(&f, 1));
	const char *temporary =
		arena_printf(f.arena, "%s/directories/.ad.tmp", f.state);

	ck_assert_int_eq(symlink("ad", temporary), 0);
	ck_assert(!write_copy(&f, 2));
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena,
			"create %s: Too many levels of symbolic links",
			temporary));
	ck_assert_int_eq(read_copy(&f), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&f.found), "row 2 ann@d.example\n");
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

START_TEST(full_disk_leaves_the_old_copy)
{
	struct fixture f;
	const char *temporary;

	fixture_init(&f);
	ck_assert(write_copy(&f, 1));
	temporary = arena_printf(f.arena, "%s/directories/.ad.tmp", f.state);
	test_limit_files(10);
	ck_assert(!write_copy(&f, 2));
	test_limit_files(RLIM_INFINITY);
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena, "write %s: File too large", temporary));
	ck_assert_int_eq(read_copy(&f), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&f.found), "row 2 ann@d.example\n");
	fixture_fini(&f);
}
END_TEST

START_TEST(what_is_abandoned_leaves_the_old_copy)
{
	struct last_good_new copy;
	struct fixture f;

	fixture_init(&f);
	ck_assert(write_copy(&f, 1));
	ck_assert(last_good_write(listing_of(&f, 3), f.copy, f.arena, &f.err));
	ck_assert(last_good_adopt(&copy, f.copy, f.arena, &f.err));
	last_good_abandon(&copy);
	ck_assert_int_ne(access(copy.temporary, F_OK), 0);
	ck_assert_int_eq(read_copy(&f), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&f.found), "row 2 ann@d.example\n");
	fixture_fini(&f);
}
END_TEST

START_TEST(what_was_written_can_be_synced_ahead)
{
	struct last_good_new copy;
	struct fixture f;

	fixture_init(&f);
	ck_assert(last_good_write(listing_of(&f, 1), f.copy, f.arena, &f.err));
	ck_assert(last_good_adopt(&copy, f.copy, f.arena, &f.err));
	last_good_sync(&copy);
	ck_assert_int_eq(read_copy(&f), LOOKUP_NONE);
	ck_assert(last_good_commit(&copy, &f.err));
	ck_assert_int_eq(read_copy(&f), LOOKUP_FOUND);
	fixture_fini(&f);
}
END_TEST

START_TEST(what_could_not_be_synced_leaves_the_old_copy)
{
	struct last_good_new copy;
	struct fixture f;

	fixture_init(&f);
	ck_assert(write_copy(&f, 1));
	ck_assert(last_good_write(listing_of(&f, 3), f.copy, f.arena, &f.err));
	ck_assert(last_good_adopt(&copy, f.copy, f.arena, &f.err));
	copy.is_synced = true;
	copy.failed = EIO;
	ck_assert(!last_good_commit(&copy, &f.err));
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena, "write %s: Input/output error",
			copy.temporary));
	ck_assert_int_ne(access(copy.temporary, F_OK), 0);
	ck_assert_int_eq(read_copy(&f), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&f.found), "row 2 ann@d.example\n");
	fixture_fini(&f);
}
END_TEST

START_TEST(what_is_discarded_can_not_be_adopted)
{
	struct last_good_new copy;
	struct fixture f;

	fixture_init(&f);
	ck_assert(last_good_write(listing_of(&f, 1), f.copy, f.arena, &f.err));
	last_good_discard(f.copy, f.arena);
	ck_assert(!last_good_adopt(&copy, f.copy, f.arena, &f.err));
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena, "open %s: No such file or directory",
			copy.temporary));
	fixture_fini(&f);
}
END_TEST

START_TEST(link_in_its_place_is_not_adopted)
{
	struct last_good_new copy;
	struct fixture f;

	fixture_init(&f);
	ck_assert(write_copy(&f, 1));
	const char *temporary =
		arena_printf(f.arena, "%s/directories/.ad.tmp", f.state);

	ck_assert_int_eq(symlink("ad", temporary), 0);
	ck_assert(!last_good_adopt(&copy, f.copy, f.arena, &f.err));
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena,
			"open %s: Too many levels of symbolic links",
			temporary));
	ck_assert_int_ne(access(temporary, F_OK), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(classes_stand_in_the_copy)
{
	struct class_counts found;
	struct last_good copy;
	struct fixture f;

	fixture_init(&f);
	class_counts_init(&found, f.arena);
	class_counts_add(&f.classes, "UserMailbox", 1200);
	class_counts_add(&f.classes, "public\tfolder", 7);
	ck_assert(write_copy(&f, 1));
	ck_assert_int_eq(last_good_open(&copy, f.copy, &f.err), LOOKUP_FOUND);
	ck_assert(listing_show(
		&f.found, (struct slice){ copy.bytes, copy.len }, &found));
	last_good_close(&copy);
	ck_assert_str_eq(text_of(&f.found), "row 2 ann@d.example\n");
	ck_assert_uint_eq(found.n_classes, 2);
	ck_assert_uint_eq(class_counts_find(&found, "usermailbox"), 1200);
	ck_assert_uint_eq(class_counts_find(&found, "public?folder"), 7);
	ck_assert_int_eq(read_copy(&f), LOOKUP_FOUND);
	ck_assert_str_eq(text_of(&f.found), "row 2 ann@d.example\n");
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
	tcase_add_loop_test(tcase,
		copy_of_a_size_that_was_not_written_is_damaged, 0,
		sizeof LONG_CASES / sizeof *LONG_CASES);
	tcase_add_test(tcase, copy_that_is_lost_while_it_is_read_serves_whole);
	tcase_add_test(tcase, each_truncation_is_damage);
	tcase_add_loop_test(
		tcase, damage_is_seen, 0, sizeof DAMAGES / sizeof *DAMAGES);
	tcase_add_loop_test(tcase, no_name_leads_elsewhere, 0,
		sizeof NAMES / sizeof *NAMES);
	tcase_add_test(tcase, copy_is_0640_and_of_the_group_of_the_folder);
	tcase_add_test(tcase, folder_that_can_not_be_made_is_an_error);
	tcase_add_test(tcase, file_that_can_not_be_made_is_an_error);
	tcase_add_test(tcase, link_at_the_temporary_name_is_not_followed);
	tcase_add_test(tcase, copy_that_can_not_be_replaced_is_an_error);
	tcase_add_test(tcase, full_disk_leaves_the_old_copy);
	tcase_add_test(tcase, what_is_abandoned_leaves_the_old_copy);
	tcase_add_test(tcase, what_was_written_can_be_synced_ahead);
	tcase_add_test(tcase, what_could_not_be_synced_leaves_the_old_copy);
	tcase_add_test(tcase, what_is_discarded_can_not_be_adopted);
	tcase_add_test(tcase, link_in_its_place_is_not_adopted);
	tcase_add_test(tcase, classes_stand_in_the_copy);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);

	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
