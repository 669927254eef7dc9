/*
 * The file is small and written in one piece: sizes and fingerprints, with
 * the key they were made by, then the frame.  It is not synced, for one that
 * a crash has torn says nothing.  Nor is it bound to the moment when the copy
 * takes its place: one that speaks of another copy says nothing either.
 */
#include "directory/seen.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/fingerprint.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/version.h"
#include "directory/file_name.h"
#include "directory/last_good.h"
#include "directory/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where a reader makes something else of the same bytes, this is another. */
static const char READ_VERSION[] = VERSION " reader 2";
static const char MAGIC[16] = "postshare-read 1";
enum { FILE_MODE = 0600, FOLDER_MODE = 0750, BLOCK_SIZE = 256 * 1024 };

struct mark {
	uint64_t len;
	unsigned char print[FINGERPRINT_SIZE];
};

struct record {
	char magic[sizeof MAGIC];
	unsigned char key[FINGERPRINT_KEY_SIZE];
	struct mark settings; /* and the frame */
	struct mark source, copy;
};

struct seen {
	struct arena *arena;
	const struct directory *directory;
	bool is_dry;
	const char *path, *copy;
	struct text settings;
	/* of the read that goes on */
	struct record record;
	struct fingerprint *source; /* NULL: it can not be told */
};

/* Those whose bytes alone decide. */
static bool is_file(enum directory_type type)
{
	switch (type) {
	case DIRECTORY_FILE:
	case DIRECTORY_POSTFIX:
	case DIRECTORY_CSV:
	case DIRECTORY_LDIF:
	case DIRECTORY_PASSWD:
	case DIRECTORY_ALIASES: return true;
	case DIRECTORY_LDAP:
	case DIRECTORY_SQL:
	case DIRECTORY_COMMAND: break;
	}
	return false;
}

/* With its end, so that two texts are not one; NULL is not "". */
static void put(struct text *out, const char *text)
{
	text_adds(out, text == NULL ? "-" : "+");
	if (text != NULL)
		text_add(out, text, strlen(text) + 1);
}

static void put_settings(struct text *out, const struct directory *directory,
	const char *delimiters)
{
	put(out, READ_VERSION);
	put(out, delimiters);
	put(out, directory->path);
	put(out, directory->target_field);
	put(out, directory->local_domain);
	for (size_t i = 0; i < directory->n_fields; i++)
		put(out, directory->fields[i]);
	text_addf(out, "%d %d %zu %d %d %lu %lu", (int)directory->type,
		(int)directory->preset, directory->n_fields,
		directory->separator, directory->skips_disabled,
		directory->min_uid, directory->max_uid);
}

struct seen *seen_open(const struct directory *directory,
	const struct load_options *options, struct arena *arena)
{
	if (!is_file(directory->type))
		return NULL;
	struct seen *seen = memory_must(calloc(1, sizeof *seen));
	const char *copy =
		last_good_path(options->state, directory->name, arena);

	seen->arena = arena;
	seen->directory = directory;
	seen->is_dry = options->is_dry;
	seen->copy = copy;
	/* No copy's name has a tilde; what begins with a dot is cleared. */
	seen->path = arena_printf(arena, "%s/directories/%s~read",
		options->state, file_name(directory->name, arena));
	put_settings(&seen->settings, directory, options->delimiters);
	memcpy(seen->record.magic, MAGIC, sizeof MAGIC);
	if (fingerprint_draw_key(seen->record.key))
		seen->source = fingerprint_open(seen->record.key);
	return seen;
}

void seen_close(struct seen **seen)
{
	if (*seen == NULL)
		return;
	fingerprint_close(&(*seen)->source);
	text_fini(&(*seen)->settings);
	free(*seen);
	*seen = NULL;
}

static void add(struct fingerprint *print, struct mark *mark, const char *bytes,
	size_t len)
{
	fingerprint_add(print, bytes, len);
	mark->len += len;
}

static bool is_mark(const struct mark *a, const struct mark *b)
{
	return a->len == b->len &&
		memcmp(a->print, b->print, sizeof a->print) == 0;
}

