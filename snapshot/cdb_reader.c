/*
 * Opening, and walking.  libcdb trusts record lengths when it walks, so the
 * walk here checks them itself; and the layout of the hash tables is checked
 * at open, since a file cut short still has a valid header.
 */
#include "snapshot/cdb_reader.h"

#include "base/memory.h"
#include "snapshot/cdb_search.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* Such a file is read whole: that costs no more than to map it. */
	COPY_MAX = 64 * 1024,
	AHEAD = 16 * 1024, /* read before it is walked */
};

/*
 * The 256 tables stand one after the other from the end of the records to
 * the end of the file: that is how every CDB writer lays them out.
 */
static bool layout_check(const unsigned char *header, uint64_t size)
{
	uint64_t expected = cdb_unpack(header);

	if (expected < CDB_HEADER_SIZE)
		return false;
	for (int i = 0; i < CDB_TABLES; i++) {
		const unsigned char *entry = header + i * CDB_SLOT_SIZE;

		if (cdb_unpack(entry) != expected)
			return false;
		expected += (uint64_t)cdb_unpack(entry + 4) * CDB_SLOT_SIZE;
	}
	return expected == size;
}

/* Exactly that many bytes from the start of the file; errno where not. */
static bool read_exactly(int fd, unsigned char *bytes, size_t size)
{
	size_t len = 0;

	while (len < size) {
		const ssize_t n =
			pread(fd, bytes + len, size - len, (off_t)len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO; /* cut short since its size was read */
		if (n <= 0)
			return false;
		len += (size_t)n;
	}
	return true;
}

static bool size_check(
	const struct cdb_reader *reader, struct stat *status, struct err *err)
{
	const char *path = reader->path;

	if (fstat(reader->fd, status) != 0)
		return err_sys(err, "read %s", path);
	const long long size = status->st_size;

	if (!S_ISREG(status->st_mode))
		return err_set(err, "read %s: not a regular file", path);
	if (reader->has_sums && (uint64_t)size != reader->sums.size)
		return err_set(err,
			"%s: damaged: %lld bytes, and %llu were written", path,
			size, (unsigned long long)reader->sums.size);
	if (size < CDB_HEADER_SIZE)
		return err_set(err,
			"%s: no CDB map: %lld bytes, the empty one has 2048",
			path, size);
	if (size > UINT32_MAX)
		return err_set(err,
			"%s: no CDB map: %lld bytes, the largest has 4 GiB",
			path, size);
	return true;
}

static bool take_copy(struct cdb_reader *reader, size_t size)
{
	unsigned char *copy = memory_must(malloc(size));

	reader->file = (struct extent){ copy, size };
	reader->is_copy = true;
	return read_exactly(reader->fd, copy, size);
}

static bool take_mapping(struct cdb_reader *reader, size_t size)
{
	void *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, reader->fd, 0);

	if (bytes == MAP_FAILED)
		return false;
	reader->file = (struct extent){ bytes, size };
	return true;
}

static bool take_libcdb(struct cdb_reader *reader)
{
	if (cdb_init(&reader->cdb, reader->fd) != 0)
		return false;
	reader->file =
		(struct extent){ reader->cdb.cdb_mem, reader->cdb.cdb_fsize };
	return true;
}

static bool take_bytes(struct cdb_reader *reader, size_t size)
{
	if (!reader->has_sums)
		return take_libcdb(reader);
	return size <= COPY_MAX ? take_copy(reader, size)
				: take_mapping(reader, size);
}

/* The header's own bytes, wherever they stand, for they are what is used. */
static bool verify_header(const struct cdb_reader *reader)
{
	struct cdb_reader header = *reader;

	header.file = (struct extent){ reader->header, CDB_HEADER_SIZE };
	return cdb_search_verify(&header, 0, CDB_HEADER_SIZE);
}

/*
 * Of a copy each byte, once and for all; of a file the header alone, which
 * is read apart from the mapping, so that nobody reads it there.
 */
static bool verify(struct cdb_reader *reader)
{
	if (!read_exactly(reader->fd, reader->header, CDB_HEADER_SIZE))
		return false;
	if (!reader->has_sums)
		return cdb_search_verify(reader, 0, CDB_HEADER_SIZE);
	if (!verify_header(reader))
		return false;
	if (reader->is_copy)
		reader->is_safe =
			cdb_search_verify(reader, 0, reader->file.size);
	return reader->is_safe || !reader->is_copy;
}

