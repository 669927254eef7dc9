/*
 * The records are remembered by sections of the file, as they were written: as
 * a number of records and a digest each, so that two threads can read
 * different sections.  They take them in order, hence the first fault of the
 * file is always seen and told, whoever meets another one earlier.
 */
#include "snapshot/cdb_read_back.h"

#include "base/memory.h"
#include "base/side_by_side.h"
#include "snapshot/bus_error.h"
#include "snapshot/cdb_layout.h"

#include <cdb.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	BATCH_SIZE = 8, /* more at once, and some are not fetched */
	LANES = 8,
	STRIPE = LANES * 8, /* bytes */
};

struct section {
	uint32_t position; /* of its first record */
	size_t count;
	uint64_t digest; /* of their bytes */
};

struct cdb_read_back {
	struct section *sections;
	size_t n_sections, room;
	size_t count; /* of records */
};

static uint64_t fold(uint64_t lane, const char *bytes)
{
	const uint64_t prime = 0x9E3779B97F4A7C15U;
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	lane = (lane ^ word) * prime;
	return lane ^ (lane >> 32);
}

/*
 * Tells bytes that came back from the disk changed; no more than that, so it
 * takes eight words at a time.
 */
static uint64_t digest_of(struct slice slice)
{
	uint64_t lanes[LANES] = { 1, 2, 3, 4, 5, 6, 7, slice.len };
	char rest[STRIPE] = { 0 };
	const char *at = slice.bytes;
	size_t left = slice.len;

	for (; left >= STRIPE; left -= STRIPE, at += STRIPE)
		for (size_t i = 0; i < LANES; i++)
			lanes[i] = fold(lanes[i], at + i * sizeof *lanes);
	memcpy(rest, at, left);
	for (size_t i = 0; i < LANES; i++)
		lanes[i] = fold(lanes[i], rest + i * sizeof *lanes);
	for (size_t i = 1; i < LANES; i++)
		lanes[0] = fold(lanes[0], (const char *)&lanes[i]);
	return lanes[0];
}

struct cdb_read_back *cdb_read_back_open(void)
{
	return memory_must(calloc(1, sizeof(struct cdb_read_back)));
}

void cdb_read_back_close(struct cdb_read_back **back)
{
	if (*back == NULL)
		return;
	free((*back)->sections);
	free(*back);
	*back = NULL;
}

void cdb_read_back_add(struct cdb_read_back *back, uint32_t position,
	struct slice records, size_t count)
{
	if (back->n_sections == back->room) {
		back->room = back->room == 0 ? 4 : 2 * back->room;
		back->sections = memory_must(reallocarray(
			back->sections, back->room, sizeof *back->sections));
	}
	back->sections[back->n_sections++] =
		(struct section){ position, count, digest_of(records) };
	back->count += count;
}

/* What both threads know. */
struct check {
	const struct cdb_read_back *back;
	const struct cdb *cdb;
	const char *path;
	atomic_size_t next; /* section that nobody has read */
};

/* What one of them has found. */
struct seen {
	struct check *check;
	struct cdb cdb; /* of its own: libcdb keeps in it where it is */
	size_t index; /* of the section that it reads */
	size_t n_records; /* that came back of it */
	size_t failed_at; /* the section of err; SIZE_MAX = none */
	struct err err;
};

/* Whether the key leads to this very record. */
static bool record_check(
	struct seen *seen, struct slice key, struct slice value)
{
	const char *path = seen->check->path;

	if (cdb_find(&seen->cdb, key.bytes, (unsigned)key.len) <= 0)
		return err_set(&seen->err,
			"%s: read back wrong: \"%.*s\" is not found", path,
			(int)key.len, key.bytes);
	if (cdb_getdata(&seen->cdb) != (const void *)value.bytes)
		return err_set(&seen->err, "%s: \"%.*s\" is there twice", path,
			(int)key.len, key.bytes);
	seen->n_records++;
	return true;
}

/* The record at *position, which moves on; false: it reaches past the end. */
static bool record_read(const struct cdb *cdb, uint32_t *position,
	struct slice *key, struct slice *value)
{
	const unsigned char *record = cdb->cdb_mem + *position;
	uint32_t room = cdb->cdb_dend - *position;

	if (room < CDB_RECORD_SIZE)
		return false;
	room -= CDB_RECORD_SIZE;
	key->len = cdb_layout_number(record);
	value->len = cdb_layout_number(record + 4);
	if (key->len > room || value->len > room - key->len)
		return false;
	key->bytes = (const char *)record + CDB_RECORD_SIZE;
	value->bytes = key->bytes + key->len;
	*position += (uint32_t)(CDB_RECORD_SIZE + key->len + value->len);
	return true;
}

/* A few records, so that what the search of each needs is on its way. */
struct batch {
	struct slice keys[BATCH_SIZE], values[BATCH_SIZE];
	size_t count;
};

