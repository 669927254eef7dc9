/*
 * A copy is written under a temporary name, and its pages are on their way
 * to the disk from then on, so that little is left to wait for where it is
 * put in its place.  Who does that may be another process: a failure to write
 * a page is told to whoever opens the file next and syncs it (fsync(2)).  It
 * is read whole into memory: a file that is mapped could be cut short by
 * somebody, and the process with it.
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

static void name_files(
	struct last_good_new *out, const char *path, struct arena *arena)
{
	const char *name = strrchr(path, '/') + 1;

	*out = (struct last_good_new){ .fd = -1, .path = path };
	out->folder = arena_strndup(arena, path, (size_t)(name - 1 - path));
	out->temporary = arena_printf(arena, "%s/.%s.tmp", out->folder, name);
}

void last_good_discard(const char *path, struct arena *arena)
{
	struct last_good_new new;

	name_files(&new, path, arena);
	unlink(new.temporary);
}

static int create(const struct last_good_new *new, struct err *err)
{
	if (mkdir(new->folder, FOLDER_MODE) != 0 && errno != EEXIST) {
		err_sys(err, "create %s", new->folder);
		return -1;
	}
	const int fd = file_create(new->temporary, FILE_MODE);

	if (fd < 0)
		err_sys(err, "create %s", new->temporary);
	return fd;
}

/* On its way to the disk; the file is closed in any case. */
static bool fill_file(int fd, struct slice listing,
	const struct last_good_new *new, struct err *err)
{
	bool is_filled = file_share(fd, new->folder) ||
		err_sys(err, "chgrp %s", new->temporary);

	if (is_filled)
		is_filled = file_write(fd, listing.bytes, listing.len) ||
			err_sys(err, "write %s", new->temporary);
	if (is_filled)
		sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	if (close(fd) != 0 && is_filled)
		is_filled = err_sys(err, "write %s", new->temporary);
	return is_filled;
}

bool last_good_write(struct slice listing, const char *path,
	struct arena *arena, struct err *err)
{
	struct last_good_new new;

	name_files(&new, path, arena);
	const int fd = create(&new, err);

	if (fd < 0)
		return false;
	if (fill_file(fd, listing, &new, err))
		return true;
	unlink(new.temporary);
	return false;
}

bool last_good_adopt(struct last_good_new *out, const char *path,
	struct arena *arena, struct err *err)
{
	name_files(out, path, arena);
	out->fd = open(
		out->temporary, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (out->fd >= 0)
		return true;
	err_sys(err, "open %s", out->temporary);
	unlink(out->temporary);
	return false;
}

void last_good_abandon(struct last_good_new *new)
{
	close(new->fd);
	unlink(new->temporary);
}

void last_good_sync(struct last_good_new *new)
{
	new->is_synced = true;
	if (fchmod(new->fd, FILE_MODE) != 0 || fsync(new->fd) != 0)
		new->failed = errno;
}

/* All bytes on the disk; the file is closed in any case. */
static bool finish(struct last_good_new *new)
{
	if (!new->is_synced)
		last_good_sync(new);
	if (close(new->fd) != 0 && new->failed == 0)
		new->failed = errno;
	errno = new->failed;
	return new->failed == 0;
}

bool last_good_commit(struct last_good_new *new, struct err *err)
{
	if (!finish(new))
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
	size_t ignored;

	return size <= FILE_SMALL_MAX ||
		(pread(fd, end, sizeof end, size - LISTING_END) ==
				LISTING_END &&
			listing_fits((struct slice){ end, sizeof end },
				(uint64_t)size, &ignored));
}

bool last_good_fill(
	struct last_good *out, int fd, const char *path, struct err *err)
{
	struct stat status;

	*out = (struct last_good){ 0 };
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
	const bool is_read = last_good_fill(out, fd, path, err);
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
