/*
 * What is remembered of the records of a CDB map while it is written, so
 * that the finished file can be held against it: each record must be there,
 * as it was given, and its key must lead to it.
 */
#ifndef SNAPSHOT_CDB_READ_BACK_H
#define SNAPSHOT_CDB_READ_BACK_H

#include "base/err.h"
#include "base/slice.h"

#include <stdint.h>

struct cdb_read_back;

struct cdb_read_back *cdb_read_back_open(void);
void cdb_read_back_close(struct cdb_read_back **back);

/*
 * A section of the file: count records as they stand there, one behind the
 * other from position on.  In the order of the file.
 */
void cdb_read_back_add(struct cdb_read_back *back, uint32_t position,
	struct slice records, size_t count);
/* Reads the file through libcdb, on two cores where it is large. */
bool cdb_read_back_check(
	const struct cdb_read_back *back, const char *path, struct err *err);

#endif
