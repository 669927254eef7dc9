/*
 * A file is the same by its inode, size and time: what was put in its place
 * or written since is another.
 */
#include "snapshot/measured.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/memory.h"
#include "snapshot/sums.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_SIZE = 128 * 1024 };

/* As many bytes as there is room for, or all that are left; -1, errno. */
static ssize_t fill_from(int fd, char *chunk, off_t at)
{
	size_t len = 0;

	while (len < CHUNK_SIZE) {
		const ssize_t n = pread(
			fd, chunk + len, CHUNK_SIZE - len, at + (off_t)len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* sums may be NULL. */
static bool add_fd(struct digest *digest, struct text *sums, int fd)
{
	char *chunk = memory_must(malloc(CHUNK_SIZE));
	off_t at = 0;
	ssize_t n;

	_Static_assert(CHUNK_SIZE % SUMS_BLOCK == 0, "whole blocks");
	while ((n = fill_from(fd, chunk, at)) > 0) {
		digest_add(digest, chunk, (size_t)n);
		if (sums != NULL)
			sums_add(sums, (struct slice){ chunk, (size_t)n },
				(uint64_t)at / SUMS_BLOCK);
		at += n;
	}
	free(chunk);
	return n == 0;
}

bool measured_read(struct measured_file *out, int fd, const char *name,
	unsigned long records)
{
	struct digest *digest = digest_open(NULL);
	struct arena *arena = arena_open();
	struct text *sums = sums_are_of(name) ? &out->sums : NULL;

	*out = (struct measured_file){ .records = records };
	if (digest != NULL && fstat(fd, &out->status) == 0 &&
		add_fd(digest, sums, fd)) {
		snprintf(out->digest, sizeof out->digest, "%s",
			digest_format(digest, arena));
		out->name = name;
	}
	if (digest != NULL)
		digest_close(&digest);
	arena_close(&arena);
	return out->name != NULL;
}

void measured_fini(struct measured *measured)
{
	for (size_t i = 0; i < measured->count; i++)
		text_fini(&measured->files[i].sums);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
		a->st_size == b->st_size &&
		a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
		a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

const struct measured_file *measured_find(const struct measured *measured,
	const char *name, const struct stat *status)
{
	for (size_t i = 0; measured != NULL && i < measured->count; i++) {
		const struct measured_file *file = &measured->files[i];

		if (file->name != NULL && strcmp(file->name, name) == 0)
			return is_same(&file->status, status) ? file : NULL;
	}
	return NULL;
}
