/*
 * Written so that Postfix can not be hurt by it: a map is never truncated in
 * place (whoever has it mapped would die), values are never empty (Postfix
 * 3.7 dies of them), nothing grows past the 32-bit offsets, and what was
 * written is read back through libcdb before anybody sees it.
 *
 * Records go one behind the other through two large blocks: while one is
 * filled, a second thread hashes the keys of the other and writes it.  The
 * tables and the header, which only the end knows, come last.
 */
#include "snapshot/cdb_writer.h"

#include "base/beside.h"
#include "base/memory.h"
#include "base/side_by_side.h"
#include "snapshot/cdb_index.h"
#include "snapshot/cdb_layout.h"
#include "snapshot/cdb_read_back.h"
#include "snapshot/measured.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BLOCK_SIZE = 256 * 1024,
	BATCH_SIZE = 16,
	SYNC_SIZE = 8 * 1024 * 1024,
};

/* Whole records, as they stand in the file. */
struct block {
	char *bytes;
	size_t used;
	uint32_t position;
};

struct cdb_writer {
	uint64_t size; /* of the finished file */
	uint32_t end; /* of the records, those in the blocks too */
	struct block filling;
	/* Of the second thread, where there is one, until it is waited for. */
	struct beside *beside; /* NULL = no block was full yet */
	struct block full;
	struct cdb_index *index;
	struct cdb_read_back *back;
	int fd;
	int error; /* of a write that failed; 0 = none */
	char *piece; /* of the file, on its way */
	size_t piece_used;
	size_t count; /* of records */
	uint32_t synced; /* up to here the disk is at work */
	const char *name; /* in *measured */
	struct measured_file *measured; /* NULL = nobody asks */
	char path[];
};

static struct cdb_writer *writer_of(int fd, const char *path)
{
	const size_t len = strlen(path) + 1;
	struct cdb_writer *writer =
		memory_must(calloc(1, sizeof *writer + len));

	memcpy(writer->path, path, len);
	writer->fd = fd;
	writer->size = CDB_HEADER_SIZE;
	writer->end = CDB_HEADER_SIZE;
	writer->filling.position = CDB_HEADER_SIZE;
	writer->filling.bytes = memory_must(malloc(BLOCK_SIZE));
	writer->piece = memory_must(malloc(CDB_PIECE_SIZE));
	memset(writer->piece, 0, CDB_HEADER_SIZE);
	writer->piece_used = CDB_HEADER_SIZE;
	writer->index = cdb_index_open();
	writer->back = cdb_read_back_open();
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

	if (fchmod(fd, 0640) != 0) {
		err_sys(err, "write %s", path);
		cdb_writer_abandon(&writer);
	}
	return writer;
}

