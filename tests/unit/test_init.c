/* A generation of empty maps: whole, and nobody is accepted by it. */
#include "transport-map-gen/commands.h"

#include "namespace/resolver.h"
#include "snapshot/files.h"
#include "snapshot/generation.h"
#include "tests/unit/config_folder.h"
#include "tests/unit/unit_main.h"
#include "transport-map-gen/options.h"

#include <sysexits.h>
#include <unistd.h>

static struct fixture fixture;
static struct options options;

static void set_up(void)
{
	fixture_init(&fixture);
	options = (struct options){ .command = COMMAND_INIT,
		.state = arena_printf(fixture.arena, "%s/state", fixture.path),
		.is_quiet = true };
	ck_assert_int_eq(command_init(&options), EX_OK);
}

static void tear_down(void)
{
	fixture_fini(&fixture);
}

START_TEST(every_required_file_is_there)
{
	for (size_t i = 0; files_required(i) != NULL; i++) {
		const char *name = files_required(i);
		const char *path = arena_printf(fixture.arena, "%s/%s/%s",
			options.state,
			files_is_route(name) ? FILES_ROUTES : FILES_CURRENT,
			name);

		ck_assert_msg(access(path, R_OK) == 0, "%s", name);
	}
}
END_TEST

START_TEST(nobody_is_ours)
{
	static const char *const keys[] = { "ann@company.example",
		"postmaster@company.example", "postmaster" };
	struct err err = { 0 };
	struct generation *generation = generation_open(options.state, &err);

	ck_assert_msg(generation != NULL, "%s", err.text);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct resolution resolution;

		resolve_key(&resolution, generation_view(generation), keys[i],
			time(NULL), fixture.arena);
		ck_assert_int_eq(resolution.verdict, VERDICT_PASS);
	}
	generation_close(&generation);
}
END_TEST

START_TEST(second_run_publishes_nothing)
{
	struct err err = { 0 };

	ck_assert_int_eq(command_init(&options), EX_OK);
	struct generation *generation = generation_open(options.state, &err);

	ck_assert_msg(generation != NULL, "%s", err.text);
	ck_assert_uint_eq(generation_number(generation), 1);
	generation_close(&generation);
}
END_TEST

START_TEST(missing_maps_are_not_replaced)
{
	const char *current =
		arena_printf(fixture.arena, "%s/" FILES_CURRENT, options.state);

	ck_assert_int_eq(unlink(current), 0);
	ck_assert_int_eq(command_init(&options), EX_IOERR);
	ck_assert_int_eq(access(current, F_OK), -1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("init");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, every_required_file_is_there);
	tcase_add_test(tcase, nobody_is_ours);
	tcase_add_test(tcase, second_run_publishes_nothing);
	tcase_add_test(tcase, missing_maps_are_not_replaced);
	return unit_run(suite_create("init"), tcase);
}
