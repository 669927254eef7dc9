/* From root to nobody and no way back; what is refused says why. */
#include "policyd/privileges.h"

#include "tests/unit/unit_main.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(a_user_that_is_not_there_is_named)
{
	struct identity identity;
	struct err err = { 0 };

	ck_assert(!identity_find(&identity, "no-such-user", "/", &err));
	ck_assert_str_eq(
		err.text, "--user no-such-user: there is no such user");
}
END_TEST

START_TEST(root_is_no_user_to_become)
{
	struct identity identity;
	struct err err = { 0 };

	ck_assert(!identity_find(&identity, "root", "/", &err));
	ck_assert_str_eq(err.text,
		"--user root: that is root, name a user without rights");
}
END_TEST

static bool is_in_group(gid_t gid)
{
	gid_t groups[64];
	const int count = getgroups(64, groups);

	for (int i = 0; i < count; i++) {
		if (groups[i] == gid)
			return true;
	}
	return false;
}

/* Each test is a process of its own, so that there is a way back here. */
START_TEST(root_becomes_nobody_for_good)
{
	char folder[] = "/tmp/privilegesXXXXXX";
	struct identity identity;
	struct err err = { 0 };

	if (geteuid() != 0)
		return;
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chown(folder, 0, 4711), 0);
	ck_assert(identity_find(&identity, "nobody", folder, &err));
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert_uint_eq(identity.reader, 4711);
	ck_assert_msg(identity_become(&identity, &err), "%s", err.text);
	ck_assert_uint_eq(getuid(), identity.uid);
	ck_assert_uint_eq(getegid(), identity.gid);
	ck_assert(is_in_group(4711));
	ck_assert(!is_in_group(0));
	ck_assert_int_ne(setuid(0), 0);
	/* who is that user already stays so */
	ck_assert(identity_become(&identity, &err));
	identity.uid++;
	ck_assert(!identity_become(&identity, &err));
	ck_assert_str_eq(
		err.text, "--user nobody: only root can become another user");
}
END_TEST

START_TEST(the_group_of_root_is_never_kept)
{
	struct identity identity;
	struct err err = { 0 };

	if (geteuid() != 0)
		return;
	ck_assert(identity_find(&identity, "nobody", "/", &err));
	ck_assert_uint_eq(identity.reader, 0);
	ck_assert_msg(identity_become(&identity, &err), "%s", err.text);
	ck_assert(!is_in_group(0));
}
END_TEST

/* "CapEff" and the like of /proc/self/status; fails where there is none. */
static unsigned long long status_of(const char *name)
{
	char line[256];
	unsigned long long value = 0;
	bool is_found = false;
	FILE *file = fopen("/proc/self/status", "re");

	ck_assert_ptr_nonnull(file);
	while (!is_found && fgets(line, sizeof line, file) != NULL) {
		const size_t len = strlen(name);

		is_found = strncmp(line, name, len) == 0 && line[len] == ':';
		if (is_found)
			value = strtoull(line + len + 1, NULL, 16);
	}
	fclose(file);
	ck_assert_msg(is_found, "no %s", name);
	return value;
}

START_TEST(root_is_left_without_any_right)
{
	static const char *const sets[] = { "CapInh", "CapPrm", "CapEff",
		"CapBnd", "CapAmb" };
	struct err err = { 0 };

	if (geteuid() != 0)
		return;
	ck_assert_uint_ne(status_of("CapEff"), 0);
	privileges_bound();
	ck_assert_msg(privileges_drop(&err), "%s", err.text);
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		ck_assert_msg(status_of(sets[i]) == 0, "%s", sets[i]);
	ck_assert_uint_eq(status_of("NoNewPrivs"), 1);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0), 0);
	ck_assert_int_ne(chown("/", 4711, 4711), 0);
	/* once more changes nothing */
	ck_assert(privileges_drop(&err));
}
END_TEST

START_TEST(root_without_a_user_joins_the_readers)
{
	char folder[] = "/tmp/privilegesXXXXXX";
	struct err err = { 0 };

	if (geteuid() != 0)
		return;
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chown(folder, 0, 4711), 0);
	ck_assert(identity_join(folder, &err));
	ck_assert(is_in_group(4711));
	/* without the right to it nothing is joined, and nothing fails */
	ck_assert_int_eq(chown(folder, 0, 4712), 0);
	ck_assert(privileges_drop(&err));
	ck_assert(identity_join(folder, &err));
	ck_assert(!is_in_group(4712));
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert(identity_join("/not/there", &err));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_test(tcase, a_user_that_is_not_there_is_named);
	tcase_add_test(tcase, root_is_no_user_to_become);
	tcase_add_test(tcase, root_becomes_nobody_for_good);
	tcase_add_test(tcase, the_group_of_root_is_never_kept);
	tcase_add_test(tcase, root_is_left_without_any_right);
	tcase_add_test(tcase, root_without_a_user_joins_the_readers);
	return unit_run(suite_create("privileges"), tcase);
}
