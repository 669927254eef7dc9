/*
 * One file for both maps, so that neither of them nor the sums can be
 * another generation's unseen.  Blocks are small, for a look-up verifies
 * two or three of them; a damaged sum makes a sound block unreadable, never
 * a damaged one sound.
 */
#include "snapshot/sums.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "snapshot/files.h"
#include "snapshot/measured.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 2, HEADER_SIZE = 32, SUM_SIZE = 8, LANES = 4, CHUNK = 1 << 17 };

static const char *const names[FILES] = { FILES_POLICY,
	FILES_RELAY_RECIPIENTS };
static const char magic[SUM_SIZE + 1] = "pssums1\n";

struct sums {
	struct extent all; /* the mapped file */
	struct sums_list lists[FILES];
};

/* XXH64, of one length. */

static const uint64_t prime_1 = 0x9E3779B185EBCA87U;
static const uint64_t prime_2 = 0xC2B2AE3D27D4EB4FU;
static const uint64_t prime_3 = 0x165667B19E3779F9U;
static const uint64_t prime_4 = 0x85EBCA77C2B2AE63U;

static inline uint64_t turn(uint64_t value, unsigned bits)
{
	return (value << bits) | (value >> (64 - bits));
}

static inline uint64_t load(const unsigned char *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof value);
	return le64toh(value);
}

static inline uint64_t mix(uint64_t lane, uint64_t word)
{
	return turn(lane + word * prime_2, 31) * prime_1;
}

static inline uint64_t merge(uint64_t sum, uint64_t lane)
{
	return (sum ^ mix(0, lane)) * prime_1 + prime_4;
}

static uint64_t sum_of(const unsigned char *block, uint64_t seed)
{
	uint64_t a = seed + prime_1 + prime_2;
	uint64_t b = seed + prime_2;
	uint64_t c = seed;
	uint64_t d = seed - prime_1;

	for (int i = 0; i < SUMS_BLOCK; i += LANES * SUM_SIZE) {
		a = mix(a, load(block + i));
		b = mix(b, load(block + i + 8));
		c = mix(c, load(block + i + 16));
		d = mix(d, load(block + i + 24));
	}
	uint64_t sum = turn(a, 1) + turn(b, 7) + turn(c, 12) + turn(d, 18);

	sum = merge(merge(merge(merge(sum, a), b), c), d) + SUMS_BLOCK;
	sum = (sum ^ (sum >> 33)) * prime_2;
	sum = (sum ^ (sum >> 29)) * prime_3;
	return sum ^ (sum >> 32);
}

/* Of fewer bytes than a block, filled up. */
static uint64_t sum_of_rest(
	const unsigned char *bytes, size_t len, uint64_t seed)
{
	unsigned char block[SUMS_BLOCK] = { 0 };

	assert(len < sizeof block);
	memcpy(block, bytes, len);
	return sum_of(block, seed);
}

static uint64_t blocks_in(uint64_t size)
{
	return (size + SUMS_BLOCK - 1) / SUMS_BLOCK;
}

/* Writing. */

static void add_number(struct text *text, uint64_t number)
{
	const uint64_t bytes = htole64(number);

	text_add(text, (const char *)&bytes, sizeof bytes);
}

bool sums_are_of(const char *name)
{
	return strcmp(name, names[0]) == 0 || strcmp(name, names[1]) == 0;
}

void sums_add(struct text *sums, struct slice bytes, uint64_t number)
{
	const unsigned char *at = (const unsigned char *)bytes.bytes;
	size_t left = bytes.len;

	for (; left >= SUMS_BLOCK; left -= SUMS_BLOCK, at += SUMS_BLOCK)
		add_number(sums, sum_of(at, number++));
	if (left > 0)
		add_number(sums, sum_of_rest(at, left, number));
}

static bool add_read(struct text *sums, int fd)
{
	char *chunk = memory_must(malloc(CHUNK));
	uint64_t number = 0;
	ssize_t len;

	/* Whole blocks at a time but at the end. */
	while ((len = file_fill(fd, chunk, CHUNK)) > 0) {
		sums_add(sums, (struct slice){ chunk, (size_t)len }, number);
		number += CHUNK / SUMS_BLOCK;
	}
	free(chunk);
	return len == 0;
}

/* What is written. */
struct writing {
	const struct measured *measured;
	struct text out;
	uint64_t sizes[FILES];
};

static bool add_file(
	struct writing *writing, int file, const char *path, struct err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const struct measured_file *known;
	struct stat status;

	if (fd < 0)
		return err_sys(err, "open %s", path);
	bool is_read = fstat(fd, &status) == 0;

	if (is_read) {
		known = measured_find(writing->measured, names[file], &status);
		writing->sizes[file] = (uint64_t)status.st_size;
		if (known != NULL)
			text_add(&writing->out, known->sums.data,
				known->sums.len);
		else
			is_read = add_read(&writing->out, fd);
	}
	if (!is_read)
		err_sys(err, "read %s", path);
	close(fd);
	return is_read;
}

