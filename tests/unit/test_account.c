/* What somebody else may do with a file. */
#include "doctor/account.h"

#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"

#include <sys/stat.h>

/* Of the three of a file: its owner, one of its group, anybody else. */
enum who { OWNER, GROUP, OTHER };

static const struct mode_case {
	const char *name;
	mode_t folder, file;
	enum who who;
	int wanted;
	bool is_refused;
} CASES[] = {
	{ "owner reads", 0755, 0400, OWNER, R_OK, false },
	{ "owner is not his group", 0755, 0040, OWNER, R_OK, true },
	{ "group reads", 0755, 0640, GROUP, R_OK, false },
	{ "group does not write", 0755, 0640, GROUP, R_OK | W_OK, true },
	{ "group is not the others", 0755, 0604, GROUP, R_OK, true },
	{ "others do not read", 0755, 0640, OTHER, R_OK, true },
	{ "others read", 0755, 0644, OTHER, R_OK, false },
	{ "others do not run", 0755, 0644, OTHER, X_OK, true },
	{ "folder is closed to others", 0750, 0644, OTHER, R_OK, true },
	{ "folder lets through", 0711, 0644, OTHER, R_OK, false },
	{ "folder is closed to the owner", 0077, 0644, OWNER, R_OK, true },
};

static struct account account_of(const struct stat *status, enum who who)
{
	struct account account = { status->st_uid, status->st_gid };

	if (who != OWNER)
		account.uid += 1;
	if (who == OTHER)
		account.gid += 1;
	return account;
}

START_TEST(modes_decide)
{
	const struct mode_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	char *folder = test_folder(arena);
	const char *inner = arena_printf(arena, "%s/inner", folder);
	const char *path = arena_printf(arena, "%s/file", inner);
	struct stat status;

	ck_assert_int_eq(chmod(folder, 0755), 0);
	ck_assert_int_eq(mkdir(inner, 0700), 0);
	test_write(path, "x", 1);
	ck_assert_int_eq(chmod(path, c->file), 0);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_int_eq(chmod(inner, c->folder), 0);
	const struct account account = account_of(&status, c->who);
	const char *refused = account_refused(&account, path, c->wanted, arena);

	/* Who is not root does not look into a folder closed to himself. */
	ck_assert_msg((refused != NULL) == c->is_refused, "%s", c->name);
	ck_assert_int_eq(chmod(inner, 0700), 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(inner), 0);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

START_TEST(what_refuses_is_named)
{
	struct arena *arena = arena_open();
	char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/file", folder);
	const struct account stranger = { getuid() + 1, getgid() + 1 };

	ck_assert_str_eq(account_refused(&stranger, path, R_OK, arena), path);
	test_write(path, "x", 1);
	ck_assert_int_eq(chmod(folder, 0700), 0);
	const char *refused = account_refused(&stranger, path, R_OK, arena);

	ck_assert_ptr_nonnull(refused);
	ck_assert_str_eq(strrchr(refused, '/'), strrchr(folder, '/'));
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

START_TEST(accounts_are_found)
{
	struct account account;

	ck_assert(account_find(&account, "root", NULL));
	ck_assert(account.uid == 0 && account.gid == 0);
	ck_assert(account_find(&account, "root", "4711"));
	ck_assert_uint_eq(account.gid, 4711);
	ck_assert(!account_find(&account, "nobody-of-that-name", NULL));
	ck_assert(!account_find(&account, "root", "no-group-of-that-name"));
	/* 32 bits of it are root's. */
	ck_assert(!account_find(&account, "root", "4294967296"));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("account");

	tcase_add_loop_test(tcase, modes_decide, 0, COUNT(CASES));
	tcase_add_test(tcase, what_refuses_is_named);
	tcase_add_test(tcase, accounts_are_found);
	return unit_run(suite_create("account"), tcase);
}
