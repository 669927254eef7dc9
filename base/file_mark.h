/* By what a file shows, without being read, that it is what it was. */
#ifndef BASE_FILE_MARK_H
#define BASE_FILE_MARK_H

#include <stdbool.h>

struct text;

/*
 * Adds a line: inode, size, when it was last written and when it was last
 * changed in any way, to the nanosecond.  That last time (ctime) can be set
 * by nobody: who writes into a file, cuts it, puts another in its place or
 * sets its mtime back leaves another line.  False where it is no regular
 * file or can not be looked at.
 */
bool file_mark_add(struct text *out, const char *path);

#endif
