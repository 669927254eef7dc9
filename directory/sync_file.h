/*
 * The file of a sync store.  It is a cache: whatever is wrong with it, it is
 * none, and all is read anew.
 */
#ifndef DIRECTORY_SYNC_FILE_H
#define DIRECTORY_SYNC_FILE_H

#include "base/err.h"

#include <stdint.h>
#include <time.h>

struct arena;

enum { SYNC_ID_SIZE = 16 };

/* What one object has brought; its bytes are the store's own affair. */
struct sync_record {
	unsigned char id[SYNC_ID_SIZE];
	uint32_t len;
	bool is_seen; /* not in the file: false when read */
	const char *bytes; /* where len is not 0, the last one is a NUL */
};

struct sync_contents {
	const char *settings;
	const char *mark; /* NULL where mark_len is 0 */
	size_t mark_len;
	time_t full;
	struct sync_record *records; /* in order of their ids, none twice */
	size_t count;
};

/* Borrowing from the arena.  False: absent, damaged, or not for settings. */
bool sync_file_read(struct sync_contents *out, const char *path,
	const char *settings, struct arena *arena);
/* Replaced by rename once all is written, below a folder that exists. */
bool sync_file_write(const struct sync_contents *contents, const char *path,
	const char *temporary, struct err *err);

#endif
