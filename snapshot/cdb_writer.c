/*
 * Written so that Postfix can not be hurt by it: a map is never truncated in
 * place (whoever has it mapped would die), values are never empty (Postfix
 * 3.7 dies of them), nothing grows past the 32-bit offsets, and what was
 * written is read back before anybody sees it.
 */
#include "snapshot/cdb_writer.h"

#include "base/memory.h"
#include "snapshot/cdb_reader.h"

#include <assert.h>
#include <cdb.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	HEADER_SIZE = 2048,
	RECORD_HEADER_SIZE = 8,
	SLOT_SIZE = 8,
	SLOTS_PER_RECORD = 2,
};

struct cdb_writer {
	struct cdb_make make;
	int fd;
	uint64_t size; /* of the finished file */
	size_t count;
	uint64_t digest; /* of all records in order */
	char path[];
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

/* What came back so far. */
struct seen {
	const struct cdb_reader *reader;
	const char *path;
	size_t count;
	uint64_t digest;
	struct err *err;
};

/* Whether the key leads to this very record. */
static bool record_check(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	struct seen *seen = context;
	struct slice found;

	if (cdb_reader_find_slice(seen->reader, (struct slice){ key, key_len },
		    &found) != LOOKUP_FOUND)
		return err_set(seen->err,
			"%s: read back wrong: \"%.*s\" is not found",
			seen->path, (int)key_len, key);
	if (found.bytes != value)
		return err_set(seen->err, "%s: \"%.*s\" is there twice",
			seen->path, (int)key_len, key);
	seen->digest = digest_add(seen->digest, key, key_len);
	seen->digest = digest_add(seen->digest, value, value_len);
	seen->count++;
	return true;
}

static bool records_check(const struct cdb_writer *writer,
	const struct cdb_reader *reader, struct err *err)
{
	struct err found = { 0 };
	struct seen seen = {
		.reader = reader, .path = writer->path, .err = &found
	};

	cdb_reader_walk(reader, record_check, &seen);
	if (found.text[0] != '\0')
		return err_set(err, "%s", found.text);
	if (seen.count != writer->count || seen.digest != writer->digest)
		return err_set(err,
			"%s: read back wrong: %zu of %zu records, or not as "
			"written",
			writer->path, seen.count, writer->count);
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
