/*
 * Sections, each with a digest at its end that also covers the one before:
 * the first has all records, each other one the changes of a delta.  So a
 * delta writes little, and a file that a crash cut, or left partly blank, is
 * told from a whole one without fsync, which would cost more than the rest.
 *
 * A section is "postshare-sync 1", four numbers (lengths of settings and
 * mark, the hour of the last full read, how many records), settings, mark,
 * and the records: id, length (all ones: removed), bytes.  Numbers have
 * their lowest byte first.
 */
#include "directory/sync_file.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char FIRST_LINE[] = "postshare-sync 1\n";
static const mode_t FILE_MODE = 0640;

enum {
	CHUNK_SIZE = 65536,
	RECORD_HEAD_SIZE = SYNC_ID_SIZE + sizeof(uint32_t),
	/* Changes that are always worth appending; beyond, as many bytes as
	   this part of the rest. */
	APPENDED_MIN = 65536,
	APPENDED_PART = 8,
};

struct head {
	uint64_t settings_len, mark_len, full, count;
};

void sync_records_add(
	struct sync_records *records, const struct sync_record *record)
{
	if (records->count == records->room) {
		records->room = records->room == 0 ? 64 : 2 * records->room;
		records->list = memory_must(reallocarray(
			records->list, records->room, sizeof *records->list));
	}
	records->list[records->count++] = *record;
}

/* What is left to be taken. */
struct input {
	const char *at;
	size_t left;
};

/* NULL: there is not so much. */
static const char *take(struct input *input, uint64_t len)
{
	const char *taken = input->at;

	if (len > input->left)
		return NULL;
	input->at += len;
	input->left -= (size_t)len;
	return taken;
}

static bool take_head(struct head *out, struct input *input)
{
	const size_t first_len = sizeof FIRST_LINE - 1;
	const char *first = take(input, first_len);
	const char *numbers = take(input, sizeof *out);

	if (first == NULL || numbers == NULL ||
		memcmp(first, FIRST_LINE, first_len) != 0)
		return false;
	memcpy(out, numbers, sizeof *out);
	out->settings_len = le64toh(out->settings_len);
	out->mark_len = le64toh(out->mark_len);
	out->full = le64toh(out->full);
	out->count = le64toh(out->count);
	return true;
}

static bool take_record(struct sync_record *out, struct input *input)
{
	const char *head = take(input, RECORD_HEAD_SIZE);
	uint32_t len;

	if (head == NULL)
		return false;
	*out = (struct sync_record){ 0 };
	memcpy(out->id, head, SYNC_ID_SIZE);
	memcpy(&len, head + SYNC_ID_SIZE, sizeof len);
	out->is_removed = len == UINT32_MAX;
	out->len = out->is_removed ? 0 : le32toh(len);
	out->bytes = take(input, out->len);
	return out->bytes != NULL &&
		(out->len == 0 || out->bytes[out->len - 1] == '\0');
}

static void reserve(struct sync_records *records, size_t more)
{
	records->room = records->count + more + 1;
	records->list = memory_must(reallocarray(
		records->list, records->room, sizeof *records->list));
}

static bool take_records(
	struct sync_records *out, size_t count, struct input *input)
{
	if (count > input->left / RECORD_HEAD_SIZE)
		return false;
	reserve(out, count);
	for (size_t i = 0; i < count; i++) {
		struct sync_record record;

		if (!take_record(&record, input))
			return false;
		sync_records_add(out, &record);
	}
	return true;
}

/* The digest at the end of what begins at start; before: NULL or the one of
   the section before. */
static bool take_digest(
	struct input *input, const char *start, const char *before)
{
	const size_t len = (size_t)(input->at - start);
	const char *expected = take(input, SYNC_DIGEST_SIZE);
	struct digest *digest = digest_open(NULL);
	struct arena *arena = arena_open();
	bool is_sound = false;

	if (digest != NULL && expected != NULL) {
		if (before != NULL)
			digest_add(digest, before, SYNC_DIGEST_SIZE);
		digest_add(digest, start, len);
		const char *text = digest_format(digest, arena);

		is_sound = strlen(text) == SYNC_DIGEST_SIZE &&
			memcmp(text, expected, SYNC_DIGEST_SIZE) == 0;
	}
	digest_close(&digest);
	arena_close(&arena);
	return is_sound;
}

