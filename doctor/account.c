/*
 * Links are followed first, so that the folders on the way are those that
 * the kernel walks.  Root is not asked about, and access lists (acl(5)) are
 * not looked at.
 */
#include "doctor/account.h"

#include "base/arena.h"
#include "base/text.h"

#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* By name or number, of which the greatest is none. */
static bool find_group(gid_t *out, const char *name)
{
	const struct group *group = getgrnam(name);
	unsigned long number;

	if (group != NULL)
		*out = group->gr_gid;
	else if (text_to_ulong(&number, name) && number < (gid_t)-1)
		*out = (gid_t)number;
	else
		return false;
	return true;
}

bool account_find(struct account *out, const char *user, const char *group)
{
	const struct passwd *entry = getpwnam(user);

	if (entry == NULL)
		return false;
	*out = (struct account){ entry->pw_uid, entry->pw_gid };
	return group == NULL || find_group(&out->gid, group);
}

/* The three bits of the mode that are for him. */
static bool may(const struct account *account, const char *path, int wanted)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return false;
	const unsigned shift = status.st_uid == account->uid ? 6
		: status.st_gid == account->gid              ? 3
							     : 0;

	return ((status.st_mode >> shift) & (unsigned)wanted) ==
		(unsigned)wanted;
}

const char *account_refused(const struct account *account, const char *path,
	int wanted, struct arena *arena)
{
	char real[PATH_MAX];

	if (realpath(path, real) == NULL)
		return path;
	for (char *slash = strchr(real + 1, '/'); slash != NULL;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (!may(account, real, X_OK))
			return arena_strdup(arena, real);
		*slash = '/';
	}
	return may(account, real, wanted) ? NULL : path;
}
