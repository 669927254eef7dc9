/*
 * Lines are cut out of one buffer, which is read into as a whole: what costs
 * is the search for the ends.  What is no end of a line yet moves to the
 * front, so a line is never copied otherwise.
 */
#include "verdicts/log_reader.h"

#include "base/memory.h"
#include "verdicts/log_files.h"
#include "verdicts/log_journal.h"
#include "verdicts/log_tail.h"

#include <stdlib.h>
#include <string.h>

enum { BUFFER_SIZE = 4 * LOG_LINE_MAX };

struct log_reader {
	struct log_files files;
	size_t at; /* the file that is read */
	struct log_clock clock;
	struct place place;
	unsigned long too_long;
	/* Bytes begin..end of the buffer; no end of a line before scanned. */
	char *buffer;
	size_t begin, scanned, end;
	int first_year;
	bool is_skipping; /* the rest of a line that is too long */
	bool is_begun; /* the file at hand */
	bool has_warned; /* of its years */
	/* While following; else NULL. */
	struct log_tail *tail;
	struct log_file *next; /* has the file's name since a rotation */
	bool is_quiet; /* said so since the last line came */
};

struct log_reader *log_reader_open(
	const struct log_sources *sources, struct err *err)
{
	struct log_reader *reader = memory_must(calloc(1, sizeof *reader));

	reader->first_year = sources->first_year;
	log_clock_init(&reader->clock, 0, 0);
	if (!log_files_open(&reader->files, sources, err)) {
		log_reader_close(&reader);
		return NULL;
	}
	reader->buffer = memory_must(malloc(BUFFER_SIZE));
	if (sources->follow)
		reader->tail = log_tail_open();
	return reader;
}

void log_reader_close(struct log_reader **reader)
{
	if (*reader == NULL)
		return;
	log_tail_close(&(*reader)->tail);
	log_file_close(&(*reader)->next);
	log_files_close(&(*reader)->files);
	free((*reader)->buffer);
	free(*reader);
	*reader = NULL;
}

static struct log_input *input_of(struct log_reader *reader)
{
	return &reader->files.inputs[reader->at];
}

/* Counts the line; false where it is none that can be shown. */
static bool accept(struct log_reader *reader, struct slice *line)
{
	const bool was_skipping = reader->is_skipping;

	reader->place.line++;
	reader->is_skipping = false;
	if (was_skipping)
		return false;
	if (line->len > 0 && line->bytes[line->len - 1] == '\r')
		line->len--;
	if (line->len <= LOG_LINE_MAX)
		return true;
	reader->too_long++;
	return false;
}

/* The next line that has an end. */
static bool take_line(struct log_reader *reader, struct slice *line)
{
	for (;;) {
		const char *from = reader->buffer + reader->begin;
		const char *end = memchr(reader->buffer + reader->scanned, '\n',
			reader->end - reader->scanned);

		if (end == NULL)
			break;
		*line = (struct slice){ from, (size_t)(end - from) };
		reader->begin = (size_t)(end + 1 - reader->buffer);
		reader->scanned = reader->begin;
		if (accept(reader, line))
			return true;
	}
	reader->scanned = reader->end;
	return false;
}

/* What stands at the very end of a file, without an end of its own. */
static bool take_rest(struct log_reader *reader, struct slice *line)
{
	*line = (struct slice){ reader->buffer + reader->begin,
		reader->end - reader->begin };
	reader->begin = reader->scanned = reader->end = 0;
	if (line->len == 0 && !reader->is_skipping)
		return false;
	return accept(reader, line);
}

/* Room for more; a line that leaves none is given up. */
static void make_room(struct log_reader *reader)
{
	const size_t len = reader->end - reader->begin;

	if (reader->is_skipping || len > LOG_LINE_MAX + 1) {
		if (!reader->is_skipping)
			reader->too_long++;
		reader->is_skipping = true;
		reader->begin = reader->scanned = reader->end = 0;
		return;
	}
	memmove(reader->buffer, reader->buffer + reader->begin, len);
	reader->begin = 0;
	reader->scanned = reader->end = len;
}

static enum log_bytes fill(struct log_reader *reader, struct err *err)
{
	struct log_input *input = input_of(reader);
	size_t len;

	make_room(reader);
	const enum log_bytes bytes =
		log_file_read(input->file, reader->buffer + reader->end,
			BUFFER_SIZE - reader->end, &len, err);

	reader->end += len;
	if (input->is_stream || reader->tail != NULL)
		reader->clock.latest = time(NULL);
	return bytes;
}

/* The file at hand, if there is another one; what is to be said of it. */
static bool begin_file(struct log_reader *reader, struct err *err)
{
	struct log_input *input = input_of(reader);

	reader->is_begun = true;
	reader->has_warned = false;
	reader->place = (struct place){ log_file_name(input->file), 0 };
	if (input->is_stream)
		input->written = input->latest = time(NULL);
	log_clock_init(&reader->clock, input->written, reader->first_year);
	reader->clock.latest = input->latest;
	if (input->remark != NULL)
		err_set(err, "%s", input->remark);
	return input->remark != NULL;
}