/* Of several pieces, one behind the other. */
static bool mark_bytes(struct mark *out, const unsigned char *key,
	const struct slice *pieces, size_t n_pieces)
{
	struct fingerprint *print = fingerprint_open(key);

	*out = (struct mark){ 0 };
	if (print == NULL)
		return false;
	for (size_t i = 0; i < n_pieces; i++)
		add(print, out, pieces[i].bytes, pieces[i].len);
	fingerprint_finish(print, out->print);
	fingerprint_close(&print);
	return true;
}

static bool mark_settings(struct mark *out, const struct seen *seen,
	const unsigned char *key, struct slice frame)
{
	const struct slice pieces[] = {
		{ seen->settings.data, seen->settings.len }, frame
	};

	return mark_bytes(out, key, pieces, 2);
}

static bool add_fd(struct fingerprint *print, struct mark *mark, int fd)
{
	char *block = memory_must(malloc(BLOCK_SIZE));
	ssize_t n;

	do {
		n = read(fd, block, BLOCK_SIZE);
		if (n > 0)
			add(print, mark, block, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	free(block);
	return n == 0;
}

/* Its size says mostly that it is another one, and then it is not read. */
static bool is_same_file(
	const char *path, const struct mark *wanted, const unsigned char *key)
{
	struct stat status;
	struct mark mark = { 0 };
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct fingerprint *print = fd < 0 ? NULL : fingerprint_open(key);
	bool is_same = false;

	if (print != NULL && fstat(fd, &status) == 0 &&
		S_ISREG(status.st_mode) &&
		(uint64_t)status.st_size == wanted->len &&
		add_fd(print, &mark, fd)) {
		fingerprint_finish(print, mark.print);
		is_same = is_mark(&mark, wanted);
	}
	fingerprint_close(&print);
	if (fd >= 0)
		close(fd);
	return is_same;
}

bool seen_is_same(struct seen *seen, struct slice *frame)
{
	struct record before;
	struct mark settings;
	size_t len;

	if (seen == NULL)
		return false;
	const char *bytes =
		file_read_small(seen->path, &len, seen->arena, NULL);

	if (bytes == NULL || len < sizeof before)
		return false;
	memcpy(&before, bytes, sizeof before);
	*frame = (struct slice){ bytes + sizeof before, len - sizeof before };
	return memcmp(before.magic, MAGIC, sizeof MAGIC) == 0 &&
		mark_settings(&settings, seen, before.key, *frame) &&
		is_mark(&settings, &before.settings) &&
		is_same_file(
			seen->directory->path, &before.source, before.key) &&
		is_same_file(seen->copy, &before.copy, before.key);
}

void seen_add(struct seen *seen, const char *bytes, size_t len)
{
	if (seen->source != NULL)
		add(seen->source, &seen->record.source, bytes, len);
}

/* What fails here costs the next run a read. */
static void write_record(const struct seen *seen, struct slice frame)
{
	const char *folder = arena_strndup(seen->arena, seen->copy,
		(size_t)(strrchr(seen->copy, '/') - seen->copy));
	const char *temporary = arena_printf(seen->arena, "%s/.%s.tmp", folder,
		strrchr(seen->path, '/') + 1);

	mkdir(folder, FOLDER_MODE); /* before the first copy */
	const int fd = file_create(temporary, FILE_MODE);

	if (fd < 0)
		return;
	const bool is_written = file_share(fd, folder) &&
		fchmod(fd, FILE_MODE) == 0 &&
		file_write(
			fd, (const char *)&seen->record, sizeof seen->record) &&
		file_write(fd, frame.bytes, frame.len);

	close(fd);
	if (!is_written || rename(temporary, seen->path) != 0)
		unlink(temporary);
}

void seen_keep(struct seen *seen, struct slice listing, struct slice frame)
{
	struct record *record;

	if (seen == NULL || seen->source == NULL || seen->is_dry)
		return;
	record = &seen->record;
	fingerprint_finish(seen->source, record->source.print);
	fingerprint_close(&seen->source);
	if (mark_bytes(&record->copy, record->key, &listing, 1) &&
		mark_settings(&record->settings, seen, record->key, frame))
		write_record(seen, frame);
}
