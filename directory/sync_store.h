/*
 * What a server listed when it was last read, object by object, and the mark
 * up to which that is known (a cookie of RFC 4533, an update number of
 * Active Directory): <state>/sync/NAME.  With it a refresh asks only for what
 * changed since, and brings the same as a full read.
 */
#ifndef DIRECTORY_SYNC_STORE_H
#define DIRECTORY_SYNC_STORE_H

#include "base/err.h"
#include "directory/source.h"

struct sync_store;

/* Empty, with no mark. */
struct sync_store *sync_store_open(void);
void sync_store_close(struct sync_store **store);

/*
 * settings: a text of all that decides what is listed; a store that was
 * written for other settings, is damaged or absent is none: false, and the
 * store stays empty.
 */
bool sync_store_read(struct sync_store *store, const char *state,
	const char *name, const char *settings);
/* Replaced by rename once it is whole on the disk. */
bool sync_store_write(const struct sync_store *store, const char *state,
	const char *name, const char *settings, struct err *err);

/* NULL: none.  Whatever bytes; both are copied. */
const char *sync_store_mark(const struct sync_store *store, size_t *len);
void sync_store_set_mark(
	struct sync_store *store, const char *mark, size_t len);
/* When all was last read. */
time_t sync_store_full(const struct sync_store *store);
void sync_store_set_full(struct sync_store *store, time_t when);

/*
 * What comes into the sink until the next begin belongs to this object and
 * replaces what it had.  id: a UUID's 16 bytes.
 */
struct sink sync_store_begin(
	struct sync_store *store, const unsigned char id[16]);
void sync_store_remove(struct sync_store *store, const unsigned char id[16]);
/* The server says that it still is as it was. */
void sync_store_keep(struct sync_store *store, const unsigned char id[16]);
/* Removes what was neither begun nor kept since the store was read. */
void sync_store_remove_rest(struct sync_store *store);

/* All objects, in order of their ids, whatever the order of arrival. */
void sync_store_put(const struct sync_store *store, const struct sink *sink);

#endif
