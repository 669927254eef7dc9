/* A list of recipients, one address a line. */
#ifndef DIRECTORY_LIST_FILE_H
#define DIRECTORY_LIST_FILE_H

#include "directory/source.h"

/*
 * UTF-8; "#" begins a comment at the start of a line or behind a blank;
 * the origin of an entry is its line.  An empty file is sound, one with a line
 * of more than 65,536 bytes is not.
 */
bool list_file_read(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err);
/* The same of what a program printed. */
bool list_file_read_text(const struct directory *directory,
	struct decoded *text, const struct sink *sink, struct err *err);

#endif
