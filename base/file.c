/* Every call is checked, close and fsync too: a full disk speaks there. */
#include "base/file.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

ssize_t file_fill(int fd, char *bytes, size_t room)
{
	size_t len = 0;

	while (len < room) {
		const ssize_t n = read(fd, bytes + len, room - len);

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

static bool read_whole(int fd, char *bytes, size_t size)
{
	const ssize_t len = file_fill(fd, bytes, size);

	if (len >= 0 && (size_t)len < size)
		errno = EIO; /* shorter than a moment ago */
	return len >= 0 && (size_t)len == size;
}

/* Of a size that there is memory for. */
static char *read_into(struct arena *arena, int fd, size_t size,
	const char *path, struct err *err)
{
	char *bytes = arena_alloc(arena, size + 1);

	if (read_whole(fd, bytes, size))
		return bytes;
	err_sys(err, "read %s", path);
	return NULL;
}

char *file_read_at_most(size_t most, const char *path, size_t *len,
	struct arena *arena, struct err *err)
{
	struct stat status;
	/* A pipe is refused below; without O_NONBLOCK open() waits for it. */
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		err_sys(err, "open %s", path);
		return NULL;
	}
	char *bytes = NULL;

	if (fstat(fd, &status) != 0) {
		err_sys(err, "read %s", path);
	} else if (!S_ISREG(status.st_mode)) {
		err_set(err, "read %s: not a regular file", path);
	} else if ((size_t)status.st_size > most) {
		err_set(err, "read %s: %zu bytes, at most %zu are expected",
			path, (size_t)status.st_size, most);
	} else {
		*len = (size_t)status.st_size;
		bytes = read_into(arena, fd, *len, path, err);
	}
	close(fd);
	return bytes;
}

char *file_read(
	const char *path, size_t *len, struct arena *arena, struct err *err)
{
	return file_read_at_most(SIZE_MAX, path, len, arena, err);
}

char *file_read_small(
	const char *path, size_t *len, struct arena *arena, struct err *err)
{
	return file_read_at_most(FILE_SMALL_MAX, path, len, arena, err);
}

bool file_write(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		const ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

bool file_share(int fd, const char *folder)
{
	struct stat status;

	if (stat(folder, &status) != 0)
		return false;
	/*
	 * Refused to someone who is neither root nor of that group.  Root
	 * leaves files to the owner of the folder, who could not touch or
	 * replace root's in his turn.
	 */
	return fchown(fd, geteuid() == 0 ? status.st_uid : (uid_t)-1,
		       status.st_gid) == 0 ||
		errno == EPERM || errno == EINVAL;
}

void file_fill_stdio(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

bool file_sync(const char *path, struct err *err)
{
	/* For a pipe open() would wait otherwise. */
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_sys(err, "open %s", path);
	if (fsync(fd) != 0) {
		err_sys(err, "fsync %s", path);
		close(fd);
		return false;
	}
	close(fd);
	return true;
}

int file_create(const char *path, mode_t mode)
{
	if (unlink(path) != 0 && errno != ENOENT)
		return -1;
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
}

/* What a file is to be. */
struct content {
	const char *bytes;
	size_t len;
	mode_t mode;
	bool is_shared; /* as file_share() has it */
};

static const char *folder_of(char out[PATH_MAX], const char *path)
{
	memcpy(out, path, strlen(path) + 1);
	return dirname(out);
}

/* Given away before anything stands in it. */
static bool fill(int fd, const char *path, const struct content *content,
	struct err *err)
{
	char folder[PATH_MAX];

	if (content->is_shared && !file_share(fd, folder_of(folder, path)))
		return err_sys(err, "chgrp %s", path);
	return (fchmod(fd, content->mode) == 0 &&
		       file_write(fd, content->bytes, content->len) &&
		       fsync(fd) == 0) ||
		err_sys(err, "write %s", path);
}

static bool write_new(
	const char *path, const struct content *content, struct err *err)
{
	const int fd = file_create(path, content->mode);

	if (fd < 0)
		return err_sys(err, "create %s", path);
	if (!fill(fd, path, content, err)) {
		close(fd);
		return false;
	}
	if (close(fd) != 0)
		return err_sys(err, "write %s", path);
	return true;
}

static bool replace(
	const char *path, const struct content *content, struct err *err)
{
	char temporary[PATH_MAX];
	char folder[PATH_MAX];
	const int n = snprintf(temporary, sizeof temporary, "%s.tmp", path);

	if (n < 0 || (size_t)n >= sizeof temporary)
		return err_set(err, "%s: the path is too long", path);
	if (!write_new(temporary, content, err)) {
		unlink(temporary);
		return false;
	}
	if (rename(temporary, path) != 0) {
		err_sys(err, "rename %s to %s", temporary, path);
		unlink(temporary);
		return false;
	}
	return file_sync(folder_of(folder, path), err);
}

bool file_replace(const char *path, const char *bytes, size_t len, mode_t mode,
	struct err *err)
{
	return replace(path, &(struct content){ bytes, len, mode, false }, err);
}

bool file_replace_shared(const char *path, const char *bytes, size_t len,
	mode_t mode, struct err *err)
{
	return replace(path, &(struct content){ bytes, len, mode, true }, err);
}
