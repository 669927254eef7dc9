/*
 * A copy is written under a temporary name, and its pages are on their way
 * to the disk from then on, so that little is left to wait for where it is
 * put in its place.  It is read whole into memory: a file that is mapped
 * could be cut short by somebody, and the process with it.
 */
#include "directory/last_good.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/memory.h"
#include "directory/file_name.h"
#include "directory/listing.h"
#include "directory/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const mode_t FILE_MODE = 0640;
static const mode_t FOLDER_MODE = 0750;

const char *last_good_path(
	const char *state, const char *name, struct arena *arena)
{
	return arena_printf(
		arena, "%s/directories/%s", state, file_name(name, arena));
}

void last_good_abandon(struct last_good_new *new)
{
	close(new->fd);
	unlink(new->temporary);
}

static bool create(struct last_good_new *new, struct err *err)
{
	if (mkdir(new->folder, FOLDER_MODE) != 0 && errno != EEXIST)
		return err_sys(err, "create %s", new->folder);
	new->fd = open(new->temporary,
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		FILE_MODE);
	if (new->fd < 0)
		return err_sys(err, "create %s", new->temporary);
	if (file_share(new->fd, new->folder))
		return true;
	err_sys(err, "chgrp %s", new->temporary);
	last_good_abandon(new);
	return false;
}

bool last_good_write(struct last_good_new *out, struct slice listing,
	const char *path, struct arena *arena, struct err *err)
{
	const char *name = strrchr(path, '/') + 1;

	out->path = path;
	out->folder = arena_strndup(arena, path, (size_t)(name - 1 - path));
	out->temporary = arena_printf(arena, "%s/.%s.tmp", out->folder, name);
	if (!create(out, err))
		return false;
	if (!file_write(out->fd, listing.bytes, listing.len)) {
		err_sys(err, "write %s", out->temporary);
		last_good_abandon(out);
		return false;
	}
	sync_file_range(out->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	return true;
}

/* All bytes on the disk; the file is closed in any case. */
static bool finish(int fd)
{
	int failed = 0;

	if (fchmod(fd, FILE_MODE) != 0 || fsync(fd) != 0)
		failed = errno;
	if (close(fd) != 0 && failed == 0)
		failed = errno;
	errno = failed;
	return failed == 0;
}

bool last_good_commit(struct last_good_new *new, struct err *err)
{
	if (!finish(new->fd))
		err_sys(err, "write %s", new->temporary);
	else if (rename(new->temporary, new->path) != 0)
		err_sys(err, "rename %s to %s", new->temporary, new->path);
	else
		return file_sync(new->folder, err);
	unlink(new->temporary);
	return false;
}

/* A size that nothing was written for is no reason to run out of memory. */
static bool fits(int fd, off_t size)
{
	char end[LISTING_END];

	return size <= FILE_SMALL_MAX ||
		(pread(fd, end, sizeof end, size - LISTING_END) ==
				LISTING_END &&
			listing_fits((struct slice){ end, sizeof end },
				(uint64_t)size));
}

static bool read_fd(
	struct last_good *out, int fd, const char *path, struct err *err)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return err_sys(err, "read %s", path);
	errno = 0;
	if (!S_ISREG(status.st_mode))
		return err_set(err, "read %s: not a regular file", path);
	out->len = fits(fd, status.st_size) ? (size_t)status.st_size : 0;
	out->bytes = memory_map(out->len);
	/* Fewer than a moment ago are what there is. */
	if (file_fill(fd, out->bytes, out->len) >= 0)
		return true;
	err_sys(err, "read %s", path);
	const int failed = errno;

	last_good_close(out);
	errno = failed;
	return false;
}

enum lookup last_good_open(
	struct last_good *out, const char *path, struct err *err)
{
	*out = (struct last_good){ 0 };
	/* a pipe in its place would keep us waiting */
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		return LOOKUP_NONE;
	if (fd < 0) {
		err_sys(err, "open %s", path);
		return LOOKUP_FAILED;
	}
	const bool is_read = read_fd(out, fd, path, err);
	const int failed = errno;

	close(fd);
	errno = failed;
	return is_read ? LOOKUP_FOUND : LOOKUP_FAILED;
}

void last_good_close(struct last_good *copy)
{
	memory_unmap(copy->bytes, copy->len);
	*copy = (struct last_good){ 0 };
}

bool last_good_damaged(const char *path, struct err *err)
{
	err_set(err, "%s: the last-good copy is damaged", path);
	errno = EBADMSG;
	return false;
}

static bool is_whole(struct slice text)
{
	struct listing_walk walk;
	struct listing_entry ignored;
	size_t count;
	size_t seen = 0;

	if (!listing_begin(&walk, text, &count))
		return false;
	while (listing_next(&walk, &ignored))
		seen++;
	return seen == count && listing_finish(&walk, count, NULL);
}

/* In place: what follows a slice in a whole text is a tab or a line's end. */
static const char *end_slice(const struct last_good *copy, struct slice slice)
{
	copy->bytes[(size_t)(slice.bytes - copy->bytes) + slice.len] = '\0';
	return slice.bytes;
}

static void walk_entries(const struct last_good *copy,
	void (*each)(void *context, const struct entry *entry), void *context)
{
	struct listing_walk walk;
	struct listing_entry at;
	size_t count;

	listing_begin(&walk, (struct slice){ copy->bytes, copy->len }, &count);
	while (listing_next(&walk, &at)) {
		const struct entry entry = {
			.address = end_slice(copy, at.address),
			.origin = end_slice(copy, at.origin),
			.target = at.target.len == 0
				? NULL
				: end_slice(copy, at.target),
		};

		each(context, &entry);
	}
}

enum lookup last_good_read(const char *path,
	void (*each)(void *context, const struct entry *entry), void *context,
	struct err *err)
{
	struct last_good copy;
	const enum lookup found = last_good_open(&copy, path, err);

	if (found != LOOKUP_FOUND)
		return found;
	const bool whole = is_whole((struct slice){ copy.bytes, copy.len });

	if (whole)
		walk_entries(&copy, each, context);
	else
		last_good_damaged(path, err);
	last_good_close(&copy);
	return whole ? LOOKUP_FOUND : LOOKUP_FAILED;
}
