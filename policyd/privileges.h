/* From root to somebody else, for good. */
#ifndef POLICYD_PRIVILEGES_H
#define POLICYD_PRIVILEGES_H

#include "base/err.h"

#include <sys/types.h>

struct identity {
	const char *name; /* borrowed */
	uid_t uid;
	gid_t gid; /* the user's own group */
	gid_t reader; /* a further group to be in; 0 = none */
};

/*
 * reader becomes the group of the state folder, so that the generations can
 * be read whoever the user is; never root's.
 */
bool identity_find(struct identity *out, const char *name, const char *state,
	struct err *err);
/*
 * Becomes that user with all its groups and reader, and proves that there
 * is no way back.  Whoever is that user already stays so; else only root
 * can.
 */
bool identity_become(const struct identity *identity, struct err *err);
/*
 * For root without --user, whom the mode of a file will stop like anybody
 * else once its rights are gone: the group of the state folder.  Does
 * nothing for others.
 */
bool identity_join(const char *state, struct err *err);

/*
 * Before another user is become: no program started later can get a right
 * (bounding set, securebits; capabilities(7)).  Only root can; others have
 * nothing to give away.
 */
void privileges_bound(void);
/*
 * No capability in any set, no new one by execve(2), and no other process of
 * this user may look into ours, nor a core file be written of it.
 */
bool privileges_drop(struct err *err);

#endif
