/*
 * Groups before the user: afterwards they could not be changed.  All three
 * user ids are set, and the way back is tried, since a saved id of 0 would
 * make the whole exercise a show (setuid(2), credentials(7)).
 */
#include "policyd/privileges.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sys/stat.h>
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

/* The user's groups, and the one that may read the state. */
static bool set_groups(const struct identity *identity)
{
	gid_t groups[NGROUPS_MAX];

	if (initgroups(identity->name, identity->gid) != 0)
		return false;
	if (identity->reader == 0)
		return true;
	const int count = getgroups(NGROUPS_MAX - 1, groups);

	if (count < 0)
		return false;
	groups[count] = identity->reader;
	return setgroups((size_t)count + 1, groups) == 0;
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
