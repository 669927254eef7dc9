/*
 * A key's hash says which of the 256 tables has it (the low 8 bits) and from
 * which slot on (the rest); half of the slots stay empty.  What is added goes
 * at once to the list of its table, so that each table is made from one list,
 * in the cache, and written in order.  Slots are filled in the order of the
 * records, as libcdb does: the bytes are the same as its own.
 */
#include "snapshot/cdb_index.h"

#include "base/memory.h"
#include "base/side_by_side.h"
#include "snapshot/cdb_layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	CHUNK_ENTRIES = 255,
	/* Fewer are made before a second thread has begun. */
	SIDE_BY_SIDE_MIN = 100000,
};

struct entry {
	uint32_t hash;
	uint32_t position;
};

struct chunk {
	struct chunk *next;
	struct entry entries[CHUNK_ENTRIES];
};

struct list {
	struct chunk *first, *last;
	uint32_t count;
	unsigned room; /* in the last */
};

struct cdb_index {
	struct list lists[CDB_TABLES];
	size_t count;
};

struct cdb_index *cdb_index_open(void)
{
	return memory_must(calloc(1, sizeof(struct cdb_index)));
}

void cdb_index_close(struct cdb_index **index)
{
	if (*index == NULL)
		return;
	for (size_t i = 0; i < CDB_TABLES; i++) {
		struct chunk *chunk = (*index)->lists[i].first;

		while (chunk != NULL) {
			struct chunk *next = chunk->next;

			free(chunk);
			chunk = next;
		}
	}
	free(*index);
	*index = NULL;
}

static void extend(struct list *list)
{
	struct chunk *chunk = memory_must(malloc(sizeof *chunk));

	chunk->next = NULL;
	if (list->last == NULL)
		list->first = chunk;
	else
		list->last->next = chunk;
	list->last = chunk;
	list->room = CHUNK_ENTRIES;
}

void cdb_index_add(struct cdb_index *index, uint32_t hash, uint32_t position)
{
	struct list *list = &index->lists[hash % CDB_TABLES];

	if (list->room == 0)
		extend(list);
	list->last->entries[CHUNK_ENTRIES - list->room--] =
		(struct entry){ hash, position };
	list->count++;
	index->count++;
}

static void pack(unsigned char *out, uint32_t number)
{
	out[0] = (unsigned char)number;
	out[1] = (unsigned char)(number >> 8);
	out[2] = (unsigned char)(number >> 16);
	out[3] = (unsigned char)(number >> 24);
}

static bool is_taken(const unsigned char *slot)
{
	return (slot[4] | slot[5] | slot[6] | slot[7]) != 0;
}

static void put(unsigned char *table, uint32_t n_slots, struct entry entry)
{
	uint32_t at = (entry.hash >> 8) % n_slots;

	while (is_taken(table + (size_t)at * CDB_SLOT_SIZE))
		at = at + 1 == n_slots ? 0 : at + 1;
	pack(table + (size_t)at * CDB_SLOT_SIZE, entry.hash);
	pack(table + (size_t)at * CDB_SLOT_SIZE + 4, entry.position);
}

static void table_make(unsigned char *table, const struct list *list)
{
	uint32_t left = list->count;

	memset(table, 0, (size_t)list->count * CDB_SLOTS_SIZE);
	for (const struct chunk *at = list->first; at != NULL; at = at->next) {
		const uint32_t n = left < CHUNK_ENTRIES ? left : CHUNK_ENTRIES;

		for (uint32_t i = 0; i < n; i++)
			put(table, list->count * 2, at->entries[i]);
		left -= n;
	}
}

static bool write_at(int fd, const void *bytes, size_t len, uint64_t at)
{
	const char *rest = bytes;

	while (len > 0) {
		const ssize_t n = pwrite(fd, rest, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		rest += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return true;
}

/* Some of the tables, one behind the other. */
struct part {
	const struct cdb_index *index;
	size_t first, last; /* without the last */
	int fd;
	uint64_t at; /* where the first one begins */
	int error; /* 0 = written */
};

static size_t largest(const struct part *part)
{
	size_t most = 0;

	for (size_t i = part->first; i < part->last; i++) {
		const size_t count = part->index->lists[i].count;

		most = count > most ? count : most;
	}
	return most;
}

/* The pieces of the file that are whole, or all; what is left moves up. */
static bool write_pieces(
	struct part *part, unsigned char *bytes, size_t *used, bool is_last)
{
	const uint64_t end = part->at + *used;
	const uint64_t whole = is_last ? end : end - end % CDB_PIECE_SIZE;

	if (whole <= part->at)
		return true;
	const size_t len = (size_t)(whole - part->at);

	if (!write_at(part->fd, bytes, len, part->at)) {
		part->error = errno;
		return false;
	}
	*used -= len;
	memmove(bytes, bytes + len, *used);
	part->at = whole;
	return true;
}

static void write_part(void *context)
{
	struct part *part = context;
	const size_t most = largest(part) * CDB_SLOTS_SIZE;
	unsigned char *bytes = memory_must(malloc(CDB_PIECE_SIZE + most));
	size_t used = 0;
	bool is_written = true;

	for (size_t i = part->first; is_written && i < part->last; i++) {
		const struct list *list = &part->index->lists[i];

		table_make(bytes + used, list);
		used += (size_t)list->count * CDB_SLOTS_SIZE;
		is_written =
			write_pieces(part, bytes, &used, i + 1 == part->last);
	}
	free(bytes);
}

static bool write_tables(const struct cdb_index *index, int fd, uint32_t end)
{
	uint64_t middle = end;

	for (size_t i = 0; i < CDB_TABLES / 2; i++)
		middle += (uint64_t)index->lists[i].count * CDB_SLOTS_SIZE;
	struct part low = { index, 0, CDB_TABLES / 2, fd, end, 0 };
	struct part high = { index, CDB_TABLES / 2, CDB_TABLES, fd, middle, 0 };

	if (index->count < SIDE_BY_SIDE_MIN) {
		write_part(&low);
		write_part(&high);
	} else {
		side_by_side(write_part, &low, write_part, &high);
	}
	errno = low.error != 0 ? low.error : high.error;
	return errno == 0;
}

bool cdb_index_write(const struct cdb_index *index, int fd, uint32_t end)
{
	unsigned char header[CDB_HEADER_SIZE];
	uint32_t at = end;

	for (size_t i = 0; i < CDB_TABLES; i++) {
		const uint32_t count = index->lists[i].count;

		pack(header + i * 8, at);
		pack(header + i * 8 + 4, count * 2);
		at += count * CDB_SLOTS_SIZE;
	}
	return write_tables(index, fd, end) &&
		write_at(fd, header, sizeof header, 0);
}
