/*
 * cdb(5), in bytes: a header that leads to the tables, the records one behind
 * the other, the tables.  Numbers have 32 bits, the lowest byte first.
 */
#ifndef SNAPSHOT_CDB_LAYOUT_H
#define SNAPSHOT_CDB_LAYOUT_H

#include "base/slice.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum {
	CDB_TABLES = 256,
	CDB_SLOT_SIZE = 8, /* a hash and a position; 0 = free */
	/* of each table where it stands, and its number of slots */
	CDB_HEADER_SIZE = CDB_TABLES * 8,
	CDB_RECORD_SIZE = 8, /* of a record, beside its key and value */
	/* of the tables, for each record: half of the slots stay free */
	CDB_SLOTS_SIZE = 2 * CDB_SLOT_SIZE,
	/*
	 * A file is written in pieces that end at a multiple of this: then
	 * the kernel can keep each in a huge page, and who looks up at random
	 * does not wait for the address of each small one.
	 */
	CDB_PIECE_SIZE = 2 * 1024 * 1024,
};

/*
 * Its low 8 bits are a key's table, the rest says from which slot on.  Here,
 * for libcdb's own takes one byte after the other.
 */
uint32_t cdb_layout_hash(struct slice key);
/* Of count keys, in less time. */
void cdb_layout_hashes(uint32_t *out, const struct slice *keys, size_t count);

/* A number at these four bytes; libcdb has it, at the price of a call. */
static inline uint32_t cdb_layout_number(const unsigned char bytes[4])
{
	uint32_t number;

	memcpy(&number, bytes, sizeof number);
	return le32toh(number);
}

#endif
