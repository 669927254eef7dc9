/*
 * Groups before the user: afterwards they could not be changed.  All three
 * user ids are set, and the way back is tried, since a saved id of 0 would
 * make the whole exercise a show (setuid(2), credentials(7)).
 */
#include "policyd/privileges.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static gid_t group_of(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status.st_gid : 0;
}

bool identity_find(struct identity *out, const char *name, const char *state,
	struct err *err)
{
	errno = 0;
	const struct passwd *entry = getpwnam(name);

	if (entry == NULL && errno != 0 && errno != ENOENT)
		return err_sys(err, "--user %s", name);
	if (entry == NULL)
		return err_set(err, "--user %s: there is no such user", name);
	if (entry->pw_uid == 0)
		return err_set(err,
			"--user %s: that is root, name a user without rights",
			name);
	*out = (struct identity){
		.name = name,
		.uid = entry->pw_uid,
		.gid = entry->pw_gid,
		.reader = group_of(state),
	};
	return true;
}

static bool is_final(const struct identity *identity)
{
	uid_t real, effective, saved;

	if (getresuid(&real, &effective, &saved) != 0)
		return false;
	if (real != identity->uid || effective != identity->uid ||
		saved != identity->uid)
		return false;
	if (setuid(0) == 0 || seteuid(0) == 0)
		return false;
	return identity->gid == 0 || setegid(0) != 0;
}

static bool add_group(gid_t group)
{
	gid_t groups[NGROUPS_MAX];
	const int count = getgroups(NGROUPS_MAX - 1, groups);

	if (count < 0)
		return false;
	groups[count] = group;
	return setgroups((size_t)count + 1, groups) == 0;
}

/* The user's groups, and the one that may read the state. */
static bool set_groups(const struct identity *identity)
{
	return initgroups(identity->name, identity->gid) == 0 &&
		(identity->reader == 0 || add_group(identity->reader));
}

bool identity_become(const struct identity *identity, struct err *err)
{
	if (geteuid() != 0 && geteuid() == identity->uid)
		return true;
	if (geteuid() != 0)
		return err_set(err,
			"--user %s: only root can become another user",
			identity->name);
	if (!set_groups(identity) ||
		setresgid(identity->gid, identity->gid, identity->gid) != 0 ||
		setresuid(identity->uid, identity->uid, identity->uid) != 0)
		return err_sys(err, "--user %s", identity->name);
	if (!is_final(identity))
		return err_set(err, "--user %s: root could be had back",
			identity->name);
	return true;
}

/* Root without the right to it is told by the first map he can not read. */
bool identity_join(const char *state, struct err *err)
{
	const gid_t group = group_of(state);

	return geteuid() != 0 || group == 0 || add_group(group) ||
		errno == EPERM || err_sys(err, "the group of %s", state);
}

/* Each refusal means that there was no such right to give away. */
void privileges_bound(void)
{
	for (int right = 0; prctl(PR_CAPBSET_READ, right, 0, 0, 0) >= 0;
		right++)
		prctl(PR_CAPBSET_DROP, right, 0, 0, 0);
	prctl(PR_SET_SECUREBITS,
		SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
			SECBIT_NO_CAP_AMBIENT_RAISE |
			SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
		0, 0, 0);
}

/* Asked for first: a supervisor may forbid capset(2) to who has none. */
static bool has_rights(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &header, sets) != 0)
		return true;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		if ((sets[i].effective | sets[i].permitted |
			    sets[i].inheritable) != 0)
			return true;
	}
	return false;
}

bool privileges_drop(struct err *err)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {
		0
	};

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (has_rights() && syscall(SYS_capset, &header, none) != 0)
		return err_sys(err, "capabilities");
	if (has_rights())
		return err_set(err, "capabilities are left");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_sys(err, "no new privileges");
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return true;
}
