/*
 * A system that fails a command: what was valid before stays so, and the
 * same command succeeds a moment later.
 */
#include "transport-map-gen/commands.h"

#include "namespace/resolver.h"
#include "snapshot/generation.h"
#include "transport-map-gen/options.h"

#include "tests/unit/config_folder.h"
#include "tests/unit/failing_file_calls.h"
#include "tests/unit/unit_main.h"

#include <sysexits.h>
#include <time.h>

static const struct failing {
	const char *name;
	int error;
} calls[] = {
	{ "open", EMFILE },
	{ "read", EIO },
	{ "write", ENOSPC },
	{ "fsync", EIO },
	{ "fstat", EIO },
	{ "lstat", EIO },
	{ "fchmod", EROFS },
	{ "fchmodat", EROFS },
	{ "lchown", EIO },
	{ "rename", EIO },
	{ "unlink", EIO },
	{ "mkdtemp", ENOSPC },
	{ "symlink", ENOSPC },
	{ "readlink", EIO },
	{ "opendir", EMFILE },
	{ "readdir", EIO },
	{ "flock", ENOLCK },
	{ "memfd_create", EMFILE },
};

FAILING_CALL(int, -1, memfd_create, (const char *name, unsigned flags),
	(name, flags))

/* Nobody waits for a Postfix here. */
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
	struct timespec *left)
{
	(void)clock;
	(void)flags;
	(void)wanted;
	(void)left;
	return 0;
}

static struct fixture fixture;
static struct options options;

static void write_list(unsigned version)
{
	write_text(&fixture, "staff.txt",
		arena_printf(fixture.arena, "ann@d.example\nv%u@d.example\n",
			version));
}

static void set_up(void)
{
	static const char config[] =
		"accepted-domain \"d.example\" { }\n"
		"connector \"ex\" { address-spaces = { \"*\" }"
		" smart-hosts = { \"192.0.2.1\" } }\n"
		"directory \"staff\" { type = file path = \"staff.txt\" }\n";

	fixture_init(&fixture);
	options = (struct options){
		.config = arena_printf(
			fixture.arena, "%s/namespace.conf", fixture.path),
		.state = arena_printf(fixture.arena, "%s/state", fixture.path),
		.is_quiet = true,
	};
	write_text(&fixture, "namespace.conf", config);
	/* What is told of each failure is not looked at. */
	ck_assert_ptr_nonnull(
		freopen(arena_printf(fixture.arena, "%s/stderr", fixture.path),
			"w", stderr));
	write_list(0);
	ck_assert_int_eq(command_build(&options), EX_OK);
}

static void tear_down(void)
{
	fixture_fini(&fixture);
}

/* By what Postfix and policyd are led to now. */
static enum verdict verdict_of(const char *key)
{
	struct err err = { 0 };
	struct generation *generation = generation_open(options.state, &err);
	struct resolution resolution;

	ck_assert_msg(generation != NULL, "%s", err.text);
	ck_assert_msg(generation_refresh(generation, &err), "%s", err.text);
	resolve_key(&resolution, generation_view(generation), key, time(NULL),
		fixture.arena);
	const enum verdict verdict = resolution.verdict;

	generation_close(&generation);
	return verdict;
}

/* Fewer and fewer of many. */
static unsigned next_of(unsigned n)
{
	return n + 1 + n / 3;
}

START_TEST(failed_build_leaves_who_was_valid)
{
	const struct failing *call = &calls[_i];
	bool has_failed = true;

	for (unsigned n = 1; has_failed; n = next_of(n)) {
		write_list(n);
		failing_call_begin(call->name, n, call->error);
		const int status = command_build(&options);

		has_failed = failing_call_end();
		/* Readers fail on their own, and are told of by their end. */
		ck_assert_msg(has_failed || status == EX_OK ||
				status == EX_DATAERR || status == EX_TEMPFAIL,
			"%s %u: %d", call->name, n, status);
		ck_assert_int_eq(verdict_of("ann@d.example"), VERDICT_ACCEPT);
		ck_assert_msg(command_build(&options) == EX_OK, "%s %u",
			call->name, n);
		ck_assert_int_eq(verdict_of(arena_printf(
					 fixture.arena, "v%u@d.example", n)),
			VERDICT_ACCEPT);
	}
}
END_TEST

START_TEST(failed_rollback_leaves_who_was_valid)
{
	const struct failing *call = &calls[_i];
	bool has_failed = true;

	for (unsigned n = 1; has_failed; n = next_of(n)) {
		const char *newest =
			arena_printf(fixture.arena, "v%u@d.example", n);

		write_list(n);
		ck_assert_int_eq(command_build(&options), EX_OK);
		failing_call_begin(call->name, n, call->error);
		int status = command_rollback(&options);

		has_failed = failing_call_end();
		ck_assert_msg(has_failed || status == EX_OK, "%s %u: %d",
			call->name, n, status);
		ck_assert_int_eq(verdict_of("ann@d.example"), VERDICT_ACCEPT);
		/* It may have failed behind its last step. */
		if (status != EX_OK && verdict_of(newest) == VERDICT_ACCEPT)
			status = command_rollback(&options);
		ck_assert_msg(status == EX_OK || has_failed, "%s %u: %d",
			call->name, n, status);
		ck_assert_int_ne(verdict_of(newest), VERDICT_ACCEPT);
		ck_assert_int_eq(command_release(&options), EX_OK);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("commands_failing");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(
		tcase, failed_build_leaves_who_was_valid, 0, COUNT(calls));
	tcase_add_loop_test(
		tcase, failed_rollback_leaves_who_was_valid, 0, COUNT(calls));
	return unit_run(suite_create("commands_failing"), tcase);
}
