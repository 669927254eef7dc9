/* What somebody else may do with a file, by owners and modes. */
#ifndef DOCTOR_ACCOUNT_H
#define DOCTOR_ACCOUNT_H

#include <stdbool.h>
#include <sys/types.h>

struct arena;

/* A user who is in no other group, as spawn(8) runs a program. */
struct account {
	uid_t uid;
	gid_t gid;
};

/* group NULL: the user's own.  False where there is no such user or group. */
bool account_find(struct account *out, const char *user, const char *group);
/*
 * R_OK, W_OK and X_OK of access(2), and whether each folder above lets
 * through.  NULL: he may; else the path that refuses him, or is not there.
 */
const char *account_refused(const struct account *account, const char *path,
	int wanted, struct arena *arena);

#endif
