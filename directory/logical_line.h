/*
 * Lines as Postfix's own tables have them: one that begins with a blank
 * continues the one before it, even across comments and empty lines
 * (postmap(1), aliases(5)).
 */
#ifndef DIRECTORY_LOGICAL_LINE_H
#define DIRECTORY_LOGICAL_LINE_H

#include "directory/source.h"

/* origin is the number of the physical line at which it begins; the line has
   no newline in it and may be written to. */
typedef void logical_line_put(
	void *context, const char *origin, char *line, const struct sink *sink);

/*
 * Calls put for each line that says something; what continues nothing goes
 * to the sink as bad.  The text is taken to pieces.
 */
void logical_lines_read(char *text, logical_line_put *put, void *context,
	const struct sink *sink);

#endif
