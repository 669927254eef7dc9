/*
 * The file of a sync store.  It is a cache: whatever is wrong with it, it is
 * none, and all is read anew.
 */
#ifndef DIRECTORY_SYNC_FILE_H
#define DIRECTORY_SYNC_FILE_H

#include "base/err.h"

#include <stdint.h>
#include <time.h>

enum { SYNC_ID_SIZE = 16, SYNC_DIGEST_SIZE = 128 };

/* What one object has brought; its bytes are the store's own affair. */
struct sync_record {
	unsigned char id[SYNC_ID_SIZE];
	uint32_t len;
	bool is_seen; /* for the store; not in the file */
	bool is_removed; /* a change: it is no more there */
	const char *bytes; /* where len is not 0, the last one is a NUL */
};

struct sync_records {
	struct sync_record *list;
	size_t count, room;
};

struct sync_contents {
	const char *settings;
	const char *mark; /* NULL where mark_len is 0 */
	size_t mark_len;
	time_t full;
	struct sync_records records; /* in order of their ids, none twice */
	struct sync_records changes; /* since, in order of arrival */
};

/* The file as it was read; bytes NULL: it was not. */
struct sync_file {
	char *bytes; /* mapped */
	size_t size;
	size_t whole_size; /* of what was written in one piece */
};

/* Appends to a list on the heap, for free(3). */
void sync_records_add(
	struct sync_records *records, const struct sync_record *record);

/*
 * Borrowing from the file, but for the lists, which are the caller's to
 * free.  False: absent, damaged, or not for settings; there is nothing to
 * free then.
 */
bool sync_file_read(struct sync_contents *out, struct sync_file *file,
	const char *path, const char *settings);
void sync_file_fini(struct sync_file *file);
/* Replaced by rename once all is written, below a folder that exists. */
bool sync_file_write(const struct sync_contents *contents, const char *path,
	const char *temporary, struct err *err);
/*
 * Adds the changes and the mark to a file that is still as it was read.
 * False: it is not, or was not worth it any more; then it has to be written
 * anew.
 */
bool sync_file_append(const struct sync_contents *contents,
	const struct sync_file *file, const char *path);

#endif
