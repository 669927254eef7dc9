/*
 * A file is the same by its inode, size and time: what was put in its place
 * or written since is another.
 */
#include "snapshot/measured.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_SIZE = 128 * 1024 };

static bool add_fd(struct digest *digest, int fd)
{
	char *chunk = memory_must(malloc(CHUNK_SIZE));
	off_t at = 0;
	ssize_t n;

	do {
		n = pread(fd, chunk, CHUNK_SIZE, at);
		if (n > 0) {
			digest_add(digest, chunk, (size_t)n);
			at += n;
		}
	} while (n > 0 || (n < 0 && errno == EINTR));
	free(chunk);
	return n == 0;
}

bool measured_read(struct measured_file *out, int fd, const char *name,
	unsigned long records)
{
	struct digest *digest = digest_open(NULL);
	struct arena *arena = arena_open();

	*out = (struct measured_file){ .records = records };
	if (digest != NULL && fstat(fd, &out->status) == 0 &&
		add_fd(digest, fd)) {
		snprintf(out->digest, sizeof out->digest, "%s",
			digest_format(digest, arena));
		out->name = name;
	}
	if (digest != NULL)
		digest_close(&digest);
	arena_close(&arena);
	return out->name != NULL;
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
