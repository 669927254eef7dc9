/*
 * "postshare-sync 1", four numbers (lengths of settings and mark, the hour of
 * the last full read, how many records), settings, mark, and the records: id,
 * length, bytes.  Numbers have their lowest byte first.  The digest of all
 * that at the end tells a file that a crash cut or left blank; so it needs
 * no fsync, which would cost more than the rest.
 */
#include "directory/sync_file.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/text.h"

#include <endian.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char FIRST_LINE[] = "postshare-sync 1\n";
static const mode_t FILE_MODE = 0640;

enum {
	DIGEST_SIZE = 128,
	CHUNK_SIZE = 65536,
	RECORD_HEAD_SIZE = SYNC_ID_SIZE + sizeof(uint32_t),
};

struct head {
	uint64_t settings_len, mark_len, full, count;
};

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

/* Leaves what the digest vouches for. */
static bool is_sound(struct input *input, struct arena *arena)
{
	struct digest *digest = digest_open(NULL);

	if (digest == NULL || input->left < DIGEST_SIZE) {
		digest_close(&digest);
		return false;
	}
	input->left -= DIGEST_SIZE;
	digest_add(digest, input->at, input->left);
	const char *text = digest_format(digest, arena);

	digest_close(&digest);
	return strlen(text) == DIGEST_SIZE &&
		memcmp(text, input->at + input->left, DIGEST_SIZE) == 0;
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
	memcpy(out->id, head, SYNC_ID_SIZE);
	memcpy(&len, head + SYNC_ID_SIZE, sizeof len);
	out->len = le32toh(len);
	out->bytes = take(input, out->len);
	return out->bytes != NULL &&
		(out->len == 0 || out->bytes[out->len - 1] == '\0');
}

static bool take_records(
	struct sync_contents *out, struct input *input, struct arena *arena)
{
	if (out->count > input->left / RECORD_HEAD_SIZE)
		return false;
	out->records = arena_array(arena, out->count, sizeof *out->records);
	for (size_t i = 0; i < out->count; i++) {
		struct sync_record *record = &out->records[i];

		if (!take_record(record, input))
			return false;
		if (i > 0 &&
			memcmp(record[-1].id, record->id, SYNC_ID_SIZE) >= 0)
			return false;
	}
	return input->left == 0;
}

bool sync_file_read(struct sync_contents *out, const char *path,
	const char *settings, struct arena *arena)
{
	struct head head;
	struct input input = { 0 };

	input.at = file_read(path, &input.left, arena, NULL);
	if (input.at == NULL || !is_sound(&input, arena) ||
		!take_head(&head, &input))
		return false;
	const char *known = take(&input, head.settings_len);
	const char *mark = take(&input, head.mark_len);

	if (known == NULL || mark == NULL ||
		head.settings_len != strlen(settings) ||
		memcmp(known, settings, strlen(settings)) != 0)
		return false;
	*out = (struct sync_contents){
		.settings = settings,
		.mark = head.mark_len == 0 ? NULL : mark,
		.mark_len = head.mark_len,
		.full = (time_t)head.full,
		.count = head.count,
	};
	return take_records(out, &input, arena);
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

static void add_head(
	struct output *output, const struct sync_contents *contents)
{
	const struct head head = {
		.settings_len = htole64(strlen(contents->settings)),
		.mark_len = htole64(contents->mark_len),
		.full = htole64((uint64_t)contents->full),
		.count = htole64(contents->count),
	};

	add(output, FIRST_LINE, sizeof FIRST_LINE - 1);
	add(output, &head, sizeof head);
	add(output, contents->settings, strlen(contents->settings));
	add(output, contents->mark, contents->mark_len);
}

static void add_record(struct output *output, const struct sync_record *record)
{
	const uint32_t len = htole32(record->len);

	add(output, record->id, sizeof record->id);
	add(output, &len, sizeof len);
	add(output, record->bytes, record->len);
}

static void add_digest(struct output *output)
{
	struct arena *arena = arena_open();

	flush(output);
	fputs(digest_format(output->digest, arena), output->file);
	arena_close(&arena);
}

static bool write_all(
	FILE *file, const struct sync_contents *contents, struct err *err)
{
	struct output output = { .file = file, .digest = digest_open(err) };

	if (output.digest == NULL)
		return false;
	text_init(&output.chunk);
	add_head(&output, contents);
	for (size_t i = 0; i < contents->count; i++)
		add_record(&output, &contents->records[i]);
	add_digest(&output);
	text_fini(&output.chunk);
	digest_close(&output.digest);
	return true;
}

/* The stream is closed in any case. */
static bool finish(FILE *file, const char *temporary, struct err *err)
{
	bool is_written = !ferror(file) && fflush(file) == 0 &&
		fchmod(fileno(file), FILE_MODE) == 0;
	const int why = errno;

	if (fclose(file) != 0 && is_written)
		return err_sys(err, "write %s", temporary);
	errno = why;
	return is_written || err_sys(err, "write %s", temporary);
}

static FILE *create(const char *temporary, struct err *err)
{
	struct arena *arena = arena_open();
	FILE *file = fopen(temporary, "we");

	if (file == NULL)
		err_sys(err, "create %s", temporary);
	else
		file_share(
			fileno(file), dirname(arena_strdup(arena, temporary)));
	arena_close(&arena);
	return file;
}

bool sync_file_write(const struct sync_contents *contents, const char *path,
	const char *temporary, struct err *err)
{
	FILE *file = create(temporary, err);

	if (file == NULL)
		return false;
	bool is_written = write_all(file, contents, err);

	is_written =
		finish(file, temporary, is_written ? err : NULL) && is_written;
	if (is_written && rename(temporary, path) != 0)
		is_written = err_sys(err, "rename %s to %s", temporary, path);
	if (!is_written)
		unlink(temporary);
	return is_written;
}
