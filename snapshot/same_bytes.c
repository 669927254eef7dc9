/*
 * By read(2), never by mmap: one of the files may be damaged, on a disk that
 * fails, and that is then an error and no signal.
 */
#include "snapshot/same_bytes.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_SIZE = 128 * 1024 };

/* As many as the chunk takes, or all that are left; -1 with errno. */
static ssize_t fill(int fd, char *chunk)
{
	size_t len = 0;

	while (len < CHUNK_SIZE) {
		const ssize_t n = read(fd, chunk + len, CHUNK_SIZE - len);

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

static bool compare(int fd, int other, char *chunks)
{
	for (;;) {
		const ssize_t a = fill(fd, chunks);
		const ssize_t b = fill(other, chunks + CHUNK_SIZE);

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
		fstat(other, &b) != 0 || a.st_size != b.st_size)
		return false;
	char *chunks = memory_must(malloc(CHUNK_SIZE * 2));
	const bool are_same = compare(fd, other, chunks);

	free(chunks);
	return are_same;
}

bool same_bytes(const char *path, const char *other)
{
	const int a = open(path, O_RDONLY | O_CLOEXEC);
	const int b = open(other, O_RDONLY | O_CLOEXEC);
	const bool are_same = compare_open(a, b);

	if (a >= 0)
		close(a);
	if (b >= 0)
		close(b);
	return are_same;
}
