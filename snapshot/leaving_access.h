/*
 * The last route of an address would let it in again where nothing but the
 * route keeps strangers to a directory out: Postfix asks no list of
 * recipients about a domain that is not in relay_domains.
 */
#ifndef SNAPSHOT_LEAVING_ACCESS_H
#define SNAPSHOT_LEAVING_ACCESS_H

#include "base/err.h"

struct leaving_access {
	/* A whole reply "NNN X.Y.Z text" for an address (a map's key) that
	   its route alone must not let in; NULL = its route may. */
	const char *(*refusal)(void *context, const char *key);
	void *context;
};

/*
 * Adds what is to be refused to recipient_access.cdb in folder, where
 * transport_leaving.cdb is already, and takes out what was added so when the
 * maps were another generation's.
 */
bool leaving_access_write(const struct leaving_access *access,
	const char *folder, struct err *err);

#endif
