/* The calls that files are made, read and put in place by. */
#ifndef TESTS_UNIT_FAILING_FILE_CALLS_H
#define TESTS_UNIT_FAILING_FILE_CALLS_H

#include "tests/unit/failing_calls.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

FAILING_CALL(int, -1, fchmod, (int fd, mode_t mode), (fd, mode))
FAILING_CALL(int, -1, fchmodat,
	(int folder, const char *path, mode_t mode, int flags),
	(folder, path, mode, flags))
FAILING_CALL(int, -1, lstat,
	(const char *restrict path, struct stat *restrict out), (path, out))
FAILING_CALL(int, -1, lchown, (const char *path, uid_t user, gid_t group),
	(path, user, group))
FAILING_CALL(int, -1, rename, (const char *from, const char *to), (from, to))
FAILING_CALL(int, -1, unlink, (const char *path), (path))
FAILING_CALL(int, -1, rmdir, (const char *path), (path))
FAILING_CALL(int, -1, mkdir, (const char *path, mode_t mode), (path, mode))
FAILING_CALL(char *, NULL, mkdtemp, (char *path), (path))
FAILING_CALL(int, -1, symlink, (const char *to, const char *path), (to, path))
FAILING_CALL(ssize_t, -1, readlink,
	(const char *restrict path, char *restrict out, size_t size),
	(path, out, size))
FAILING_CALL(int, -1, stat,
	(const char *restrict path, struct stat *restrict out), (path, out))
FAILING_CALL(int, -1, fstat, (int fd, struct stat *out), (fd, out))
FAILING_CALL(int, -1, flock, (int fd, int how), (fd, how))
FAILING_CALL(int, -1, ftruncate, (int fd, off_t len), (fd, len))
FAILING_CALL(
	ssize_t, -1, read, (int fd, void *out, size_t size), (fd, out, size))
FAILING_CALL(ssize_t, -1, write, (int fd, const void *bytes, size_t len),
	(fd, bytes, len))
FAILING_CALL(DIR *, NULL, opendir, (const char *path), (path))
FAILING_CALL(struct dirent *, NULL, readdir, (DIR * folder), (folder))
FAILING_CALL(void *, MAP_FAILED, mmap,
	(void *at, size_t len, int how, int flags, int fd, off_t from),
	(at, len, how, flags, fd, from))

/* Goes on to no disk: there are many of them, and no power is lost here. */
int fsync(int fd)
{
	(void)fd;
	return failing_call_is_due("fsync") ? -1 : 0;
}

/* Closed all the same, as close(2) has it. */
int close(int fd)
{
	int (*next)(int fd);

	*(void **)&next = dlsym(RTLD_NEXT, "close");
	const int end = next(fd);

	return failing_call_is_due("close") ? -1 : end;
}

int open(const char *path, int flags, ...)
{
	int (*next)(const char *path, int flags, ...);
	va_list arguments;

	va_start(arguments, flags);
	const mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0
		? va_arg(arguments, mode_t)
		: 0;
	va_end(arguments);
	if (failing_call_is_due("open"))
		return -1;
	*(void **)&next = dlsym(RTLD_NEXT, "open");
	return next(path, flags, mode);
}

#endif
