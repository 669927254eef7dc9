/*
 * CDB maps through libcdb (tinycdb), written so that Postfix can not be hurt
 * by them: a map is never truncated in place (whoever has it mapped would
 * die), values are never empty (Postfix 3.7 dies of them), nothing grows
 * past the 32-bit offsets, and what was written is read back before anybody
 * sees it.  libcdb trusts record lengths when it walks, so the walk here
 * checks them itself; and the layout of the hash tables is checked at
 * open, since a file cut short still has a valid header.
 */
#include "snapshot/cdb_file.h"

#include "base/memory.h"

#include <assert.h>
#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	HEADER_SIZE = 2048,
	HEADER_TABLES = 256,
	RECORD_HEADER_SIZE = 8,
	SLOT_SIZE = 8,
	SLOTS_PER_RECORD = 2,
};

struct cdb_reader {
	struct cdb cdb;
};

struct cdb_writer {
	struct cdb_make make;
	int fd;
	uint64_t size; /* of the finished file */
	size_t count;
	uint64_t digest; /* of all records in order */
	char path[];
};

/* A record within the mapped file. */
struct record {
	const char *key, *value;
	unsigned key_len, value_len;
	unsigned value_position;
};

/*
 * Tells a record that came back from the disk changed; no more than that,
 * so it takes eight bytes at a time.
 */
static uint64_t digest_add(uint64_t digest, const char *bytes, size_t len)
{
	const uint64_t prime = 1099511628211U;

	digest = (digest ^ len) * prime;
	while (len > 0) {
		const size_t n = len < 8 ? len : 8;
		uint64_t word = 0;

		memcpy(&word, bytes, n);
		digest = (digest ^ word) * prime;
		digest ^= digest >> 29;
		bytes += n;
		len -= n;
	}
	return digest;
}

static struct cdb_writer *writer_of(int fd, const char *path)
{
	const size_t len = strlen(path) + 1;
	struct cdb_writer *writer =
		memory_must(calloc(1, sizeof *writer + len));

	memcpy(writer->path, path, len);
	writer->fd = fd;
	writer->size = HEADER_SIZE;
	return writer;
}

struct cdb_writer *cdb_writer_open(const char *path, struct err *err)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	if (fd < 0) {
		err_sys(err, "create %s", path);
		return NULL;
	}
	struct cdb_writer *writer = writer_of(fd, path);

	/* First of all, for libcdb ends only what it has begun. */
	if (cdb_make_start(&writer->make, fd) != 0 || fchmod(fd, 0640) != 0) {
		err_sys(err, "write %s", path);
		cdb_writer_abandon(&writer);
	}
	return writer;
}

bool cdb_writer_add(struct cdb_writer *writer, const char *key,
	const char *value, struct err *err)
{
	const size_t key_len = strlen(key);
	const size_t value_len = strlen(value);
	const uint64_t size = writer->size + RECORD_HEADER_SIZE + key_len +
		value_len + SLOT_SIZE * SLOTS_PER_RECORD;

	assert(value_len > 0);
	if (size > UINT32_MAX)
		return err_set(err,
			"write %s: more than 4 GiB, which no CDB map can hold",
			writer->path);
	if (cdb_make_add(&writer->make, key, (unsigned)key_len, value,
		    (unsigned)value_len) != 0)
		return err_sys(err, "write %s", writer->path);
	writer->size = size;
	writer->count++;
	writer->digest = digest_add(writer->digest, key, key_len);
	writer->digest = digest_add(writer->digest, value, value_len);
	return true;
}

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

	record->key_len = cdb_unpack(mem);
	record->value_len = cdb_unpack(mem + 4);
	if (record->key_len > room ||
		record->value_len > room - record->key_len)
		return LOOKUP_FAILED;
	record->key = (const char *)mem + RECORD_HEADER_SIZE;
	record->value = record->key + record->key_len;
	record->value_position = at + RECORD_HEADER_SIZE + record->key_len;
	*position = record->value_position + record->value_len;
	return LOOKUP_FOUND;
}

/* Whether its key leads to this very record. */
static bool record_check(const struct cdb_reader *reader,
	const struct record *record, const char *path, struct err *err)
{
	struct cdb cdb = reader->cdb;

	if (cdb_find(&cdb, record->key, record->key_len) <= 0)
		return err_set(err,
			"%s: read back wrong: \"%.*s\" is not found", path,
			(int)record->key_len, record->key);
	if (cdb_datapos(&cdb) != record->value_position)
		return err_set(err, "%s: \"%.*s\" is there twice", path,
			(int)record->key_len, record->key);
	return true;
}

static bool records_check(const struct cdb_writer *writer,
	const struct cdb_reader *reader, struct err *err)
{
	unsigned position = HEADER_SIZE;
	uint64_t digest = 0;
	size_t count = 0;
	struct record record;

	while (record_next(reader, &position, &record) == LOOKUP_FOUND) {
		if (!record_check(reader, &record, writer->path, err))
			return false;
		digest = digest_add(digest, record.key, record.key_len);
		digest = digest_add(digest, record.value, record.value_len);
		count++;
	}
	if (count != writer->count || digest != writer->digest)
		return err_set(err,
			"%s: read back wrong: %zu of %zu records, or not as "
			"written",
			writer->path, count, writer->count);
	return true;
}

static bool read_back(const struct cdb_writer *writer, struct err *err)
{
	struct cdb_reader *reader = cdb_reader_open(writer->path, err);

	if (reader == NULL)
		return false;
	const bool is_good = records_check(writer, reader, err);

	cdb_reader_close(&reader);
	return is_good;
}

static bool finish(struct cdb_writer *writer, struct err *err)
{
	if (cdb_make_finish(&writer->make) != 0 || fsync(writer->fd) != 0) {
		err_sys(err, "write %s", writer->path);
		close(writer->fd);
		return false;
	}
	if (close(writer->fd) != 0)
		return err_sys(err, "write %s", writer->path);
	return read_back(writer, err);
}

bool cdb_writer_close(struct cdb_writer **writer, struct err *err)
{
	const bool is_good = finish(*writer, err);

	if (!is_good)
		unlink((*writer)->path);
	free(*writer);
	*writer = NULL;
	return is_good;
}

void cdb_writer_abandon(struct cdb_writer **writer)
{
	if (*writer == NULL)
		return;
	unlink((*writer)->path);
	/* Only this gives back the memory of libcdb's index. */
	cdb_make_finish(&(*writer)->make);
	close((*writer)->fd);
	free(*writer);
	*writer = NULL;
}

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

enum lookup cdb_reader_find(const struct cdb_reader *reader, const char *key,
	const char **value, size_t *len)
{
	/* libcdb keeps the place it found in here. */
	struct cdb cdb = reader->cdb;
	const size_t key_len = strlen(key);

	if (key_len > cdb.cdb_dend)
		return LOOKUP_NONE;
	const int found = cdb_find(&cdb, key, (unsigned)key_len);

	if (found < 0)
		return LOOKUP_FAILED;
	if (found == 0)
		return LOOKUP_NONE;
	*value = cdb_getdata(&cdb);
	*len = cdb_datalen(&cdb);
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
		if (!each(context, record.key, record.key_len, record.value,
			    record.value_len))
			return false;
	}
	return found == LOOKUP_NONE;
}