static bool is_in_order(const struct sync_records *records)
{
	for (size_t i = 0; i < records->count; i++) {
		const struct sync_record *record = &records->list[i];

		if (record->is_removed)
			return false;
		if (i > 0 &&
			memcmp(record[-1].id, record->id, SYNC_ID_SIZE) >= 0)
			return false;
	}
	return true;
}

static void take_mark(
	struct sync_contents *out, const char *mark, const struct head *head)
{
	out->mark = head->mark_len == 0 ? NULL : mark;
	out->mark_len = head->mark_len;
}

static bool take_first(
	struct sync_contents *out, struct input *input, const char *settings)
{
	const char *start = input->at;
	struct head head;

	if (!take_head(&head, input))
		return false;
	const char *known = take(input, head.settings_len);
	const char *mark = take(input, head.mark_len);

	if (known == NULL || mark == NULL ||
		head.settings_len != strlen(settings) ||
		memcmp(known, settings, strlen(settings)) != 0)
		return false;
	out->settings = settings;
	out->full = (time_t)head.full;
	take_mark(out, mark, &head);
	return take_records(&out->records, head.count, input) &&
		is_in_order(&out->records) && take_digest(input, start, NULL);
}

static bool take_next(struct sync_contents *out, struct input *input)
{
	const char *start = input->at;
	struct head head;

	if (!take_head(&head, input) || head.settings_len != 0)
		return false;
	const char *mark = take(input, head.mark_len);

	if (mark == NULL)
		return false;
	take_mark(out, mark, &head);
	return take_records(&out->changes, head.count, input) &&
		take_digest(input, start, start - SYNC_DIGEST_SIZE);
}

static bool take_all(
	struct sync_contents *out, struct sync_file *file, const char *settings)
{
	struct input input = { file->bytes, file->size };

	if (!take_first(out, &input, settings))
		return false;
	file->whole_size = file->size - input.left;
	while (input.left > 0)
		if (!take_next(out, &input))
			return false;
	return true;
}

/* Nobody writes to what is there but by appending; whoever cuts it off
   meanwhile ends this reader, as a signal would. */
static bool map_file(struct sync_file *out, const char *path)
{
	struct stat status;
	void *bytes = MAP_FAILED;
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*out = (struct sync_file){ 0 };
	if (fd < 0)
		return false;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		status.st_size > 0)
		bytes = mmap(NULL, (size_t)status.st_size, PROT_READ,
			MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return false;
	out->bytes = bytes;
	out->size = (size_t)status.st_size;
	return true;
}

void sync_file_fini(struct sync_file *file)
{
	if (file->bytes != NULL)
		munmap(file->bytes, file->size);
	*file = (struct sync_file){ 0 };
}

bool sync_file_read(struct sync_contents *out, struct sync_file *file,
	const char *path, const char *settings)
{
	*out = (struct sync_contents){ 0 };
	if (map_file(file, path) && take_all(out, file, settings))
		return true;
	sync_file_fini(file);
	free(out->records.list);
	free(out->changes.list);
	return false;
}

/* Gathers what is written, for the digest and the file alike. */
struct output {
	FILE *file;
	struct digest *digest;
	struct text chunk;
};

static void flush(struct output *output)
{
	if (output->chunk.len == 0)
		return;
	digest_add(output->digest, output->chunk.data, output->chunk.len);
	fwrite(output->chunk.data, 1, output->chunk.len, output->file);
	text_clear(&output->chunk);
}

static void add(struct output *output, const void *bytes, size_t len)
{
	text_add(&output->chunk, bytes, len);
	if (output->chunk.len >= CHUNK_SIZE)
		flush(output);
}

static void add_head(struct output *output,
	const struct sync_contents *contents, const char *settings,
	size_t count)
{
	const struct head head = {
		.settings_len = htole64(strlen(settings)),
		.mark_len = htole64(contents->mark_len),
		.full = htole64((uint64_t)contents->full),
		.count = htole64(count),
	};

	add(output, FIRST_LINE, sizeof FIRST_LINE - 1);
	add(output, &head, sizeof head);
	add(output, settings, strlen(settings));
	add(output, contents->mark, contents->mark_len);
}

static void add_records(
	struct output *output, const struct sync_records *records)
{
	for (size_t i = 0; i < records->count; i++) {
		const struct sync_record *record = &records->list[i];
		const uint32_t len = record->is_removed ? UINT32_MAX
							: htole32(record->len);

		add(output, record->id, sizeof record->id);
		add(output, &len, sizeof len);
		add(output, record->bytes, record->len);
	}
}

