/*
 * Whether a server with syncprov still has what was read from it.  One that
 * was restored from a backup and has taken changes since, or another one
 * behind the same name, answers a cookie as if nothing had happened, and
 * what it then tells is not all.  A witness is a line that names the naming
 * context and the entry that was changed last, where that is still there.
 */
#ifndef DIRECTORY_LDAP_WITNESS_H
#define DIRECTORY_LDAP_WITNESS_H

#include "directory/ldap_delta.h"

/* What is asked for the context's own entry besides the rest. */
#define LDAP_WITNESS_ID "entryUUID"

/*
 * Of now, in delta->arena.  dn, head: the context and its entry; cookie:
 * made of its contextCSN.  NULL: *err says why it can not be had.
 */
const char *ldap_witness_find(const struct ldap_delta *delta, const char *dn,
	const struct object *head, const char *cookie, struct err *err);

/*
 * WHOLE: nothing speaks against it that the server has all it had then.
 * What was changed last may have been deleted since: then it is in doubt.
 */
enum ldap_delta_end ldap_witness_check(const struct ldap_delta *delta,
	const char *dn, const char *then, const char *now, struct err *err);

/*
 * After a delta that began with the cookie: DOUBTFUL where an entry that has
 * others below it was changed since, for they may have moved with it; all of
 * the context is looked at, for it may have moved away.  *witness then names
 * the newest entry that was changed, if there is one.
 */
enum ldap_delta_end ldap_witness_watch(const struct ldap_delta *delta,
	const char *dn, const char *cookie, const char **witness,
	struct err *err);

#endif
