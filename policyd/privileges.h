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

#endif
