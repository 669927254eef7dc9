/*
 * libcdb trusts record lengths when it walks, so the walk here checks them
 * itself; and the layout of the hash tables is checked at open, since a file
 * cut short still has a valid header.
 */
#include "snapshot/cdb_reader.h"

#include "base/memory.h"

#include <cdb.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	HEADER_SIZE = 2048,
	HEADER_TABLES = 256,
	RECORD_HEADER_SIZE = 8,
	SLOT_SIZE = 8,
};

struct cdb_reader {
	struct cdb cdb;
};

/*
 * The 256 tables stand one after the other from the end of the records to
 * the end of the file: that is how every CDB writer lays them out.
 */
static bool layout_check(const struct cdb *cdb)
{
	uint64_t expected = cdb_unpack(cdb->cdb_mem);

	if (expected < HEADER_SIZE)
		return false;
	for (int i = 0; i < HEADER_TABLES; i++) {
		const unsigned char *entry = cdb->cdb_mem + i * 8;

		if (cdb_unpack(entry) != expected)
			return false;
		expected += (uint64_t)cdb_unpack(entry + 4) * SLOT_SIZE;
	}
	return expected == cdb->cdb_fsize;
}

static bool reader_init(
	struct cdb_reader *reader, int fd, const char *path, struct err *err)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return err_sys(err, "read %s", path);
	if (!S_ISREG(status.st_mode))
		return err_set(err, "read %s: not a regular file", path);
	if (status.st_size < HEADER_SIZE)
		return err_set(err,
			"%s: no CDB map: %lld bytes, the empty one has 2048",
			path, (long long)status.st_size);
	if (status.st_size > UINT32_MAX)
		return err_set(err,
			"%s: no CDB map: %lld bytes, the largest has 4 GiB",
			path, (long long)status.st_size);
	if (cdb_init(&reader->cdb, fd) != 0)
		return err_sys(err, "read %s", path);
	if (!layout_check(&reader->cdb)) {
		cdb_free(&reader->cdb);
		return err_set(err, "%s: no CDB map, or cut short", path);
	}
	return true;
}

struct cdb_reader *cdb_reader_open(const char *path, struct err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		err_sys(err, "open %s", path);
		return NULL;
	}
	struct cdb_reader *reader = memory_must(calloc(1, sizeof *reader));

	if (!reader_init(reader, fd, path, err)) {
		free(reader);
		reader = NULL;
	}
	close(fd); /* the mapping stays */
	return reader;
}

void cdb_reader_close(struct cdb_reader **reader)
{
	if (*reader == NULL)
		return;
	cdb_free(&(*reader)->cdb);
	free(*reader);
	*reader = NULL;
}

enum lookup cdb_reader_find_slice(
	const struct cdb_reader *reader, struct slice key, struct slice *value)
{
	/* libcdb keeps the place it found in here. */
	struct cdb cdb = reader->cdb;

	if (key.len > cdb.cdb_dend)
		return LOOKUP_NONE;
	const int found = cdb_find(&cdb, key.bytes, (unsigned)key.len);

	if (found < 0)
		return LOOKUP_FAILED;
	if (found == 0)
		return LOOKUP_NONE;
	*value = (struct slice){ cdb_getdata(&cdb), cdb_datalen(&cdb) };
	return LOOKUP_FOUND;
}

enum lookup cdb_reader_find(const struct cdb_reader *reader, const char *key,
	const char **value, size_t *len)
{
	struct slice slice;
	const enum lookup found =
		cdb_reader_find_slice(reader, slice_of(key), &slice);

	if (found == LOOKUP_FOUND) {
		*value = slice.bytes;
		*len = slice.len;
	}
	return found;
}

/* A record within the mapped file. */
struct record {
	struct slice key, value;
};

/* The record at *position, which moves on to the next. */
static enum lookup record_next(const struct cdb_reader *reader,
	unsigned *position, struct record *record)
{
	const unsigned end = reader->cdb.cdb_dend;
	const unsigned at = *position;

	if (at == end)
		return LOOKUP_NONE;
	if (at > end || end - at < RECORD_HEADER_SIZE)
		return LOOKUP_FAILED;
	const unsigned char *mem = reader->cdb.cdb_mem + at;
	const unsigned room = end - at - RECORD_HEADER_SIZE;
	const unsigned key_len = cdb_unpack(mem);
	const unsigned value_len = cdb_unpack(mem + 4);

	if (key_len > room || value_len > room - key_len)
		return LOOKUP_FAILED;
	const char *key = (const char *)mem + RECORD_HEADER_SIZE;

	record->key = (struct slice){ key, key_len };
	record->value = (struct slice){ key + key_len, value_len };
	*position = at + RECORD_HEADER_SIZE + key_len + value_len;
	return LOOKUP_FOUND;
}

bool cdb_reader_walk(const struct cdb_reader *reader,
	bool (*each)(void *context, const char *key, size_t key_len,
		const char *value, size_t value_len),
	void *context)
{
	unsigned position = HEADER_SIZE;
	struct record record;
	enum lookup found;

	while ((found = record_next(reader, &position, &record)) ==
		LOOKUP_FOUND) {
		if (!each(context, record.key.bytes, record.key.len,
			    record.value.bytes, record.value.len))
			return false;
	}
	return found == LOOKUP_NONE;
}