/* Once a write has failed, every later one does for the same reason. */
static void write_piece(struct cdb_writer *writer)
{
	const char *bytes = writer->piece;
	size_t len = writer->piece_used;

	while (len > 0 && writer->error == 0) {
		const ssize_t n = write(writer->fd, bytes, len);

		if (n >= 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (errno != EINTR) {
			writer->error = errno;
		}
	}
	writer->piece_used = 0;
}

static bool write_out(struct cdb_writer *writer, const char *bytes, size_t len)
{
	while (len > 0) {
		const size_t room = CDB_PIECE_SIZE - writer->piece_used;
		const size_t part = len < room ? len : room;

		memcpy(writer->piece + writer->piece_used, bytes, part);
		writer->piece_used += part;
		bytes += part;
		len -= part;
		if (part == room)
			write_piece(writer);
	}
	return writer->error == 0;
}

static void pack(char *out, size_t number)
{
	for (size_t i = 0; i < 4; i++)
		out[i] = (char)(unsigned char)(number >> (8 * i));
}

static size_t record_size(const char *record)
{
	const unsigned char *bytes = (const unsigned char *)record;

	return CDB_RECORD_SIZE + (size_t)cdb_layout_number(bytes) +
		cdb_layout_number(bytes + 4);
}

/* Some records of the block, from offset on; where the next one begins. */
static size_t index_batch(struct cdb_writer *writer, const struct block *block,
	size_t offset, size_t *count)
{
	struct slice keys[BATCH_SIZE] = { { NULL, 0 } };
	uint32_t positions[BATCH_SIZE];
	uint32_t hashes[BATCH_SIZE];
	size_t n = 0;

	while (offset < block->used && n < BATCH_SIZE) {
		const char *record = block->bytes + offset;

		keys[n] = (struct slice){ record + CDB_RECORD_SIZE,
			cdb_layout_number((const unsigned char *)record) };
		positions[n++] = block->position + (uint32_t)offset;
		offset += record_size(record);
	}
	cdb_layout_hashes(hashes, keys, n);
	for (size_t i = 0; i < n; i++)
		cdb_index_add(writer->index, hashes[i], positions[i]);
	*count += n;
	return offset;
}

/* Much of it is on the disk before anybody waits for that. */
static void begin_sync(struct cdb_writer *writer, const struct block *block)
{
	const uint32_t end = block->position + (uint32_t)block->used;

	if (end - writer->synced < SYNC_SIZE)
		return;
	sync_file_range(writer->fd, writer->synced, end - writer->synced,
		SYNC_FILE_RANGE_WRITE);
	writer->synced = end;
}

static void take_block(struct cdb_writer *writer, const struct block *block)
{
	size_t count = 0;

	for (size_t at = 0; at < block->used;)
		at = index_batch(writer, block, at, &count);
	if (count == 0)
		return;
	cdb_read_back_add(writer->back, block->position,
		(struct slice){ block->bytes, block->used }, count);
	writer->count += count;
	write_out(writer, block->bytes, block->used);
	if (writer->error == 0)
		begin_sync(writer, block);
}

static void take_full(void *context)
{
	struct cdb_writer *writer = context;

	take_block(writer, &writer->full);
}

/* The block that was full is written; false: it could not be. */
static bool settle(struct cdb_writer *writer)
{
	if (writer->beside != NULL)
		beside_wait(writer->beside);
	return writer->error == 0;
}

static void begin_block(struct cdb_writer *writer)
{
	writer->filling.used = 0;
	writer->filling.position = writer->end;
}

static bool flush(struct cdb_writer *writer)
{
	const struct block full = writer->filling;

	if (!settle(writer))
		return false;
	if (writer->beside == NULL) {
		writer->beside = beside_open(take_full, writer);
		writer->full.bytes = memory_must(malloc(BLOCK_SIZE));
	}
	writer->filling.bytes = writer->full.bytes;
	writer->full = full;
	begin_block(writer);
	beside_run(writer->beside);
	return true;
}

static void put_record(
	struct block *block, struct slice key, struct slice value)
{
	char *to = block->bytes + block->used;

	pack(to, key.len);
	pack(to + 4, value.len);
	to += CDB_RECORD_SIZE;
	memcpy(to, key.bytes, key.len);
	memcpy(to + key.len, value.bytes, value.len);
	block->used += CDB_RECORD_SIZE + key.len + value.len;
}

/* A record that is a block of its own. */
static bool put_large(struct cdb_writer *writer, struct slice key,
	struct slice value, size_t len)
{
	struct block block = { .position = writer->end };

	if (!flush(writer) || !settle(writer))
		return false;
	block.bytes = memory_must(malloc(len));
	put_record(&block, key, value);
	take_block(writer, &block);
	free(block.bytes);
	writer->filling.position = writer->end + (uint32_t)len;
	return writer->error == 0;
}

static bool append_record(struct cdb_writer *writer, struct slice key,
	struct slice value, size_t len)
{
	if (len > BLOCK_SIZE)
		return put_large(writer, key, value, len);
	if (len > BLOCK_SIZE - writer->filling.used && !flush(writer))
		return false;
	put_record(&writer->filling, key, value);
	return true;
}

static bool say_error(const struct cdb_writer *writer, struct err *err)
{
	errno = writer->error;
	return err_sys(err, "write %s", writer->path);
}

bool cdb_writer_add_slices(struct cdb_writer *writer, struct slice key,
	struct slice value, struct err *err)
{
	const size_t len = CDB_RECORD_SIZE + key.len + value.len;
	const uint64_t size = writer->size + len + CDB_SLOTS_SIZE;

	assert(value.len > 0);
	if (size > CDB_SIZE_MAX)
		return err_set(err,
			"write %s: more than 4 GiB, which no CDB map can hold",
			writer->path);
	if (!append_record(writer, key, value, len))
		return say_error(writer, err);
	writer->size = size;
	writer->end += (uint32_t)len;
	return true;
}

bool cdb_writer_add(struct cdb_writer *writer, const char *key,
	const char *value, struct err *err)
{
	return cdb_writer_add_slices(
		writer, slice_of(key), slice_of(value), err);
}

static bool write_rest(struct cdb_writer *writer)
{
	if (!settle(writer))
		return false;
	beside_close(&writer->beside);
	take_block(writer, &writer->filling);
	write_piece(writer);
	free(writer->piece);
	writer->piece = NULL;
	if (writer->error != 0)
		return false;
	if (!cdb_index_write(writer->index, writer->fd, writer->end))
		writer->error = errno;
	/* Its memory is not needed any more. */
	cdb_index_close(&writer->index);
	return writer->error == 0;
}

/* What is done with a file that is written. */
struct finish {
	struct cdb_writer *writer;
	struct err *err;
	bool is_sound;
};

static void read_back(void *context)
{
	struct finish *finish = context;
	const struct cdb_writer *writer = finish->writer;

	finish->is_sound =
		cdb_read_back_check(writer->back, writer->path, finish->err);
}

static void sync_file(void *context)
{
	struct cdb_writer *writer = context;

	if (fsync(writer->fd) != 0)
		writer->error = errno;
}

static void measure(void *context)
{
	struct cdb_writer *writer = context;

	measured_read(writer->measured, writer->fd, writer->name,
		(unsigned long)writer->count);
}

static void sync_and_measure(void *context)
{
	struct cdb_writer *writer = context;

	if (writer->measured == NULL)
		sync_file(writer);
	else
		side_by_side(measure, writer, sync_file, writer);
}

/* A large one is read back while the disk is at work. */
static bool finish_written(struct cdb_writer *writer, struct err *err)
{
	struct finish finish = { writer, err, false };

	if (writer->size > SIDE_BY_SIDE_BYTES) {
		side_by_side(read_back, &finish, sync_and_measure, writer);
	} else {
		read_back(&finish);
		sync_file(writer);
	}
	return finish.is_sound;
}

static bool finish(struct cdb_writer *writer, struct err *err)
{
	const bool is_sound = write_rest(writer) && finish_written(writer, err);

	if (close(writer->fd) != 0 && writer->error == 0)
		writer->error = errno;
	return writer->error == 0 ? is_sound : say_error(writer, err);
}

static void writer_free(struct cdb_writer **writer)
{
	beside_close(&(*writer)->beside);
	cdb_index_close(&(*writer)->index);
	cdb_read_back_close(&(*writer)->back);
	free((*writer)->filling.bytes);
	free((*writer)->full.bytes);
	free((*writer)->piece);
	free(*writer);
	*writer = NULL;
}

uint64_t cdb_writer_size(const struct cdb_writer *writer)
{
	return writer->size;
}

void cdb_writer_measure(
	struct cdb_writer *writer, const char *name, struct measured_file *out)
{
	writer->name = name;
	writer->measured = out;
}

bool cdb_writer_close(struct cdb_writer **writer, struct err *err)
{
	const bool is_good = finish(*writer, err);

	if (!is_good)
		unlink((*writer)->path);
	writer_free(writer);
	return is_good;
}

void cdb_writer_abandon(struct cdb_writer **writer)
{
	if (*writer == NULL)
		return;
	beside_close(&(*writer)->beside);
	unlink((*writer)->path);
	close((*writer)->fd);
	writer_free(writer);
}
