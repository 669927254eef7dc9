/*
 * A CDB map as Postfix reads it (cdb(5), CDB_README), being written: keys and
 * values without a trailing NUL, values never empty, each key once.
 */
#ifndef SNAPSHOT_CDB_WRITER_H
#define SNAPSHOT_CDB_WRITER_H

#include "base/err.h"
#include "base/slice.h"

#include <stdint.h>

struct measured_file;

/* Of a whole map, the hash tables too: positions have 32 bits. */
#define CDB_SIZE_MAX ((uint64_t)UINT32_MAX)

struct cdb_writer;

/* NULL on failure; a file that exists is one (somebody may have it mapped). */
struct cdb_writer *cdb_writer_open(const char *path, struct err *err);
/* An empty value or a key twice is our own bug; the latter shows at close. */
bool cdb_writer_add(struct cdb_writer *writer, const char *key,
	const char *value, struct err *err);
/* The same for any bytes. */
bool cdb_writer_add_slices(struct cdb_writer *writer, struct slice key,
	struct slice value, struct err *err);
/* Of the finished file, with the tables of what was added so far. */
uint64_t cdb_writer_size(const struct cdb_writer *writer);
/*
 * Closing a large map tells *out about it, under that name, both of which
 * live as long.  Of a small one nothing is told.
 */
void cdb_writer_measure(
	struct cdb_writer *writer, const char *name, struct measured_file *out);
/*
 * Finishes, reads every record back, fsyncs, closes; the file is good only
 * where this is true.  Sets *writer to NULL either way.
 */
bool cdb_writer_close(struct cdb_writer **writer, struct err *err);
/* Gives up and removes the file; for the way out of an error. */
void cdb_writer_abandon(struct cdb_writer **writer);

#endif
