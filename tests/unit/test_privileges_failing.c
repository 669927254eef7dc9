/* Rights that can not be given up are told, and nobody goes on with them. */
#include "policyd/privileges.h"

#include "tests/unit/failing_kernel_calls.h"
#include "tests/unit/unit_main.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

FAILING_CALL(struct passwd *, NULL, getpwnam, (const char *name), (name))
FAILING_CALL(
	int, -1, initgroups, (const char *user, gid_t group), (user, group))
FAILING_CALL(int, -1, getgroups, (int size, gid_t list[]), (size, list))
FAILING_CALL(int, -1, setgroups, (size_t n, const gid_t *groups), (n, groups))
FAILING_CALL(int, -1, setresgid, (gid_t rgid, gid_t egid, gid_t sgid),
	(rgid, egid, sgid))
FAILING_CALL(int, -1, setresuid, (uid_t ruid, uid_t euid, uid_t suid),
	(ruid, euid, suid))
/* What fails here is that it is refused. */
FAILING_CALL(int, 0, setuid, (uid_t uid), (uid))
FAILING_CALL(int, 0, seteuid, (uid_t uid), (uid))
FAILING_CALL(int, 0, setegid, (gid_t gid), (gid))

int getresuid(uid_t *ruid, uid_t *euid, uid_t *suid)
{
	int (*next)(uid_t *, uid_t *, uid_t *);

	*(void **)&next = dlsym(RTLD_NEXT, "getresuid");
	if (failing_call_is_due("getresuid") || next(ruid, euid, suid) != 0)
		return -1;
	if (failing_call_is_due("real"))
		*ruid = 0;
	if (failing_call_is_due("effective"))
		*euid = 0;
	if (failing_call_is_due("saved"))
		*suid = 0;
	return 0;
}

static const struct failing {
	const char *name, *sentence;
} become_calls[] = {
	{ "getpwnam", "--user nobody: Input/output error" },
	{ "initgroups", "--user nobody: Input/output error" },
	{ "getgroups", "--user nobody: Input/output error" },
	{ "setgroups", "--user nobody: Input/output error" },
	{ "setresgid", "--user nobody: Input/output error" },
	{ "setresuid", "--user nobody: Input/output error" },
	{ "getresuid", "--user nobody: root could be had back" },
	{ "real", "--user nobody: root could be had back" },
	{ "effective", "--user nobody: root could be had back" },
	{ "saved", "--user nobody: root could be had back" },
	{ "setuid", "--user nobody: root could be had back" },
	{ "seteuid", "--user nobody: root could be had back" },
	{ "setegid", "--user nobody: root could be had back" },
};

/* Each test is a process of its own. */
START_TEST(who_can_not_become_another_is_told)
{
	const struct failing *call = &become_calls[_i];
	struct identity identity;
	struct err err = { 0 };

	if (geteuid() != 0)
		return;
	failing_call_begin(call->name, 1, EIO);
	const bool is_found =
		identity_find(&identity, "nobody", "/nonexistent", &err);

	if (is_found) {
		identity.reader = 4711;
		ck_assert(!identity_become(&identity, &err));
	}
	ck_assert_msg(failing_call_end(), "%s was not called", call->name);
	ck_assert_str_eq(err.text, call->sentence);
}
END_TEST

START_TEST(who_can_not_join_the_readers_is_told)
{
	char folder[] = "/tmp/privilegesXXXXXX";
	struct err err = { 0 };

	if (geteuid() != 0)
		return;
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chown(folder, 0, 4711), 0);
	failing_call_begin("setgroups", 1, EIO);
	const bool has_joined = identity_join(folder, &err);

	ck_assert(failing_call_end());
	failing_call_begin("setgroups", 1, EPERM);
	const bool has_no_right = identity_join(folder, NULL);

	ck_assert(failing_call_end());
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert(!has_joined && has_no_right);
	ck_assert_ptr_nonnull(strstr(err.text, "the group of /tmp/privileges"));
}
END_TEST

/* There is nothing to join. */
START_TEST(a_state_of_root_has_no_readers)
{
	ck_assert(identity_join("/nonexistent", NULL));
}
END_TEST

static const struct {
	const char *name;
	long number;
	unsigned n;
	const char *sentence;
} drop_calls[] = {
	{ "capabilities can not be given up", SYS_capset, 1,
		"capabilities: Input/output error" },
	{ "nor asked for", SYS_capget, 2, "capabilities are left" },
};

START_TEST(rights_that_are_left_are_told)
{
	char name[32];
	struct err err = { 0 };

	if (geteuid() != 0)
		return;
	snprintf(name, sizeof name, "syscall %ld", drop_calls[_i].number);
	failing_call_begin(name, drop_calls[_i].n, EIO);
	ck_assert_msg(!privileges_drop(&err), "%s", drop_calls[_i].name);
	ck_assert(failing_call_end());
	ck_assert_str_eq(err.text, drop_calls[_i].sentence);
}
END_TEST

START_TEST(new_rights_that_stay_possible_are_told)
{
	char name[32];
	struct err err = { 0 };

	snprintf(name, sizeof name, "prctl %d", PR_SET_NO_NEW_PRIVS);
	failing_call_begin(name, 1, EINVAL);
	ck_assert(!privileges_drop(&err));
	ck_assert(failing_call_end());
	ck_assert_str_eq(err.text, "no new privileges: Invalid argument");
}
END_TEST

/* A supervisor may forbid it to who has none. */
START_TEST(who_has_no_right_gives_none_up)
{
	char name[32];

	ck_assert(privileges_drop(NULL));
	snprintf(name, sizeof name, "syscall %ld", (long)SYS_capset);
	failing_call_begin(name, 1, EPERM);
	ck_assert(privileges_drop(NULL));
	ck_assert(!failing_call_end());
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_loop_test(tcase, who_can_not_become_another_is_told, 0,
		COUNT(become_calls));
	tcase_add_test(tcase, who_can_not_join_the_readers_is_told);
	tcase_add_test(tcase, a_state_of_root_has_no_readers);
	tcase_add_loop_test(
		tcase, rights_that_are_left_are_told, 0, COUNT(drop_calls));
	tcase_add_test(tcase, new_rights_that_stay_possible_are_told);
	tcase_add_test(tcase, who_has_no_right_gives_none_up);
	return unit_run(suite_create("privileges_failing"), tcase);
}
