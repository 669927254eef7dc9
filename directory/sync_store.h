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

struct arena;
struct sync_store;

/* Empty, with no mark. */
struct sync_store *sync_store_open(void);
void sync_store_close(struct sync_store **store);

/* Its path, whatever bytes the directory's name has. */
const char *sync_store_path(
	const char *state, const char *name, struct arena *arena);
/*
 * First of all.  settings: a text of all that decides what is listed; a
 * store that was written for other settings, is damaged or absent is none:
 * false, and the store stays empty.
 */
bool sync_store_read(struct sync_store *store, const char *state,
	const char *name, const char *settings);
/* Replaced by rename.  One that a crash damages is none when it is read. */
bool sync_store_write(struct sync_store *store, const char *state,
	const char *name, const char *settings, struct err *err);

/* NULL: none.  Whatever bytes; set copies them. */
const char *sync_store_mark(const struct sync_store *store, size_t *len);
void sync_store_set_mark(
	struct sync_store *store, const char *mark, size_t len);
/* When all was last read. */
time_t sync_store_full(const struct sync_store *store);
void sync_store_set_full(struct sync_store *store, time_t when);

/*
 * What comes into the sink until the next call to the store belongs to this
 * object and replaces what it had.  id: a UUID's 16 bytes.
 */
struct sink sync_store_begin(
	struct sync_store *store, const unsigned char id[16]);
void sync_store_remove(struct sync_store *store, const unsigned char id[16]);
/* The server says that it still is as it was. */
void sync_store_keep(struct sync_store *store, const unsigned char id[16]);
/* Removes what was neither begun nor kept since the store was read. */
void sync_store_remove_rest(struct sync_store *store);
/*
 * What came since the store was read or this was last asked is brought into
 * order.  False: an object was kept that it does not have.
 */
bool sync_store_settle(struct sync_store *store);

/* All objects, in order of their ids, whatever the order of arrival. */
void sync_store_put(struct sync_store *store, const struct sink *sink);

#endif
