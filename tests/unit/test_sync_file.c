/* The file alone, and as stores write and read it. */
#include "directory/sync_file.h"

#include "tests/unit/sync_store_case.h"
#include "tests/unit/unit_main.h"

#include <sys/stat.h>

/* What a digest vouches for and still is none of ours. */
static const struct forged_case {
	const char *name;
	struct sync_record records[2];
	bool is_read;
} FORGED[] = {
	{ "sound",
		{ { { 1 }, 3, false, false, "Oa" },
			{ { 2 }, 0, false, false, "" } },
		true },
	{ "same id twice",
		{ { { 1 }, 3, false, false, "Oa" },
			{ { 1 }, 3, false, false, "Ob" } },
		false },
	{ "out of order",
		{ { { 2 }, 3, false, false, "Oa" },
			{ { 1 }, 3, false, false, "Ob" } },
		false },
	{ "no NUL at the end",
		{ { { 1 }, 2, false, false, "Oa" },
			{ { 2 }, 0, false, false, "" } },
		false },
};

START_TEST(only_sound_records_are_read)
{
	const struct forged_case *c = &FORGED[_i];
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/ad", folder);
	const char *temporary = arena_printf(arena, "%s/.ad.tmp", folder);
	struct sync_record records[2];
	struct sync_contents read = { 0 };
	struct sync_file file;
	struct err err = { 0 };

	memcpy(records, c->records, sizeof records);
	const struct sync_contents contents = { .settings = "base",
		.records = { .list = records, .count = 2 } };

	ck_assert(!sync_file_read(&read, &file, path, "base"));
	ck_assert_msg(sync_file_write(&contents, path, temporary, &err), "%s",
		err.text);
	ck_assert_int_ne(access(temporary, F_OK), 0);
	ck_assert_msg(sync_file_read(&read, &file, path, "base") == c->is_read,
		"%s", c->name);
	if (c->is_read) {
		sync_file_fini(&file);
		free(read.records.list);
		free(read.changes.list);
	}
	ck_assert(!sync_file_read(&read, &file, path, "other"));
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

/* But for the end of what was written first, which is an older store. */
START_TEST(each_truncation_and_each_wrong_byte_is_no_store)
{
	struct sync_store_case f;
	size_t size, first;

	sync_store_case_init(&f);
	sync_store_case_put_all_kinds(&f);
	sync_store_case_write(&f);
	const char *path = sync_store_path(f.state, "ad", f.arena);

	file_read(path, &first, f.arena, NULL);
	ck_assert(sync_store_case_read(&f, "base"));
	sync_store_case_run(&f, "p3 r1");
	sync_store_case_write(&f);
	char *bytes = file_read(path, &size, f.arena, NULL);

	ck_assert_uint_gt(size, first);
	for (size_t i = 0; i < size; i++) {
		test_write(path, bytes, i);
		ck_assert_msg(sync_store_case_read(&f, "base") == (i == first),
			"cut at %zu", i);
		bytes[i] ^= 1;
		test_write(path, bytes, size);
		ck_assert_msg(!sync_store_case_read(&f, "base"), "byte %zu", i);
		ck_assert_str_eq(sync_store_case_found(&f), "");
		bytes[i] ^= 1;
	}
	test_write(path, bytes, size);
	ck_assert(sync_store_case_read(&f, "base"));
	sync_store_case_fini(&f);
}
END_TEST

START_TEST(store_is_0640_below_0750)
{
	struct sync_store_case f;
	struct stat status;

	sync_store_case_init(&f);
	sync_store_case_write(&f);
	ck_assert_int_eq(
		stat(sync_store_path(f.state, "ad", f.arena), &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
	ck_assert_int_eq(
		stat(arena_printf(f.arena, "%s/sync", f.state), &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777 & ~0750u, 0);
	ck_assert_str_eq(
		sync_store_path("s", "../x y", f.arena), "s/sync/%2E.%2Fx%20y");
	sync_store_case_fini(&f);
}
END_TEST

START_TEST(full_disk_leaves_the_old_store)
{
	struct sync_store_case f;

	sync_store_case_init(&f);
	sync_store_case_run(&f, "p1 /");
	const char *temporary =
		arena_printf(f.arena, "%s/sync/.ad.tmp", f.state);

	test_limit_files(10);
	sync_store_close(&f.store);
	f.store = sync_store_open(); /* as a full read has it */
	sync_store_case_put(&f, 2);
	ck_assert(!sync_store_write(f.store, f.state, "ad", "base", &f.err));
	test_limit_files(RLIM_INFINITY);
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena, "write %s: File too large", temporary));
	ck_assert_int_ne(access(temporary, F_OK), 0);
	ck_assert(sync_store_case_read(&f, "base"));
	ck_assert_str_eq(sync_store_case_found(&f), "cn=1 v1@d.example\n");
	sync_store_case_fini(&f);
}
END_TEST

static void put_many(struct sync_store_case *f, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const unsigned char id[16] = { (unsigned char)(i >> 8),
			(unsigned char)i };
		const struct sink sink = sync_store_begin(f->store, id);
		const struct entry entry = { "somebody@company.example", NULL,
			"cn=somebody,ou=people,dc=company,dc=example" };

		sink.entry(sink.context, &entry);
	}
}

static size_t size_of_store(struct sync_store_case *f)
{
	struct stat status;

	ck_assert_int_eq(
		stat(sync_store_path(f->state, "ad", f->arena), &status), 0);
	return (size_t)status.st_size;
}

START_TEST(few_changes_write_little_and_many_write_all)
{
	struct sync_store_case f;

	sync_store_case_init(&f);
	put_many(&f, 5000);
	sync_store_case_reopen(&f);
	const size_t whole = size_of_store(&f);

	sync_store_case_run(&f, "p1 /");
	const size_t more = size_of_store(&f);

	ck_assert_uint_gt(more, whole);
	ck_assert_uint_lt(more, whole + 400);
	sync_store_case_run(&f, "p1 r1 p2 /");
	ck_assert_uint_gt(size_of_store(&f), more);
	put_many(&f, 5000);
	sync_store_case_reopen(&f);
	ck_assert_uint_lt(size_of_store(&f), more);
	/* and small changes do not pile up */
	for (unsigned i = 0; i < 2000; i++)
		sync_store_case_run(&f, "p1 /");
	ck_assert_uint_lt(size_of_store(&f), whole + whole / 8 + 70000);
	sync_store_case_fini(&f);
}
END_TEST

START_TEST(store_that_another_wrote_is_not_appended_to)
{
	struct sync_store_case f;
	struct sync_store *other = sync_store_open();

	sync_store_case_init(&f);
	sync_store_case_run(&f, "p1 /");
	ck_assert(sync_store_read(other, f.state, "ad", "base"));
	sync_store_case_run(&f, "p2 /");
	sync_store_remove(other, (const unsigned char[16]){ 7, [15] = 1 });
	ck_assert(sync_store_write(other, f.state, "ad", "base", &f.err));
	ck_assert(sync_store_case_read(&f, "base"));
	ck_assert_str_eq(sync_store_case_found(&f), "");
	sync_store_close(&other);
	sync_store_case_fini(&f);
}
END_TEST

START_TEST(append_that_fails_leaves_the_old_store)
{
	struct sync_store_case f;

	sync_store_case_init(&f);
	sync_store_case_run(&f, "p1 p2 /");
	test_limit_files(size_of_store(&f) + 50);
	sync_store_case_run(&f, "p1");
	for (unsigned i = 3; i < ID_MAX; i++)
		sync_store_case_put(&f, i);
	ck_assert(!sync_store_write(f.store, f.state, "ad", "base", &f.err));
	test_limit_files(RLIM_INFINITY);
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena, "write %s/sync/.ad.tmp: File too large",
			f.state));
	ck_assert(sync_store_case_read(&f, "base"));
	ck_assert_str_eq(sync_store_case_found(&f),
		"cn=1 v1@d.example\ncn=2 v2@d.example\n");
	sync_store_case_fini(&f);
}
END_TEST

