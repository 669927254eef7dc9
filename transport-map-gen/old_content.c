/*
 * Bytes are copied, never linked: Postfix looks at the link count of what it
 * holds open.  They are digested on their way, so that what is written is
 * what was once published, or nothing.
 */
#include "transport-map-gen/old_content.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "snapshot/files.h"
#include "snapshot/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_SIZE = 128 * 1024, FILE_MODE = 0640 };

struct copy {
	const struct manifest_file *file;
	const char *from, *to; /* paths; to: NULL = only look */
	int in, out;
	struct digest *digest;
	struct arena *arena;
	struct err *err;
};

static enum old_content copy_bytes(struct copy *copy, char *chunk)
{
	for (;;) {
		const ssize_t n = read(copy->in, chunk, CHUNK_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_sys(copy->err, "read %s", copy->from);
			return OLD_CONTENT_DAMAGED;
		}
		if (n == 0)
			return OLD_CONTENT_SOUND;
		digest_add(copy->digest, chunk, (size_t)n);
		if (copy->out >= 0 &&
			!file_write(copy->out, chunk, (size_t)n)) {
			err_sys(copy->err, "write %s", copy->to);
			return OLD_CONTENT_NOT_WRITTEN;
		}
	}
}

static enum old_content copy_digested(struct copy *copy)
{
	char *chunk = memory_must(malloc(CHUNK_SIZE));
	enum old_content result = copy_bytes(copy, chunk);

	free(chunk);
	if (result == OLD_CONTENT_SOUND &&
		strcmp(digest_format(copy->digest, copy->arena),
			copy->file->digest) != 0) {
		err_set(copy->err, "%s is not what its manifest says",
			copy->from);
		result = OLD_CONTENT_DAMAGED;
	}
	return result;
}

static enum old_content copy_opened(struct copy *copy)
{
	copy->out = copy->to == NULL
		? -1
		: open(copy->to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			  FILE_MODE);
	copy->digest = digest_open(copy->err);
	enum old_content result = OLD_CONTENT_NOT_WRITTEN;

	if (copy->to != NULL && copy->out < 0)
		err_sys(copy->err, "create %s", copy->to);
	else if (copy->digest != NULL)
		result = copy_digested(copy);
	if (copy->digest != NULL)
		digest_close(&copy->digest);
	if (copy->out >= 0)
		close(copy->out);
	return result;
}

/* Of a device there would be no end. */
static bool is_file(const struct copy *copy)
{
	struct stat status;

	if (fstat(copy->in, &status) != 0)
		return err_sys(copy->err, "read %s", copy->from);
	return S_ISREG(status.st_mode) ||
		err_set(copy->err, "read %s: not a regular file", copy->from);
}

static enum old_content copy_file(struct copy *copy)
{
	/* For a pipe open() would wait otherwise. */
	copy->in = open(copy->from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (copy->in < 0) {
		err_sys(copy->err, "open %s", copy->from);
		return OLD_CONTENT_DAMAGED;
	}
	const enum old_content result = is_file(copy) ? copy_opened(copy)
						      : OLD_CONTENT_DAMAGED;

	close(copy->in);
	return result;
}

static bool is_made_anew(const char *name)
{
	return strcmp(name, FILES_TRANSPORT_LEAVING) == 0 ||
		strcmp(name, FILES_LEAVING_DATES) == 0;
}

static bool is_named(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->n_files; i++)
		if (strcmp(manifest->files[i].name, name) == 0)
			return true;
	return false;
}

/* A name leads nowhere else, and none that Postfix needs is left out. */
static bool has_sound_names(
	const struct manifest *manifest, const char *folder, struct err *err)
{
	const char *name;

	for (size_t i = 0; i < manifest->n_files; i++)
		if (strchr(manifest->files[i].name, '/') != NULL)
			return err_set(err,
				"%s/" FILES_MANIFEST " names %s, no file of it",
				folder, manifest->files[i].name);
	for (size_t i = 0; (name = files_required(i)) != NULL; i++)
		if (!is_named(manifest, name))
			return err_set(err, "%s/" FILES_MANIFEST " names no %s",
				folder, name);
	return true;
}

enum old_content old_content_copy(const struct manifest *manifest,
	const char *from, const char *to, struct err *err)
{
	struct arena *arena = arena_open();
	enum old_content result = has_sound_names(manifest, from, err)
		? OLD_CONTENT_SOUND
		: OLD_CONTENT_DAMAGED;

	for (size_t i = 0; result == OLD_CONTENT_SOUND && i < manifest->n_files;
		i++) {
		const struct manifest_file *file = &manifest->files[i];
		struct copy copy = { .file = file, .arena = arena, .err = err };

		if (to != NULL && is_made_anew(file->name))
			continue;
		copy.from = arena_printf(arena, "%s/%s", from, file->name);
		if (to != NULL)
			copy.to = arena_printf(arena, "%s/%s", to, file->name);
		result = copy_file(&copy);
	}
	arena_close(&arena);
	return result;
}

bool old_content_is_sound(const struct manifest *manifest, const char *folder)
{
	return old_content_copy(manifest, folder, NULL, NULL) ==
		OLD_CONTENT_SOUND;
}
