/* Which logs are read, and in which order: the oldest lines first. */
#ifndef VERDICTS_LOG_FILES_H
#define VERDICTS_LOG_FILES_H

#include "verdicts/log_file.h"
#include "verdicts/log_reader.h"

struct log_input {
	struct log_file *file; /* NULL: closed */
	struct log_journal *journal; /* which writes the stream, or NULL */
	bool is_stream; /* no file that could be looked into before */
	time_t written, latest; /* see log_clock.h */
	int64_t first_us; /* of the first line with a date, else `latest` */
	size_t named; /* the how many-eth */
	const char *remark; /* what who asked should know, or NULL */
};

struct log_files {
	struct arena *arena; /* names and remarks */
	struct log_input *inputs;
	size_t n;
	/* Where new lines will appear: the newest file's name, or NULL. */
	const char *newest;
	/* Logs of the system that were found and are not read; of the first
	   one, why. */
	size_t left_out;
	const char *why;
};

/*
 * Opens all of them.  False: *err says which can not be read and why.  To be
 * closed in any case.
 */
bool log_files_open(struct log_files *out, const struct log_sources *sources,
	struct err *err);
void log_files_close(struct log_files *files);
/* One of them, once it has been read. */
void log_input_close(struct log_input *input);

#endif
