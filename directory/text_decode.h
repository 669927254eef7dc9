/* Text files as people's programs save them, brought to UTF-8. */
#ifndef DIRECTORY_TEXT_DECODE_H
#define DIRECTORY_TEXT_DECODE_H

#include "base/err.h"
#include "base/slice.h"

struct arena;

struct decoded {
	char *text; /* UTF-8, no byte order mark, no NUL but one at its end */
	size_t len;
	unsigned line; /* on failure: where; 0 = the text as a whole */
	struct slice bytes; /* that it was made of, until it is written to */
};

/*
 * UTF-8 with or without byte order mark, UTF-16 with one (Excel's "Unicode
 * Text").  bytes has a NUL after its len bytes; the text may be part of it,
 * so it lives as long, and may be written to.  *err comes without place.
 */
bool text_decode(struct decoded *out, char *bytes, size_t len,
	struct arena *arena, struct err *err);
/* A later part of a text of UTF-8, where no byte order mark stands. */
bool text_decode_more(
	struct decoded *out, char *bytes, size_t len, struct err *err);
/* A whole file; *err names it and the line. */
bool text_decode_file(struct decoded *out, const char *path,
	struct arena *arena, struct err *err);

#endif
