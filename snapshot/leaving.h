/*
 * transport_leaving.cdb: the last route of what is no longer accepted, for
 * mail that is still in the queue (Postfix routes deferred mail anew at each
 * attempt).  leaving.dates beside it, "EPOCH KEY" a line, says since when, and
 * of addresses too that need no entry as long as their domain goes that way.
 */
#ifndef SNAPSHOT_LEAVING_H
#define SNAPSHOT_LEAVING_H

#include "base/err.h"

#include <time.h>

struct leaving_options {
	/* The generations that the links lead to now; NULL = none. */
	const char *routes;
	const char *current;
	/*
	 * One whose routes were in force instead, and never its recipients;
	 * NULL = none.  Routes alone let in whom a trusted domain lists.
	 */
	const char *given_up;
	unsigned long linger_s; /* how long a last route is kept */
	time_t now;
	/*
	 * Whether the new model still accepts an address (a map's key) and
	 * makes no other of it, or accepts the names that a domain's key "d"
	 * or ".d" stands for.
	 */
	bool (*is_accepted)(void *context, const char *key);
	void *context;
};

/*
 * Writes both files into folder, where the new transport.cdb is already.
 * True with a text in *err: written, but an old map could not be read, so
 * last routes are missing.
 */
bool leaving_write(const struct leaving_options *options, const char *folder,
	struct err *err);

#endif
