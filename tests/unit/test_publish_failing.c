/* A disk that fails a publish: two whole generations, and the next succeeds. */
#include "snapshot/publish.h"

#include "base/arena.h"
#include "snapshot/files.h"

#include "tests/unit/failing_file_calls.h"
#include "tests/unit/publish_case.h"

static struct publish_case c;

static void set_up(void)
{
	publish_case_init(&c);
}

static void tear_down(void)
{
	publish_case_fini(&c);
}

static const struct {
	const char *name;
	int error;
} calls[] = {
	{ "open", EMFILE },
	{ "read", EIO },
	{ "write", ENOSPC },
	{ "fsync", EIO },
	{ "close", EIO },
	{ "stat", EIO },
	{ "fstat", EIO },
	{ "fchmodat", EROFS },
	{ "lstat", EIO },
	{ "fchmod", EROFS },
	{ "lchown", EIO },
	{ "rename", EIO },
	{ "unlink", EIO },
	{ "symlink", ENOSPC },
	{ "readlink", EIO },
	{ "opendir", EMFILE },
	{ "readdir", EIO },
	{ "utimensat", EROFS },
	{ "access", EIO },
};

FAILING_CALL(int, -1, utimensat,
	(int folder, const char *file, const struct timespec times[2],
		int flags),
	(folder, file, times, flags))
FAILING_CALL(int, -1, access, (const char *file, int how), (file, how))

/* Another content each time. */
static bool publish_failing_at(const char *name, unsigned n, int error)
{
	struct err err = { 0 };
	enum published out;
	const char *routes = arena_printf(c.arena, "r%u", n);
	const char *recipients = arena_printf(c.arena, "u%u", n);
	const char *folder = publish_case_new_folder(&c, routes, recipients);

	c.clock.n_events = 0;
	failing_call_begin(name, n, error);
	const bool is_done = publish_case_publish(&c, folder, &out, &err);
	const bool has_failed = failing_call_end();

	if (!is_done)
		ck_assert_str_ne(err.text, "");
	ck_assert_msg(is_done || has_failed, "%s %u: %s", name, n, err.text);
	return has_failed;
}

static void is_whole(unsigned long number)
{
	const char *name;

	for (size_t i = 0; (name = files_required(i)) != NULL; i++)
		ck_assert_msg(publish_case_mtime(&c, number, name) != 0,
			"%lu: no %s", number, name);
}

START_TEST(failed_publish_leaves_whole_generations)
{
	const char *name = calls[_i].name;
	bool has_failed = true;
	unsigned n = 0;

	publish_case_maps(&c, "r0", "u0");
	while (has_failed) {
		/* Fewer and fewer of many. */
		n += 1 + n / 6;
		has_failed = publish_failing_at(name, n, calls[_i].error);
		is_whole(publish_case_link(&c, "routes"));
		is_whole(publish_case_link(&c, "current"));
		ck_assert_uint_ge(publish_case_link(&c, "routes"),
			publish_case_link(&c, "current"));
		state_close(&c.state);
		publish_case_open(&c);
		publish_case_finish(&c);
		publish_case_maps(&c, arena_printf(c.arena, "r%u", n),
			arena_printf(c.arena, "u%u", n));
		ck_assert_uint_eq(publish_case_link(&c, "routes"),
			publish_case_link(&c, "current"));
		publish_case_nothing_is_left(&c);
	}
	ck_assert_msg(n > 1, "%s was never called", name);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("publish_failing");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(tcase, failed_publish_leaves_whole_generations, 0,
		COUNT(calls));
	return unit_run(suite_create("publish_failing"), tcase);
}