START_TEST(what_can_not_be_written_is_an_error)
{
	struct sync_store_case f;

	sync_store_case_init(&f);
	ck_assert(!sync_store_write(
		f.store, "/no/such/state", "ad", "base", &f.err));
	ck_assert_str_eq(f.err.text,
		"create /no/such/state/sync: No such file or directory");
	const char *folder = arena_printf(f.arena, "%s/sync", f.state);

	test_write(folder, "", 0);
	ck_assert(!sync_store_write(f.store, f.state, "ad", "base", &f.err));
	ck_assert_str_eq(f.err.text,
		arena_printf(
			f.arena, "create %s/.ad.tmp: Not a directory", folder));
	ck_assert_int_eq(unlink(folder), 0);
	sync_store_case_write(&f);
	const char *path = sync_store_path(f.state, "ad", f.arena);

	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert(!sync_store_write(f.store, f.state, "ad", "base", &f.err));
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena, "rename %s/.ad.tmp to %s: Is a directory",
			folder, path));
	sync_store_case_fini(&f);
}
END_TEST

static void put_link(const char *path)
{
	ck_assert_int_eq(symlink("ad", path), 0);
}

static void put_pipe(const char *path)
{
	ck_assert_int_eq(mkfifo(path, 0600), 0);
}

static void put_file(const char *path)
{
	test_write(path, "what a killed run left", 22);
}

static void (*const PUTS[])(
	const char *path) = { put_link, put_pipe, put_file };

/* Whoever may write in the folder might have put it there. */
START_TEST(what_is_at_the_temporary_name_goes)
{
	struct sync_store_case f;
	struct stat status;

	sync_store_case_init(&f);
	sync_store_case_run(&f, "p1 /");
	sync_store_close(&f.store);
	f.store = sync_store_open(); /* as a full read has it */
	sync_store_case_put(&f, 2);
	PUTS[_i](arena_printf(f.arena, "%s/sync/.ad.tmp", f.state));
	sync_store_case_write(&f);
	ck_assert_int_eq(
		lstat(sync_store_path(f.state, "ad", f.arena), &status), 0);
	ck_assert(S_ISREG(status.st_mode));
	ck_assert(sync_store_case_read(&f, "base"));
	ck_assert_str_eq(sync_store_case_found(&f), "cn=2 v2@d.example\n");
	sync_store_case_fini(&f);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */
	tcase_add_loop_test(
		tcase, what_is_at_the_temporary_name_goes, 0, COUNT(PUTS));
	tcase_add_loop_test(
		tcase, only_sound_records_are_read, 0, COUNT(FORGED));
	tcase_add_test(tcase, each_truncation_and_each_wrong_byte_is_no_store);
	tcase_add_test(tcase, store_is_0640_below_0750);
	tcase_add_test(tcase, full_disk_leaves_the_old_store);
	tcase_add_test(tcase, few_changes_write_little_and_many_write_all);
	tcase_add_test(tcase, store_that_another_wrote_is_not_appended_to);
	tcase_add_test(tcase, append_that_fails_leaves_the_old_store);
	tcase_add_test(tcase, what_can_not_be_written_is_an_error);
	return unit_run(suite_create("sync_file"), tcase);
}
