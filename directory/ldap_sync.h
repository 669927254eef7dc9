/*
 * What changed since a cookie, by the LDAP Content Synchronization Operation
 * (RFC 4533), as OpenLDAP's slapo-syncprov(5) offers it.
 */
#ifndef DIRECTORY_LDAP_SYNC_H
#define DIRECTORY_LDAP_SYNC_H

#include "directory/ldap_delta.h"

struct text;

/* An entryUUID (RFC 4530); false where it is none. */
bool ldap_sync_id(unsigned char id[16], const struct object_value *value);

/*
 * A mark of now, from which on changes can be asked for.  NONE: this server
 * does not offer it for this directory, or not so that moved subtrees would
 * be seen.
 */
enum lookup ldap_sync_mark(
	const struct ldap_delta *delta, struct text *out, struct err *err);

/*
 * Brings the store from its mark to now, with its new mark; now is what
 * ldap_sync_mark() gave.  DOUBTFUL also where the store's mark is none of
 * these; *err is filled where FAILED.
 */
enum ldap_delta_end ldap_sync_run(const struct ldap_delta *delta,
	const struct text *now, struct err *err);

#endif