/* Into the room that was left for it. */
static void fill_header(struct text *out, const uint64_t sizes[FILES])
{
	struct text header = { 0 };

	text_add(&header, magic, SUM_SIZE);
	for (int i = 0; i < FILES; i++)
		add_number(&header, sizes[i]);
	add_number(&header,
		sum_of_rest((const unsigned char *)header.data,
			HEADER_SIZE - SUM_SIZE, UINT64_MAX));
	memcpy(out->data, header.data, HEADER_SIZE);
	text_fini(&header);
}

bool sums_write(
	const char *folder, const struct measured *measured, struct err *err)
{
	static const char room[HEADER_SIZE];
	struct arena *arena = arena_open();
	struct writing writing = { .measured = measured };
	bool is_read = true;

	text_add(&writing.out, room, sizeof room);
	for (int i = 0; is_read && i < FILES; i++)
		is_read = add_file(&writing, i,
			arena_printf(arena, "%s/%s", folder, names[i]), err);
	fill_header(&writing.out, writing.sizes);
	const bool is_written = is_read &&
		files_replace(arena_printf(arena, "%s/" FILES_SUMS, folder),
			&writing.out, err);

	text_fini(&writing.out);
	arena_close(&arena);
	return is_written;
}

/* Reading. */

/* What the header says, where the file has the size that goes with it. */
static bool header_parse(struct sums *sums, const unsigned char *header,
	const struct extent *all)
{
	uint64_t offset = HEADER_SIZE;

	if (memcmp(header, magic, SUM_SIZE) != 0 ||
		load(header + HEADER_SIZE - SUM_SIZE) !=
			sum_of_rest(header, HEADER_SIZE - SUM_SIZE, UINT64_MAX))
		return false;
	for (int i = 0; i < FILES; i++) {
		struct sums_list *list = &sums->lists[i];

		list->size = load(header + SUM_SIZE * (i + 1));
		list->sums.bytes = all->bytes + offset;
		list->sums.size = blocks_in(list->size) * SUM_SIZE;
		offset += list->sums.size;
	}
	return offset == all->size;
}

/* By read(2): what can not be read is an error there, not a signal. */
static bool sums_init(
	struct sums *sums, int fd, const char *path, struct err *err)
{
	unsigned char header[HEADER_SIZE];
	const ssize_t n = pread(fd, header, sizeof header, 0);
	struct stat status;

	if (n < 0 || fstat(fd, &status) != 0)
		return err_sys(err, "read %s", path);
	if (n != sizeof header)
		return err_set(err, "%s: damaged: cut short", path);
	const size_t size = (size_t)status.st_size;
	void *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);

	if (bytes == MAP_FAILED)
		return err_sys(err, "map %s", path);
	sums->all = (struct extent){ bytes, size };
	return header_parse(sums, header, &sums->all) ||
		err_set(err, "%s: damaged", path);
}

static bool open_path(struct sums **out, const char *path, struct err *err)
{
	/* Of a pipe pread() fails; without O_NONBLOCK open() waits for it. */
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return errno == ENOENT || err_sys(err, "open %s", path);
	struct sums *sums = memory_must(calloc(1, sizeof *sums));

	if (sums_init(sums, fd, path, err))
		*out = sums;
	else
		sums_close(&sums);
	close(fd); /* the mapping stays */
	return *out != NULL;
}

bool sums_open(struct sums **out, const char *folder, struct err *err)
{
	struct arena *arena = arena_open();

	*out = NULL;
	const bool is_open = open_path(
		out, arena_printf(arena, "%s/" FILES_SUMS, folder), err);

	arena_close(&arena);
	return is_open;
}

void sums_close(struct sums **sums)
{
	if (*sums == NULL)
		return;
	if ((*sums)->all.size > 0)
		munmap((void *)(*sums)->all.bytes, (*sums)->all.size);
	free(*sums);
	*sums = NULL;
}

struct sums_list sums_of(const struct sums *sums, const char *name)
{
	const bool is_first = strcmp(name, names[0]) == 0;

	assert(is_first || strcmp(name, names[1]) == 0);
	return sums->lists[is_first ? 0 : 1];
}

bool sums_hold(
	const struct sums_list *list, const unsigned char *file, uint64_t block)
{
	const uint64_t offset = block * SUMS_BLOCK;
	const uint64_t expected = load(list->sums.bytes + block * SUM_SIZE);

	assert(offset < list->size);
	if (list->size - offset >= SUMS_BLOCK)
		return sum_of(file + offset, block) == expected;
	return sum_of_rest(file + offset, list->size - offset, block) ==
		expected;
}
