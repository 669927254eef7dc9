/* Who left stays refused, or it is told that he does not: no half of a map. */
#include "snapshot/leaving_access.h"

#include "snapshot/cdb_reader.h"
#include "snapshot/cdb_writer.h"
#include "tests/unit/failing_file_calls.h"
#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"

static struct arena *arena;
static const char *folder;

static const char *in(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static void write_map(const char *name, const char *key, const char *value)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(in(name), &err);

	ck_assert_msg(writer != NULL, "%s", err.text);
	ck_assert(cdb_writer_add(writer, key, value, &err));
	ck_assert_msg(cdb_writer_close(&writer, &err), "%s", err.text);
}

static void make_maps(void)
{
	arena = arena_open();
	folder = test_folder(arena);
	write_map("transport_leaving.cdb", "bob@shut", "smtp:[a]");
	write_map("recipient_access.cdb", "d", "DUNNO");
}

static void remove_maps(void)
{
	test_folder_remove(folder);
	arena_close(&arena);
}

static const char *refusal(void *context, const char *key)
{
	(void)context;
	return text_starts(key, "bob@") ? "550 5.1.1 no" : NULL;
}

static const struct leaving_access refusing = { .refusal = refusal };

static bool add_key(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	(void)value, (void)value_len;
	text_add(context, key, key_len);
	text_adds(context, " ");
	return true;
}

static void expect_keys(const char *keys)
{
	struct err err = { 0 };
	struct text found;
	struct cdb_reader *reader =
		cdb_reader_open(in("recipient_access.cdb"), &err);

	text_init(&found);
	ck_assert_msg(reader != NULL, "%s", err.text);
	ck_assert(cdb_reader_walk(reader, add_key, &found));
	ck_assert_str_eq(text_of(&found), keys);
	cdb_reader_close(&reader);
	text_fini(&found);
}

static const struct failing {
	const char *name;
	int error;
} calls[] = {
	{ "open", EMFILE },
	{ "fstat", EIO },
	{ "write", ENOSPC },
	{ "fchmod", EROFS },
	{ "rename", EIO },
};

START_TEST(failed_call_is_told_and_changes_nothing)
{
	unsigned n_told = 0;

	for (unsigned n = 1;; n++) {
		struct err err = { 0 };

		failing_call_begin(calls[_i].name, n, calls[_i].error);
		const bool is_written =
			leaving_access_write(&refusing, folder, &err);

		if (!failing_call_end())
			break;
		ck_assert_msg(!is_written &&
				strstr(err.text, strerror(calls[_i].error)) !=
					NULL,
			"%s %u: %s", calls[_i].name, n, err.text);
		expect_keys("d ");
		/* Whoever builds throws the folder away. */
		unlink(in("recipient_access.cdb.tmp"));
		n_told++;
	}
	ck_assert_msg(n_told > 0, "%s was never called", calls[_i].name);
	expect_keys("d bob@shut ");
}
END_TEST

/* Of the first record, which begins behind the table of tables. */
static void damage(const char *name)
{
	FILE *file = fopen(in(name), "r+");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fseek(file, 2048, SEEK_SET), 0);
	ck_assert_int_eq(fputs("\x7f\x7f\x7f\x7f", file) == EOF, 0);
	ck_assert_int_eq(fclose(file), 0);
}

static const char *const maps[] = { "transport_leaving.cdb",
	"recipient_access.cdb" };

START_TEST(damaged_map_is_told)
{
	struct err err = { 0 };

	damage(maps[_i]);
	ck_assert(!leaving_access_write(&refusing, folder, &err));
	ck_assert_str_eq(err.text,
		arena_printf(arena, "%s: the maps just written are corrupt",
			in("recipient_access.cdb")));
	ck_assert_int_ne(access(in("recipient_access.cdb.tmp"), F_OK), 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("leaving_access_failing");

	tcase_add_checked_fixture(tcase, make_maps, remove_maps);
	tcase_add_loop_test(tcase, failed_call_is_told_and_changes_nothing, 0,
		COUNT(calls));
	tcase_add_loop_test(tcase, damaged_map_is_told, 0, COUNT(maps));
	return unit_run(suite_create("leaving_access_failing"), tcase);
}
