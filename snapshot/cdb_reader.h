/* A CDB map, opened for reading by mmap. */
#ifndef SNAPSHOT_CDB_READER_H
#define SNAPSHOT_CDB_READER_H

#include "base/err.h"
#include "base/slice.h"
#include "namespace/lookup.h"

struct cdb_reader;

/* NULL on failure: what is empty, cut short or no CDB does not open. */
struct cdb_reader *cdb_reader_open(const char *path, struct err *err);
void cdb_reader_close(struct cdb_reader **reader);
/* *value is in the mapped file, not ended by a NUL.  FAILED: corrupt. */
enum lookup cdb_reader_find(const struct cdb_reader *reader, const char *key,
	const char **value, size_t *len);
/* The same for any bytes. */
enum lookup cdb_reader_find_slice(
	const struct cdb_reader *reader, struct slice key, struct slice *value);
/*
 * Walks all records in file order until each() returns false; true when it
 * came to the end, false too where the file is corrupt.
 */
bool cdb_reader_walk(const struct cdb_reader *reader,
	bool (*each)(void *context, const char *key, size_t key_len,
		const char *value, size_t value_len),
	void *context);

#endif