static void forget_bytes(struct log_reader *reader)
{
	reader->is_skipping = false;
	reader->begin = reader->scanned = reader->end = 0;
}

/* False: it failed at its end. */
static bool end_file(struct log_reader *reader, struct err *err)
{
	struct log_input *input = input_of(reader);
	const bool is_whole = input->journal == NULL ||
		log_journal_finish(input->journal, err);

	log_input_close(input);
	reader->at++;
	reader->is_begun = false;
	forget_bytes(reader);
	return is_whole;
}

static bool warn_of_left_out(struct log_reader *reader, struct err *err)
{
	const size_t others = reader->files.left_out - 1;

	if (reader->files.left_out == 0)
		return false;
	reader->files.left_out = 0;
	if (others == 0)
		err_set(err, "not read: %s", reader->files.why);
	else
		err_set(err, "not read, with %zu more: %s", others,
			reader->files.why);
	return true;
}

static bool warn_of_years(struct log_reader *reader, struct err *err)
{
	if (!reader->clock.is_past_latest || reader->has_warned)
		return false;
	reader->has_warned = true;
	err_at(err, log_reader_place(reader),
		"its dates go on after it was written last, so it begins in "
		"an earlier year: say which by --year");
	return true;
}

/* The file at hand was read to its end, and more may come. */
static bool follow_file(
	struct log_reader *reader, struct slice *line, enum log_read *read)
{
	struct log_input *input = input_of(reader);

	*read = LOG_READ_LINE;
	if (reader->next != NULL) {
		if (take_rest(reader, line))
			return true;
		log_file_close(&input->file);
		input->file = reader->next;
		reader->next = NULL;
		reader->place = (struct place){ log_file_name(input->file), 0 };
		return false;
	}
	if (log_tail_is_cut(input->file)) {
		log_file_rewind(input->file);
		forget_bytes(reader);
		reader->place.line = 0;
		reader->is_quiet = false;
		return false;
	}
	/* Its last lines may have come since it was read: so once more. */
	reader->next = log_tail_successor(input->file, reader->files.newest);
	if (reader->next != NULL)
		return false;
	*read = LOG_READ_QUIET;
	if (reader->is_quiet) {
		(void)log_tail_wait(reader->tail, -1);
		return false;
	}
	reader->is_quiet = true;
	return true;
}

/* Before a stream is read, which could block.  False: go on and read. */
static bool look_first(struct log_reader *reader, enum log_read *read)
{
	const struct log_input *input = input_of(reader);
	const int stream = input->is_stream ? log_file_fd(input->file) : -1;
	enum log_wait wait = log_tail_look(reader->tail, stream);

	*read = LOG_READ_QUIET;
	while (wait == LOG_WAIT_NOTHING) {
		if (!reader->is_quiet) {
			reader->is_quiet = true;
			return true;
		}
		wait = log_tail_wait(reader->tail, stream);
	}
	*read = LOG_READ_END;
	return wait == LOG_WAIT_ENDED;
}

/* False: go on; else *read is what comes next. */
static bool read_more(struct log_reader *reader, struct slice *line,
	enum log_read *read, struct err *err)
{
	const bool is_last = reader->at + 1 == reader->files.n;
	enum log_bytes bytes;

	if (reader->tail != NULL && look_first(reader, read))
		return true;
	bytes = fill(reader, err);
	if (bytes == LOG_BYTES_SOME) {
		reader->is_quiet = false;
		return false;
	}
	if (bytes == LOG_BYTES_END && reader->tail != NULL && is_last &&
		!input_of(reader)->is_stream)
		return follow_file(reader, line, read);
	*read = LOG_READ_LINE;
	if (bytes == LOG_BYTES_END && take_rest(reader, line))
		return true;
	*read = LOG_READ_DAMAGED;
	return !end_file(reader, err) || bytes == LOG_BYTES_DAMAGED;
}

enum log_read log_reader_next(
	struct log_reader *reader, struct slice *line, struct err *err)
{
	enum log_read read;

	if (warn_of_left_out(reader, err))
		return LOG_READ_WARNING;
	while (reader->at < reader->files.n) {
		if (!reader->is_begun && begin_file(reader, err))
			return LOG_READ_WARNING;
		if (warn_of_years(reader, err))
			return LOG_READ_WARNING;
		if (take_line(reader, line))
			return LOG_READ_LINE;
		if (read_more(reader, line, &read, err))
			return read;
	}
	return LOG_READ_END;
}

struct log_clock *log_reader_clock(struct log_reader *reader)
{
	return &reader->clock;
}

struct place log_reader_place(const struct log_reader *reader)
{
	return reader->place;
}

unsigned long log_reader_too_long(const struct log_reader *reader)
{
	return reader->too_long;
}
