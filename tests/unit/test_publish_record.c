/* Where a publish stands: written whole, and read whole or not at all. */
#include "snapshot/publish_record.h"

#include "snapshot/files.h"
#include "tests/unit/folder_case.h"
#include "tests/unit/unit_main.h"

static struct arena *arena;
static const char *state, *path;

static void set_up(void)
{
	arena = arena_open();
	state = test_folder(arena);
	path = arena_printf(arena, "%s/" FILES_PUBLISH, state);
}

static void tear_down(void)
{
	test_folder_remove(state);
	arena_close(&arena);
}

static const enum publish_step steps[] = { PUBLISH_ROUTES, PUBLISH_WAIT,
	PUBLISH_RECIPIENTS, PUBLISH_DONE };

START_TEST(what_was_written_is_read)
{
	const struct publish_record written = { .step = steps[_i],
		.generation = 7,
		.retired_routes = 6,
		.retired_current = 5,
		.routes_switched_ms = 2000000000123,
		.routes_switched_steady_ms = 98765 };
	struct publish_record read;
	struct err err = { 0 };

	ck_assert(publish_record_write(&written, state, &err));
	ck_assert_msg(publish_record_read(&read, state, &err), "%s", err.text);
	ck_assert_int_eq(read.step, written.step);
	ck_assert_uint_eq(read.generation, 7);
	ck_assert_uint_eq(read.retired_routes, 6);
	ck_assert_uint_eq(read.retired_current, 5);
	ck_assert_int_eq(read.routes_switched_ms, 2000000000123);
	ck_assert_int_eq(read.routes_switched_steady_ms, 98765);
}
END_TEST

START_TEST(without_a_record_nothing_is_open)
{
	struct publish_record read = { .generation = 9 };
	struct err err = { 0 };

	ck_assert(publish_record_read(&read, state, &err));
	ck_assert_int_eq(read.step, PUBLISH_DONE);
	ck_assert_uint_eq(read.generation, 0);
}
END_TEST

/* Not "nothing is open", which it may not be. */
START_TEST(record_that_can_not_be_looked_at_is_an_error)
{
	struct publish_record read;
	struct err err = { 0 };

	ck_assert_int_eq(symlink(FILES_PUBLISH, path), 0);
	ck_assert(!publish_record_read(&read, state, &err));
	ck_assert_str_eq(err.text,
		arena_printf(arena,
			"open %s: Too many levels of symbolic links", path));
}
END_TEST

#define FIELDS \
	"generation=2\nretired-routes=1\nretired-current=1\n" \
	"routes-switched-ms=5\n"

static const struct {
	const char *name, *text;
	bool is_good;
} records[] = {
	{ "without the steady clock", "step=wait\n" FIELDS, true },
	{ "with the steady clock",
		"step=wait\n" FIELDS "routes-switched-steady-ms=5\n", true },
	{ "empty", "", false },
	{ "a field too few", FIELDS, false },
	{ "a field too many",
		"step=wait\n" FIELDS "routes-switched-steady-ms=5\nstep=wait\n",
		false },
	{ "the steady clock for another field",
		FIELDS "routes-switched-steady-ms=5\n", false },
	{ "a field twice", "step=wait\n" FIELDS "generation=3\n", false },
	{ "another step", "step=rest\n" FIELDS, false },
	{ "another field", "stop=wait\n" FIELDS, false },
	{ "another field with a number", "steps=4\n" FIELDS, false },
	{ "no number", "step=wait\n" FIELDS "routes-switched-steady-ms=x\n",
		false },
	{ "no value", "step\n" FIELDS, false },
};

START_TEST(record_is_whole_or_none)
{
	struct publish_record read;
	struct err err = { 0 };

	test_write(path, records[_i].text, strlen(records[_i].text));
	const bool is_good = publish_record_read(&read, state, &err);

	ck_assert_msg(is_good == records[_i].is_good, "%s: %s",
		records[_i].name, err.text);
	if (!is_good)
		ck_assert_str_eq(err.text,
			arena_printf(arena,
				"%s: not the record of a publish; remove it to "
				"publish anew",
				path));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("publish_record");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(tcase, what_was_written_is_read, 0, COUNT(steps));
	tcase_add_test(tcase, without_a_record_nothing_is_open);
	tcase_add_test(tcase, record_that_can_not_be_looked_at_is_an_error);
	tcase_add_loop_test(tcase, record_is_whole_or_none, 0, COUNT(records));
	return unit_run(suite_create("publish_record"), tcase);
}
