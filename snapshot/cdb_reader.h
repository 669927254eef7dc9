/*
 * A CDB map, opened for reading by mmap.  One that is cut short or changed
 * in place meanwhile ends no process: what it says then is FAILED.
 */
#ifndef SNAPSHOT_CDB_READER_H
#define SNAPSHOT_CDB_READER_H

#include "base/err.h"
#include "base/slice.h"
#include "namespace/lookup.h"

#include <stdint.h>

struct arena;
struct cdb_reader;
struct sums_list;

enum { CDB_READER_EXPECTED_MAX = 16 };

/* NULL on failure: what is empty, cut short or no CDB does not open. */
struct cdb_reader *cdb_reader_open(const char *path, struct err *err);
/*
 * With sums every byte that an answer rests on is known to be as it was
 * written, or the answer is FAILED: NONE is certain.  A small file is read
 * and verified whole, and nothing can damage it any more; of a large one
 * each look-up verifies what it rests on: the record, or the slots on the
 * way where there is none.  Keys and values have no NUL in them, nor has a
 * key that is asked for.  sums must live as long, but may be a copy.
 */
struct cdb_reader *cdb_reader_open_verified(
	const char *path, const struct sums_list *sums, struct err *err);
void cdb_reader_close(struct cdb_reader **reader);
/* Whether all of it was read and verified: nothing damages it any more. */
bool cdb_reader_is_whole(const struct cdb_reader *reader);
/* *value is in the mapped file, not ended by a NUL.  FAILED: corrupt. */
enum lookup cdb_reader_find(const struct cdb_reader *reader, const char *key,
	const char **value, size_t *len);
/* The same for any bytes. */
enum lookup cdb_reader_find_slice(
	const struct cdb_reader *reader, struct slice key, struct slice *value);
/*
 * A hint that these keys are asked for next, in that order; no more than
 * CDB_READER_EXPECTED_MAX.  Of one the first thing that is read is fetched
 * meanwhile; of several all that is read, before this returns, since to wait
 * for all at once takes hardly longer than for one.
 */
void cdb_reader_expect(const struct cdb_reader *reader,
	const struct slice *keys, size_t count);
/*
 * The same, and *value is a copy with a NUL after it: for a process that may
 * not end even where the file is cut short at this very moment.
 */
enum lookup cdb_reader_copy(const struct cdb_reader *reader, struct slice key,
	struct arena *arena, struct slice *value);
/*
 * Walks all records in file order until each() returns false; true when it
 * came to the end, false too where the file is corrupt.
 */
bool cdb_reader_walk(const struct cdb_reader *reader,
	bool (*each)(void *context, const char *key, size_t key_len,
		const char *value, size_t value_len),
	void *context);

/* The same walk, step by step. */
struct cdb_cursor {
	const struct cdb_reader *reader;
	uint64_t position; /* of the next record */
	uint64_t read_to; /* all from there to here is surely there */
};

void cdb_cursor_init(
	struct cdb_cursor *cursor, const struct cdb_reader *reader);
/* To the record behind the one with this value, which was found. */
void cdb_cursor_go_behind(struct cdb_cursor *cursor, struct slice value);
/* NONE: it was the last.  FAILED: corrupt. */
enum lookup cdb_cursor_next(
	struct cdb_cursor *cursor, struct slice *key, struct slice *value);

/*
 * Whether a look-up came upon damage, or the file is shorter than it was
 * when it was opened; then *err names it, and does not change any more.
 */
bool cdb_reader_is_damaged(const struct cdb_reader *reader, struct err *err);
/* Whether what was damaged in one is not in the other, of the same sums. */
bool cdb_reader_is_mended(
	const struct cdb_reader *reader, const struct cdb_reader *damaged);

#endif
