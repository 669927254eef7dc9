/* What the digest of a file vouches for and still is none of ours. */
#include "directory/sync_file.h"

#include "sink_text.h"

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

int main(void)
{
	Suite *suite = suite_create("sync_file");
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */
	tcase_add_loop_test(tcase, only_sound_records_are_read, 0,
		sizeof FORGED / sizeof *FORGED);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);

	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
