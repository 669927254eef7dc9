/* What a build was made of is read as it was written, or not at all. */
#include "snapshot/inputs.h"

#include "base/arena.h"
#include "base/file.h"
#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char state[256];
static struct arena *arena;

static const struct fault said[] = {
	{ FAULT_ADVICE, { "staff.txt", 7 }, "ann@d.example \"looks\" odd" },
	{ FAULT_WARNING, { "namespace.conf", 0 }, "gr\xc3\xbc\xc3\x9f dich" },
};

static const struct inputs written = { .digest = "c0ffee",
	.made = 1700000001,
	.due = 1700000009,
	.n_conflicts = 3,
	.faults = said,
	.n_faults = 2 };

static const char *path(void)
{
	return arena_printf(arena, "%s/inputs", state);
}

static void make_state(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(state, sizeof state, "%s/inputs.XXXXXX",
		tmp == NULL ? "/tmp" : tmp);
	ck_assert_ptr_nonnull(mkdtemp(state));
	arena = arena_open();
}

static void remove_state(void)
{
	remove(path());
	ck_assert_int_eq(rmdir(state), 0);
	arena_close(&arena);
}

START_TEST(what_is_written_is_read)
{
	struct inputs inputs;
	struct err err = { 0 };

	ck_assert_msg(inputs_write(&written, state, &err), "%s", err.text);
	ck_assert(inputs_read(&inputs, state, arena));
	ck_assert_str_eq(inputs.digest, "c0ffee");
	ck_assert_int_eq(inputs.made, 1700000001);
	ck_assert_int_eq(inputs.due, 1700000009);
	ck_assert_uint_eq(inputs.n_conflicts, 3);
	ck_assert_uint_eq(inputs.n_faults, 2);
	for (size_t i = 0; i < inputs.n_faults; i++) {
		ck_assert_int_eq(inputs.faults[i].kind, said[i].kind);
		ck_assert_str_eq(
			inputs.faults[i].place.file, said[i].place.file);
		ck_assert_uint_eq(
			inputs.faults[i].place.line, said[i].place.line);
		ck_assert_str_eq(inputs.faults[i].text, said[i].text);
	}
}
END_TEST

START_TEST(file_is_not_for_everybody)
{
	struct stat status;

	ck_assert(inputs_write(&written, state, NULL));
	ck_assert_int_eq(stat(path(), &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
}
END_TEST

START_TEST(nothing_written_is_nothing_read)
{
	struct inputs inputs;

	ck_assert(!inputs_read(&inputs, state, arena));
	ck_assert(!inputs_read(&inputs, "/nowhere", arena));
}
END_TEST

/* As nobody of ours would: without a wait for the disk. */
static void overwrite(const char *bytes, size_t len)
{
	FILE *file = fopen(path(), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

/* Cut at each length, and each byte another one. */
START_TEST(damaged_is_nothing_read)
{
	struct inputs inputs;
	size_t len = 0;

	ck_assert(inputs_write(&written, state, NULL));
	char *bytes = file_read(path(), &len, arena, NULL);

	ck_assert_ptr_nonnull(bytes);
	for (size_t i = 0; i < len; i++) {
		overwrite(bytes, i);
		ck_assert_msg(!inputs_read(&inputs, state, arena),
			"cut at %zu of %zu", i, len);
		bytes[i] ^= 1;
		overwrite(bytes, len);
		ck_assert_msg(!inputs_read(&inputs, state, arena),
			"byte %zu of %zu", i, len);
		bytes[i] ^= 1;
	}
	overwrite(bytes, len);
	ck_assert(inputs_read(&inputs, state, arena));
}
END_TEST

START_TEST(bytes_that_are_no_text_are_not_kept)
{
	const struct fault fault = { FAULT_ADVICE, { "a\xff", 1 }, "x" };
	struct inputs inputs = written;
	struct err err = { 0 };

	inputs.faults = &fault;
	inputs.n_faults = 1;
	ck_assert(!inputs_write(&inputs, state, &err));
	ck_assert_ptr_nonnull(
		strstr(err.text, "/inputs: a name in it is not UTF-8"));
	ck_assert(!inputs_read(&inputs, state, arena));
}
END_TEST

START_TEST(state_that_is_not_there_is_said)
{
	struct err err = { 0 };

	ck_assert(!inputs_write(&written, "/nowhere", &err));
	ck_assert_ptr_nonnull(strstr(err.text, "create /nowhere/inputs.tmp"));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("inputs");

	tcase_add_checked_fixture(tcase, make_state, remove_state);
	tcase_add_test(tcase, what_is_written_is_read);
	tcase_add_test(tcase, file_is_not_for_everybody);
	tcase_add_test(tcase, nothing_written_is_nothing_read);
	tcase_add_test(tcase, damaged_is_nothing_read);
	tcase_add_test(tcase, bytes_that_are_no_text_are_not_kept);
	tcase_add_test(tcase, state_that_is_not_there_is_said);
	return unit_run(suite_create("inputs"), tcase);
}