/* Where libcdb will look first; only the processor's cache hears of it. */
static void prefetch_slots(const struct cdb *cdb, const struct batch *batch)
{
	uint32_t hashes[BATCH_SIZE];

	cdb_layout_hashes(hashes, batch->keys, batch->count);
	for (size_t i = 0; i < batch->count; i++) {
		const unsigned char *table =
			cdb->cdb_mem + hashes[i] % CDB_TABLES * 8;
		const uint32_t n_slots = cdb_layout_number(table + 4);

		if (n_slots > 0)
			__builtin_prefetch(cdb->cdb_mem +
				cdb_layout_number(table) +
				(size_t)((hashes[i] >> 8) % n_slots) *
					CDB_SLOT_SIZE);
	}
}

/* Fewer than there is room for: the section ends, or a record is broken. */
static void batch_read(struct batch *batch, const struct cdb *cdb,
	uint32_t *position, uint32_t to)
{
	batch->count = 0;
	while (*position < to && batch->count < BATCH_SIZE &&
		record_read(cdb, position, &batch->keys[batch->count],
			&batch->values[batch->count]))
		batch->count++;
	prefetch_slots(cdb, batch);
}

/* One batch is searched for while what the next needs is on its way. */
static bool records_check(struct seen *seen, uint32_t from, uint32_t to)
{
	uint32_t position = from;
	struct batch batches[2];
	struct batch *batch = &batches[0], *next = &batches[1];

	batch_read(batch, &seen->cdb, &position, to);
	while (batch->count > 0) {
		struct batch *const searched = batch;

		batch_read(next, &seen->cdb, &position, to);
		for (size_t i = 0; i < batch->count; i++)
			if (!record_check(
				    seen, batch->keys[i], batch->values[i]))
				return false;
		batch = next;
		next = searched;
	}
	return position >= to;
}

static bool section_check(struct seen *seen, size_t index)
{
	const struct check *check = seen->check;
	const struct section *section = &check->back->sections[index];
	const uint32_t dend = check->cdb->cdb_dend;
	const bool is_last = index + 1 == check->back->n_sections;
	const uint32_t end = is_last ? dend : section[1].position;
	const uint32_t from = section->position;

	seen->n_records = 0;
	if (end <= dend && records_check(seen, from, end) &&
		seen->n_records == section->count &&
		digest_of((struct slice){
			(const char *)seen->cdb.cdb_mem + from, end - from }) ==
			section->digest)
		return true;
	return seen->err.text[0] != '\0'
		? false
		: err_set(&seen->err,
			  "%s: read back wrong: %zu of %zu records from byte "
			  "%lu on, or not as written",
			  check->path, seen->n_records, section->count,
			  (unsigned long)from);
}

static void sections_read(void *context)
{
	struct seen *seen = context;
	struct check *check = seen->check;

	while ((seen->index = atomic_fetch_add(&check->next, 1)) <
		check->back->n_sections) {
		if (!section_check(seen, seen->index)) {
			seen->failed_at = seen->index;
			return;
		}
	}
	seen->failed_at = SIZE_MAX;
}

/* Pages that had no room in memory are read from a disk that may fail. */
static void sections_check(void *context)
{
	struct seen *seen = context;
	const struct extent extents[BUS_ERROR_EXTENTS] = { { seen->cdb.cdb_mem,
		seen->cdb.cdb_fsize } };

	if (bus_error_guard(extents, sections_read, seen))
		return;
	seen->failed_at = seen->index;
	err_set(&seen->err, "%s: can not be read back", seen->check->path);
}

static bool check_all(struct check *check, struct err *err)
{
	struct seen one = { .check = check, .cdb = *check->cdb };
	struct seen other = { .check = check, .cdb = *check->cdb };

	if (check->cdb->cdb_fsize < SIDE_BY_SIDE_BYTES) {
		sections_check(&one);
		other.failed_at = SIZE_MAX;
	} else {
		side_by_side(sections_check, &one, sections_check, &other);
	}
	const struct seen *first = one.failed_at <= other.failed_at ? &one
								    : &other;

	return first->failed_at == SIZE_MAX ||
		err_set(err, "%s", first->err.text);
}

/* Half of the slots are empty: the tables say how many records there are. */
static bool count_check(const struct check *check, struct err *err)
{
	const struct cdb *cdb = check->cdb;
	const size_t size = cdb->cdb_fsize - cdb->cdb_dend;

	return size == check->back->count * CDB_SLOTS_SIZE ||
		err_set(err, "%s: read back wrong: not %zu records",
			check->path, check->back->count);
}

static bool mapped_check(const struct cdb_read_back *back, int fd,
	const char *path, struct err *err)
{
	struct cdb cdb;

	if (cdb_init(&cdb, fd) != 0)
		return err_sys(err, "read back %s", path);
	struct check check = { back, &cdb, path, 0 };

	/* All pages at once, not one by one; where it can not, they come. */
	madvise((void *)cdb.cdb_mem, cdb.cdb_fsize, MADV_POPULATE_READ);
	const bool is_sound =
		count_check(&check, err) && check_all(&check, err);

	cdb_free(&cdb);
	return is_sound;
}

bool cdb_read_back_check(
	const struct cdb_read_back *back, const char *path, struct err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "open %s", path);
	const bool is_sound = mapped_check(back, fd, path, err);

	close(fd);
	return is_sound;
}
