/*
 * <generation>/policyd.sums: a sum of each block of the maps that policyd
 * reads, so that an answer rests on bytes that are as they were written.
 * It tells damage, not malice: who can write a map can write its sums.
 *
 * Numbers of 64 bits, the lowest byte first:
 *   "pssums1\n"
 *   the size of policy.cdb, that of relay_recipients.cdb, in bytes
 *   the sum of those 24 bytes as a block of number -1
 *   the sum of each block of policy.cdb, then of relay_recipients.cdb
 * A sum is XXH64 of a block of SUMS_BLOCK bytes, the last of a file filled
 * up with zeros, with the block's number in its file as the seed.
 */
#ifndef SNAPSHOT_SUMS_H
#define SNAPSHOT_SUMS_H

#include "base/err.h"
#include "base/slice.h"
#include "snapshot/bus_error.h"

#include <stdint.h>

enum { SUMS_BLOCK = 256 };

struct measured;
struct sums;
struct text;

/* Those of one file; they live as long as the struct sums. */
struct sums_list {
	struct extent sums; /* mapped: read them under a guard */
	uint64_t size; /* of the file that they are of */
};

/* Whether there are sums of the blocks of a file of that name. */
bool sums_are_of(const char *name);
/*
 * Adds those of bytes of such a file, from the block with that number on;
 * all that are not its end are whole blocks.
 */
void sums_add(struct text *sums, struct slice bytes, uint64_t number);
/*
 * Of the two maps of the folder, which nobody may write any more: reads what
 * was not measured; NULL = nothing was.
 */
bool sums_write(
	const char *folder, const struct measured *measured, struct err *err);
/*
 * False on failure, and where they are damaged.  *out is NULL where the
 * folder has none: it was written by a version that knew none.
 */
bool sums_open(struct sums **out, const char *folder, struct err *err);
void sums_close(struct sums **sums);
/* name is FILES_POLICY or FILES_RELAY_RECIPIENTS. */
struct sums_list sums_of(const struct sums *sums, const char *name);

/*
 * Whether that block of a file's bytes, which has the size of the list, is
 * as it was written.
 */
bool sums_hold(const struct sums_list *list, const unsigned char *file,
	uint64_t block);

#endif
