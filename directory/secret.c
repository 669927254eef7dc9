/*
 * Read straight into the arena, so that there is one copy and the caller can
 * wipe it.  An empty password is refused: a server would take the bind for
 * an anonymous one and show whatever anybody may see (RFC 4513 section
 * 5.1.2), which is a short list and no failure.
 */
#include "directory/secret.h"

#include "base/arena.h"
#include "base/file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_MAX = 4096 };

static bool check_file(int fd, const char *path, struct err *err)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return err_sys(err, "read %s", path);
	if (!S_ISREG(status.st_mode))
		return err_set(err, "read %s: not a regular file", path);
	if ((status.st_mode & S_IRWXO) != 0)
		return err_set(err,
			"%s holds a password and is open to everybody "
			"(mode %04o): chmod o= %s",
			path, status.st_mode & 07777U, path);
	return true;
}

/* The first line's end becomes the text's. */
static bool cut_line(char *bytes, size_t len, const char *path, struct err *err)
{
	const char *end = memchr(bytes, '\n', len);
	size_t line = end == NULL ? len : (size_t)(end - bytes);

	if (end == NULL && len > SECRET_MAX)
		return err_set(err,
			"%s: its first line is longer than %d bytes", path,
			SECRET_MAX);
	if (line > 0 && bytes[line - 1] == '\r')
		line--;
	explicit_bzero(bytes + line, len - line);
	if (memchr(bytes, '\0', line) != NULL)
		return err_set(err, "%s: a NUL in its first line", path);
	if (line == 0)
		return err_set(err,
			"%s: its first line is empty, and should be the "
			"password",
			path);
	return true;
}

static bool read_line(char *bytes, int fd, const char *path, struct err *err)
{
	if (!check_file(fd, path, err))
		return false;
	const ssize_t len = file_fill(fd, bytes, SECRET_MAX + 1);

	if (len < 0)
		return err_sys(err, "read %s", path);
	return cut_line(bytes, (size_t)len, path, err);
}

const char *secret_read(const char *path, struct arena *arena, struct err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		err_sys(err, "open %s", path);
		return NULL;
	}
	char *bytes = arena_alloc(arena, SECRET_MAX + 2);
	const bool is_read = read_line(bytes, fd, path, err);

	close(fd);
	if (is_read)
		return bytes;
	explicit_bzero(bytes, SECRET_MAX + 1);
	return NULL;
}
