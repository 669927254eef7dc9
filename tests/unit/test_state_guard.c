/* A folder for each way in which somebody could write it. */
#include "snapshot/state_guard.h"

#include "tests/unit/unit_main.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STRANGER = 4711, GROUP = 4712 };

struct guard_case {
	const char *name;
	mode_t above, state, generations; /* 0: as it should be */
	uid_t owner;
	uid_t user;
	const char *err; /* part of it; NULL: guarded */
};

static const struct guard_case cases[] = {
	{ .name = "as the compiler makes it" },
	{ .name = "sticky above", .above = 01777 },
	{ .name = "another's above",
		.above = 0777,
		.err = "is of mode 0777: others than its owner can change "
		       "where mail goes; chmod go-w /tmp/guard" },
	{ .name = "open to others", .state = 0757, .err = "is of mode 0757" },
	{ .name = "open to its group",
		.state = 0770,
		.err = "is of mode 0770" },
	{ .name = "generations open to others",
		.generations = 0757,
		.err = "/state/generations is of mode 0757" },
	{ .name = "a stranger's",
		.owner = STRANGER,
		.err = "/state belongs to user 4711, neither root nor "
		       "postshare: he can change where mail goes" },
	{ .name = "our own", .owner = STRANGER, .user = STRANGER },
};

static char above[32];

static const char *path_of(const char *name)
{
	static char path[64];

	snprintf(path, sizeof path, "%s/%s", above, name);
	return path;
}

static void make(const char *path, mode_t mode, uid_t owner)
{
	mkdir(path, 0700);
	ck_assert_int_eq(chown(path, owner, GROUP), 0);
	ck_assert_int_eq(chmod(path, mode == 0 ? 0750 : mode), 0);
}

START_TEST(who_else_may_write_is_told)
{
	const struct guard_case *c = &cases[_i];
	struct err err = { 0 };

	if (geteuid() != 0)
		return;
	snprintf(above, sizeof above, "/tmp/guardXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(above));
	make(above, c->above, 0);
	make(path_of("state"), c->state, c->owner);
	make(path_of("state/generations"), c->generations, c->owner);
	const bool is_guarded =
		state_is_guarded(path_of("state"), c->user, &err);

	rmdir(path_of("state/generations"));
	rmdir(path_of("state"));
	rmdir(above);
	ck_assert_msg(
		is_guarded == (c->err == NULL), "%s: %s", c->name, err.text);
	if (c->err != NULL)
		ck_assert_msg(strstr(err.text, c->err) != NULL, "%s: %s",
			c->name, err.text);
}
END_TEST

START_TEST(what_is_not_there_is_guarded)
{
	struct err err = { 0 };

	ck_assert(state_is_guarded("/tmp/guard/not/there", 0, &err));
	ck_assert_str_eq(err.text, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("state_guard");
	TCase *tcase = tcase_create("core");

	tcase_add_loop_test(tcase, who_else_may_write_is_told, 0, COUNT(cases));
	tcase_add_test(tcase, what_is_not_there_is_guarded);
	return unit_run(suite, tcase);
}
