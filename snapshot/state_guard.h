/* Who could change what Postfix and policyd read. */
#ifndef SNAPSHOT_STATE_GUARD_H
#define SNAPSHOT_STATE_GUARD_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * False where somebody who should not can write the state folder: others, or
 * a group that is not root's, in it, in the folder of the generations or in
 * the one above it (but for a sticky one); or where it belongs to nobody of
 * root, the account "postshare" and the given user.  *err says who, and
 * what mends it.  A folder that is not there is guarded.
 */
bool state_is_guarded(const char *path, uid_t user, struct err *err);

#endif
