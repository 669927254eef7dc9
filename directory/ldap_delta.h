/*
 * What the two ways have in common in which servers tell what changed: the
 * Content Synchronization Operation (ldap_sync.h) and Active Directory's
 * update numbers (ldap_usn.h).
 */
#ifndef DIRECTORY_LDAP_DELTA_H
#define DIRECTORY_LDAP_DELTA_H

#include "directory/ldap_source.h"
#include "directory/sync_store.h"

/* One read of a directory. */
struct ldap_delta {
	const struct ldap_connection *connection;
	const struct directory *directory;
	struct sync_store *store;
	struct arena *arena; /* until the read has ended */
	struct arena *entry; /* of what one entry holds */
	struct arena *scratch; /* of what becomes of it */
};

enum ldap_delta_end {
	LDAP_DELTA_WHOLE, /* the store is as the server is now */
	LDAP_DELTA_DOUBTFUL, /* only a full read can tell; the store is void */
	LDAP_DELTA_FAILED, /* a search did; *err says why */
};

/* Whether one of the attribute's values is that text, whatever its case. */
bool ldap_delta_has(
	const struct object *object, const char *name, const char *value);
/* Whether a DN is the other one or below it; false in doubt. */
bool ldap_delta_is_within(const char *dn, const char *above);

/* In the arena; NULL where the DN has no parent. */
const char *ldap_delta_parent(const char *dn, struct arena *arena);

/* Takes what the object stands for now. */
void ldap_delta_put(const struct ldap_delta *delta, const unsigned char id[16],
	const struct object *object);

#endif