static void add_digest(struct output *output)
{
	struct arena *arena = arena_open();

	flush(output);
	fputs(digest_format(output->digest, arena), output->file);
	arena_close(&arena);
}

/* before: the digest of the section before; NULL = there is none. */
static bool write_section(FILE *file, const struct sync_contents *contents,
	const char *before, struct err *err)
{
	struct output output = { .file = file, .digest = digest_open(err) };
	const struct sync_records *records =
		before == NULL ? &contents->records : &contents->changes;

	if (output.digest == NULL)
		return false;
	if (before != NULL)
		digest_add(output.digest, before, SYNC_DIGEST_SIZE);
	text_init(&output.chunk);
	add_head(&output, contents, before == NULL ? contents->settings : "",
		records->count);
	add_records(&output, records);
	add_digest(&output);
	text_fini(&output.chunk);
	digest_close(&output.digest);
	return true;
}

/* The stream is closed in any case. */
static bool finish(FILE *file, const char *temporary, struct err *err)
{
	const bool is_written = !ferror(file) && fflush(file) == 0 &&
		fchmod(fileno(file), FILE_MODE) == 0;
	const int why = errno;

	if (fclose(file) != 0 && is_written)
		return err_sys(err, "write %s", temporary);
	errno = why;
	return is_written || err_sys(err, "write %s", temporary);
}

/* The stream, if there is one, has the descriptor. */
static void discard(int fd, FILE *file)
{
	if (file == NULL)
		close(fd);
	else
		fclose(file);
}

static FILE *create(const char *temporary, struct err *err)
{
	struct arena *arena = arena_open();
	const char *folder = dirname(arena_strdup(arena, temporary));
	const int fd = file_create(temporary, FILE_MODE);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	bool is_made = false;

	if (file == NULL)
		err_sys(err, "create %s", temporary);
	else if (file_share(fd, folder))
		is_made = true;
	else
		err_sys(err, "write %s", temporary);
	if (fd >= 0 && !is_made) {
		discard(fd, file);
		unlink(temporary);
		file = NULL;
	}
	arena_close(&arena);
	return file;
}

bool sync_file_write(const struct sync_contents *contents, const char *path,
	const char *temporary, struct err *err)
{
	FILE *file = create(temporary, err);

	if (file == NULL)
		return false;
	bool is_written = write_section(file, contents, NULL, err);

	is_written =
		finish(file, temporary, is_written ? err : NULL) && is_written;
	if (is_written && rename(temporary, path) != 0)
		is_written = err_sys(err, "rename %s to %s", temporary, path);
	if (!is_written)
		unlink(temporary);
	return is_written;
}

static size_t size_of(const struct sync_records *records)
{
	size_t size = records->count * RECORD_HEAD_SIZE;

	for (size_t i = 0; i < records->count; i++)
		size += records->list[i].len;
	return size;
}

/* Not so much that reading it again and again would cost more. */
static bool is_worth_appending(
	const struct sync_contents *contents, const struct sync_file *file)
{
	const size_t appended = file->size - file->whole_size;

	return file->bytes != NULL &&
		appended + size_of(&contents->changes) <=
		APPENDED_MIN + file->whole_size / APPENDED_PART;
}

static bool is_as_read(int fd, const struct sync_file *file)
{
	struct stat status;

	return fstat(fd, &status) == 0 && (size_t)status.st_size == file->size;
}

bool sync_file_append(const struct sync_contents *contents,
	const struct sync_file *file, const char *path)
{
	if (!is_worth_appending(contents, file))
		return false;
	const char *digest = file->bytes + file->size - SYNC_DIGEST_SIZE;
	const int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "r+");

	if (stream == NULL || !is_as_read(fd, file)) {
		if (stream != NULL)
			fclose(stream);
		else if (fd >= 0)
			close(fd);
		return false;
	}
	bool is_written = fseek(stream, 0, SEEK_END) == 0 &&
		write_section(stream, contents, digest, NULL);

	is_written = fflush(stream) == 0 && !ferror(stream) && is_written;
	is_written = fclose(stream) == 0 && is_written;
	if (!is_written && truncate(path, (off_t)file->size) != 0)
		unlink(path);
	return is_written;
}
