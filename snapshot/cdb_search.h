/*
 * Within the reader of CDB maps: what is read of an open one, each byte
 * verified where there are sums, and under a guard where it is mapped.
 */
#ifndef SNAPSHOT_CDB_SEARCH_H
#define SNAPSHOT_CDB_SEARCH_H

#include "base/slice.h"
#include "namespace/lookup.h"
#include "snapshot/cdb_layout.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/sums.h"

#include <cdb.h>

struct arena;

/* What look-ups came upon; it changes while the reader does not. */
struct damage {
	bool is_found;
	uint64_t offset; /* where it was seen first */
};

/*
 * Keys that are asked for soon, and their hashes, so that these are taken
 * once; it changes likewise, so one thread at a time asks a reader.
 */
struct expected {
	size_t next,
		count; /* those before next were asked for, or never will */
	uint32_t hashes[CDB_READER_EXPECTED_MAX];
	struct expected_key {
		size_t len; /* 0: it is too long to be kept */
		char bytes[64];
	} keys[CDB_READER_EXPECTED_MAX];
};

struct cdb_reader {
	struct extent file; /* mapped, or a copy */
	bool has_sums;
	bool is_copy;
	bool is_safe; /* a copy that was verified whole */
	int fd; /* kept, to see a file cut short; -1 = none */
	struct sums_list sums;
	struct cdb cdb; /* where there are no sums */
	unsigned records_end;
	unsigned char header[CDB_HEADER_SIZE]; /* a copy, where verified */
	struct damage *damage;
	struct expected *expected;
	char *path;
};

/* The value is in the file, or a copy in the arena where that is not NULL. */
enum lookup cdb_search_find(const struct cdb_reader *reader, struct slice key,
	struct arena *arena, struct slice *value);
/* cdb_reader_expect(), for one with sums. */
void cdb_search_expect(const struct cdb_reader *reader,
	const struct slice *keys, size_t count);
/*
 * Whether these bytes can be read, and are as they were written as far as
 * the sums tell.  Damage is noted.
 */
bool cdb_search_verify(
	const struct cdb_reader *reader, uint64_t at, uint64_t len);

#endif