static bool reader_init(struct cdb_reader *reader, struct err *err)
{
	struct stat status;

	/* A pipe is refused below; without O_NONBLOCK open() waits for it. */
	reader->fd = open(reader->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (reader->fd < 0)
		return err_sys(err, "open %s", reader->path);
	if (!size_check(reader, &status, err))
		return false;
	if (!take_bytes(reader, (size_t)status.st_size))
		return err_sys(err, "read %s", reader->path);
	if (!verify(reader))
		return err_set(err, "%s: damaged: not as it was written",
			reader->path);
	reader->records_end = cdb_unpack(reader->header);
	return layout_check(reader->header, reader->file.size) ||
		err_set(err, "%s: no CDB map, or cut short", reader->path);
}

static struct cdb_reader *reader_open(
	const char *path, const struct sums_list *sums, struct err *err)
{
	struct cdb_reader *reader = memory_must(calloc(1, sizeof *reader));

	reader->path = memory_must(strdup(path));
	reader->damage = memory_must(calloc(1, sizeof *reader->damage));
	reader->expected = memory_must(calloc(1, sizeof *reader->expected));
	reader->has_sums = sums != NULL;
	if (sums != NULL)
		reader->sums = *sums;
	if (!reader_init(reader, err)) {
		cdb_reader_close(&reader);
		return NULL;
	}
	if (reader->is_copy) {
		close(reader->fd);
		reader->fd = -1;
	}
	return reader;
}

struct cdb_reader *cdb_reader_open(const char *path, struct err *err)
{
	return reader_open(path, NULL, err);
}

struct cdb_reader *cdb_reader_open_verified(
	const char *path, const struct sums_list *sums, struct err *err)
{
	return reader_open(path, sums, err);
}

static void give_back_bytes(struct cdb_reader *reader)
{
	if (reader->file.size == 0)
		return;
	if (!reader->has_sums)
		cdb_free(&reader->cdb);
	else if (reader->is_copy)
		free((void *)reader->file.bytes);
	else
		munmap((void *)reader->file.bytes, reader->file.size);
}

void cdb_reader_close(struct cdb_reader **reader)
{
	if (*reader == NULL)
		return;
	give_back_bytes(*reader);
	if ((*reader)->fd >= 0)
		close((*reader)->fd);
	free((*reader)->damage);
	free((*reader)->expected);
	free((*reader)->path);
	free(*reader);
	*reader = NULL;
}

bool cdb_reader_is_whole(const struct cdb_reader *reader)
{
	return reader->is_safe;
}

enum lookup cdb_reader_copy(const struct cdb_reader *reader, struct slice key,
	struct arena *arena, struct slice *value)
{
	return cdb_search_find(reader, key, arena, value);
}

void cdb_reader_expect(
	const struct cdb_reader *reader, const struct slice *keys, size_t count)
{
	if (!reader->is_safe && reader->has_sums)
		cdb_search_expect(reader, keys, count);
}

enum lookup cdb_reader_find_slice(
	const struct cdb_reader *reader, struct slice key, struct slice *value)
{
	return cdb_search_find(reader, key, NULL, value);
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

static bool walk_read(struct cdb_cursor *walk, uint64_t len)
{
	const uint64_t rest = walk->reader->file.size - walk->read_to;
	const uint64_t wanted = walk->position + len;

	if (wanted <= walk->read_to)
		return true;
	const uint64_t more = wanted - walk->read_to + AHEAD;
	const uint64_t next = more < rest ? more : rest;

	if (!cdb_search_verify(walk->reader, walk->read_to, next))
		return false;
	walk->read_to += next;
	return true;
}

void cdb_cursor_init(struct cdb_cursor *cursor, const struct cdb_reader *reader)
{
	*cursor =
		(struct cdb_cursor){ reader, CDB_HEADER_SIZE, CDB_HEADER_SIZE };
}

void cdb_cursor_go_behind(struct cdb_cursor *cursor, struct slice value)
{
	const char *start = (const char *)cursor->reader->file.bytes;

	cursor->position = (uint64_t)(value.bytes + value.len - start);
	cursor->read_to = cursor->position;
}

enum lookup cdb_cursor_next(
	struct cdb_cursor *cursor, struct slice *key, struct slice *value)
{
	const uint64_t end = cursor->reader->records_end;
	const uint64_t at = cursor->position;

	if (at == end)
		return LOOKUP_NONE;
	if (at > end || end - at < CDB_RECORD_SIZE ||
		!walk_read(cursor, CDB_RECORD_SIZE))
		return LOOKUP_FAILED;
	const unsigned char *mem = cursor->reader->file.bytes + at;
	const uint64_t room = end - at - CDB_RECORD_SIZE;
	const uint64_t key_len = cdb_unpack(mem);
	const uint64_t value_len = cdb_unpack(mem + 4);
	const uint64_t len = CDB_RECORD_SIZE + key_len + value_len;

	if (key_len > room || value_len > room - key_len ||
		!walk_read(cursor, len))
		return LOOKUP_FAILED;
	const char *bytes = (const char *)mem + CDB_RECORD_SIZE;

	*key = (struct slice){ bytes, key_len };
	*value = (struct slice){ bytes + key_len, value_len };
	cursor->position = at + len;
	return LOOKUP_FOUND;
}

bool cdb_reader_walk(const struct cdb_reader *reader,
	bool (*each)(void *context, const char *key, size_t key_len,
		const char *value, size_t value_len),
	void *context)
{
	struct cdb_cursor cursor;
	struct slice key, value;
	enum lookup found;

	cdb_cursor_init(&cursor, reader);
	while ((found = cdb_cursor_next(&cursor, &key, &value)) ==
		LOOKUP_FOUND) {
		if (!each(context, key.bytes, key.len, value.bytes, value.len))
			return false;
	}
	if (found == LOOKUP_FAILED)
		reader->damage->is_found = true;
	return found == LOOKUP_NONE;
}

/* Sees what no look-up has come upon yet. */
static bool is_cut(const struct cdb_reader *reader)
{
	struct stat status;

	return reader->fd >= 0 && fstat(reader->fd, &status) == 0 &&
		(uint64_t)status.st_size < reader->file.size;
}

bool cdb_reader_is_damaged(const struct cdb_reader *reader, struct err *err)
{
	struct damage *damage = reader->damage;

	if (!damage->is_found && is_cut(reader))
		*damage = (struct damage){ true, reader->file.size - 1 };
	if (damage->is_found)
		err_set(err, "%s: damaged: not as it was written",
			reader->path);
	return damage->is_found;
}

bool cdb_reader_is_mended(
	const struct cdb_reader *reader, const struct cdb_reader *damaged)
{
	const uint64_t at = damaged->damage->offset;

	return !damaged->damage->is_found ||
		(at < reader->file.size && cdb_search_verify(reader, at, 1));
}
