/*
 * A CDB map as Postfix reads it (cdb(5), CDB_README): keys and values
 * without a trailing NUL, values never empty, each key once.
 */
#ifndef SNAPSHOT_CDB_FILE_H
#define SNAPSHOT_CDB_FILE_H

#include "base/err.h"
#include "namespace/lookup.h"

struct cdb_writer;

/* NULL on failure; a file that exists is one (somebody may have it mapped). */
struct cdb_writer *cdb_writer_open(const char *path, struct err *err);
/* An empty value or a key twice is our own bug; the latter shows at close. */
bool cdb_writer_add(struct cdb_writer *writer, const char *key,
	const char *value, struct err *err);
/*
 * Finishes, reads every record back, fsyncs, closes; the file is good only
 * where this is true.  Sets *writer to NULL either way.
 */
bool cdb_writer_close(struct cdb_writer **writer, struct err *err);
/* Gives up and removes the file; for the way out of an error. */
void cdb_writer_abandon(struct cdb_writer **writer);

struct cdb_reader;

/* NULL on failure: what is empty, cut short or no CDB does not open. */
struct cdb_reader *cdb_reader_open(const char *path, struct err *err);
void cdb_reader_close(struct cdb_reader **reader);
/* *value is in the mapped file, not ended by a NUL.  FAILED: corrupt. */
enum lookup cdb_reader_find(const struct cdb_reader *reader, const char *key,
	const char **value, size_t *len);
/*
 * Walks all records in file order until each() returns false; true when it
 * came to the end, false too where the file is corrupt.
 */
bool cdb_reader_walk(const struct cdb_reader *reader,
	bool (*each)(void *context, const char *key, size_t key_len,
		const char *value, size_t value_len),
	void *context);

#endif
