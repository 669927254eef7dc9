/*
 * A program that prints recipients, in one of the text formats: run without
 * a shell, read as a file of that format would be.
 */
#ifndef DIRECTORY_COMMAND_H
#define DIRECTORY_COMMAND_H

#include "directory/source.h"

/*
 * directory->command, at most directory->timeout_s, its output as
 * directory->output; program.h says in what surroundings it runs and when it
 * has ended.  The read fails where it ends with another status than 0 or by
 * a signal, prints too much (1 GiB) or ends within a line; the last line
 * that it wrote to standard error is told with it.  All of the output is
 * held until it is read.
 */
bool command_read(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err);

#endif
