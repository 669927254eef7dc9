/*
 * By read(2), never by mmap: one of the files may be damaged, on a disk that
 * fails, and that is then an error and no signal.
 */
#include "snapshot/same_bytes.h"

#include "base/file.h"
#include "base/memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_SIZE = 128 * 1024 };

static bool compare(int fd, int other, char *chunks)
{
	for (;;) {
		const ssize_t a = file_fill(fd, chunks, CHUNK_SIZE);
		const ssize_t b =
			file_fill(other, chunks + CHUNK_SIZE, CHUNK_SIZE);

		if (a < 0 || a != b ||
			memcmp(chunks, chunks + CHUNK_SIZE, (size_t)a) != 0)
			return false;
		if (a < CHUNK_SIZE)
			return true;
	}
}

static bool compare_open(int fd, int other)
{
	struct stat a, b;

	if (fd < 0 || other < 0 || fstat(fd, &a) != 0 ||
		fstat(other, &b) != 0 || !S_ISREG(a.st_mode) ||
		!S_ISREG(b.st_mode) || a.st_size != b.st_size)
		return false;
	char *chunks = memory_must(malloc(CHUNK_SIZE * 2));
	const bool are_same = compare(fd, other, chunks);

	free(chunks);
	return are_same;
}

bool same_bytes(const char *path, const char *other)
{
	/* For a pipe open() would wait otherwise. */
	const int a = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const int b = open(other, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const bool are_same = compare_open(a, b);

	if (a >= 0)
		close(a);
	if (b >= 0)
		close(b);
	return are_same;
}
