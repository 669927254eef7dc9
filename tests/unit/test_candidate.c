/* What a build would publish now, and that nothing is left of looking. */
#include "transport-map-gen/candidate.h"

#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"
#include "tests/unit/model_case.h"
#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"
#include "transport-map-gen/compile.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>

#define CONFIG \
	"accepted-domain '#d.example' { type = authoritative }\n" \
	"connector ex { smart-hosts = '10.0.0.1' address-spaces = " \
	"'d.example' }\n" \
	"directory staff { path = 'staff.txt' }\n"

static struct arena *arena;
static const char *folder;
static struct options options;

static const char *in_folder(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text)
{
	test_write(in_folder(name), text, strlen(text));
}

static void setup(void)
{
	arena = arena_open();
	folder = test_folder(arena);
	options = (struct options){ .config = in_folder("namespace.conf"),
		.state = in_folder("state"),
		.is_quiet = true };
	ck_assert_int_eq(mkdir(in_folder("tmp"), 0700), 0);
	ck_assert_int_eq(setenv("TMPDIR", in_folder("tmp"), 1), 0);
	write_file("namespace.conf", CONFIG);
	write_file("staff.txt", "ann@d.example\n");
}

static void teardown(void)
{
	/* Nothing of a candidate is left. */
	ck_assert_int_eq(rmdir(in_folder("tmp")), 0);
	ck_assert_int_eq(unsetenv("TMPDIR"), 0);
	test_folder_remove(folder);
	arena_close(&arena);
}

static enum verdict ask(
	const struct candidate *candidate, const char *recipient)
{
	const struct question question = { .recipient = recipient,
		.len = strlen(recipient),
		.now = candidate_gathered(candidate)->now };
	struct resolution resolution;

	resolve(&resolution, generation_view(candidate_generation(candidate)),
		&question, NULL, arena);
	return resolution.verdict;
}

START_TEST(candidate_answers_and_leaves_no_state)
{
	int status = -1;
	struct candidate *candidate = candidate_open(&options, &status);

	ck_assert_ptr_nonnull(candidate);
	ck_assert_int_eq(status, EX_OK);
	ck_assert_uint_eq(
		generation_number(candidate_generation(candidate)), 0);
	ck_assert_int_eq(ask(candidate, "ann@d.example"), VERDICT_ACCEPT);
	/* Its directory has just loaded. */
	ck_assert_int_eq(ask(candidate, "bob@d.example"), VERDICT_REJECT);
	candidate_close(&candidate);
	ck_assert_ptr_null(candidate);
	ck_assert_int_ne(access(options.state, F_OK), 0);
}
END_TEST

START_TEST(list_that_can_not_be_read_is_told_by_the_status)
{
	int status = -1;

	ck_assert_int_eq(unlink(in_folder("staff.txt")), 0);
	struct candidate *candidate = candidate_open(&options, &status);

	ck_assert_ptr_nonnull(candidate);
	ck_assert_int_eq(status, EX_TEMPFAIL);
	ck_assert_int_eq(ask(candidate, "bob@d.example"), VERDICT_DEFER);
	candidate_close(&candidate);
}
END_TEST

START_TEST(bad_configuration_has_no_candidate)
{
	int status = -1;

	write_file("namespace.conf", "colour = red\n");
	ck_assert_ptr_null(candidate_open(&options, &status));
	ck_assert_int_eq(status, EX_CONFIG);
}
END_TEST

START_TEST(folder_that_can_not_be_made_is_an_error)
{
	int status = -1;

	ck_assert_int_eq(setenv("TMPDIR", in_folder("gone"), 1), 0);
	ck_assert_ptr_null(candidate_open(&options, &status));
	ck_assert_int_eq(status, EX_IOERR);
}
END_TEST

START_TEST(candidate_goes_with_who_is_killed)
{
	int status = -1;
	int ended;

	/* Whoever removes it is waited for below. */
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	const pid_t pid = fork();

	if (pid == 0) {
		if (candidate_open(&options, &status) != NULL)
			kill(getpid(), SIGKILL);
		_exit(EX_SOFTWARE);
	}
	ck_assert_int_eq(waitpid(pid, &ended, 0), pid);
	ck_assert(WIFSIGNALED(ended));
	while (wait(NULL) > 0)
		continue;
}
END_TEST

static const char *compile_into(const char *name, const struct gathered *g,
	const struct compile_before *before)
{
	const char *path = in_folder(name);
	struct err err = { 0 };

	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_msg(compile_maps(g, before, path, &err), "%s", err.text);
	return path;
}

static enum lookup find_leaving(const char *path, const char *key)
{
	struct cdb_reader *map = cdb_reader_open(
		arena_printf(arena, "%s/" FILES_TRANSPORT_LEAVING, path), NULL);
	const char *value;
	size_t len;

	ck_assert_ptr_nonnull(map);
	const enum lookup found = cdb_reader_find(map, key, &value, &len);

	cdb_reader_close(&map);
	return found;
}

START_TEST(every_map_is_compiled)
{
	const struct compile_before before = { .routes = NULL };
	struct gathered g;

	ck_assert(gather(&g, &options, GATHER_DRY));
	const char *path = compile_into("maps", &g, &before);
	const char *name;

	for (size_t i = 0; (name = files_required(i)) != NULL; i++)
		ck_assert_msg(access(arena_printf(arena, "%s/%s", path, name),
				      R_OK) == 0,
			"%s", name);
	ck_assert_int_eq(find_leaving(path, "d.example"), LOOKUP_NONE);
	gathered_fini(&g);
}
END_TEST

/* A domain that goes has its route for those in the queue. */
START_TEST(last_routes_are_of_what_was_before)
{
	const struct compile_before none = { .routes = NULL };
	struct gathered g;
	struct err err = { 0 };

	ck_assert(gather(&g, &options, GATHER_DRY));
	const char *old = compile_into("old", &g, &none);

	gathered_fini(&g);
	write_file("namespace.conf",
		"accepted-domain '#e.example' { }\n"
		"connector ex { smart-hosts = '10.0.0.1' address-spaces = "
		"'e.example' }\n");
	ck_assert(gather(&g, &options, GATHER_DRY));
	const struct compile_before before = {
		.routes = old, .current = old, .linger_s = g.ns->linger_s
	};
	const char *new = compile_into("new", &g, &before);

	ck_assert_int_eq(find_leaving(new, "d.example"), LOOKUP_FOUND);
	ck_assert_int_eq(find_leaving(new, "e.example"), LOOKUP_NONE);
	/* The same where the other maps are there already. */
	ck_assert_int_eq(
		unlink(arena_printf(arena, "%s/" FILES_TRANSPORT_LEAVING, new)),
		0);
	ck_assert_int_eq(
		unlink(arena_printf(arena, "%s/" FILES_LEAVING_DATES, new)), 0);
	ck_assert_msg(
		compile_leaving(model_view(g.model), g.now, &before, new, &err),
		"%s", err.text);
	ck_assert_int_eq(find_leaving(new, "d.example"), LOOKUP_FOUND);
	gathered_fini(&g);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("candidate");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, candidate_answers_and_leaves_no_state);
	tcase_add_test(tcase, list_that_can_not_be_read_is_told_by_the_status);
	tcase_add_test(tcase, bad_configuration_has_no_candidate);
	tcase_add_test(tcase, folder_that_can_not_be_made_is_an_error);
	tcase_add_test(tcase, candidate_goes_with_who_is_killed);
	tcase_add_test(tcase, every_map_is_compiled);
	tcase_add_test(tcase, last_routes_are_of_what_was_before);
	return unit_run(suite_create("candidate"), tcase);
}
