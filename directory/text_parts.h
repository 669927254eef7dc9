/*
 * A text file, part by part, so that it need not be in memory whole.  Where
 * it can be cut is told by its format.
 */
#ifndef DIRECTORY_TEXT_PARTS_H
#define DIRECTORY_TEXT_PARTS_H

#include "directory/source.h"
#include "namespace/lookup.h"

struct decoded;
struct text_parts;

/*
 * find_end: how much of len bytes of UTF-8 can stand alone as a part; 0 where
 * more must be read.  NULL: the file can not be opened, or is none.
 */
struct text_parts *text_parts_open(const char *path,
	const struct source_options *options,
	size_t (*find_end)(const char *bytes, size_t len), struct err *err);
void text_parts_close(struct text_parts **parts);

/*
 * The next part, decoded, which may be written to and lives until there is
 * another or all is closed; NONE: there is no more.  A file has at least one
 * part, UTF-16 only one.  line: at which the part begins, for *err.
 */
enum lookup text_parts_next(struct text_parts *parts, unsigned line,
	struct decoded *out, struct err *err);

#endif
