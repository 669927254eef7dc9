/*
 * The hash tables of a CDB map being written (cdb(5)): what leads from a key
 * to its record.  Eight bytes of memory a record.
 */
#ifndef SNAPSHOT_CDB_INDEX_H
#define SNAPSHOT_CDB_INDEX_H

#include <stdbool.h>
#include <stdint.h>

struct cdb_index;

struct cdb_index *cdb_index_open(void);
void cdb_index_close(struct cdb_index **index);

/*
 * In the order of the file; hash: of the key, position: of the record in the
 * file.
 */
void cdb_index_add(struct cdb_index *index, uint32_t hash, uint32_t position);
/*
 * Writes the tables behind the records, which end at end, then the header.
 * False: errno says why.  Whatever the number of records, the whole file
 * ends within 32 bits: who adds them sees to that.
 */
bool cdb_index_write(const struct cdb_index *index, int fd, uint32_t end);

#endif
