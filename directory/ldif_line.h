/* The lines of LDIF (RFC 2849), unfolded and taken apart, in place. */
#ifndef DIRECTORY_LDIF_LINE_H
#define DIRECTORY_LDIF_LINE_H

#include "base/err.h"

struct ldif_lines {
	char *at, *end;
	unsigned next; /* the line that stands at "at" */
	size_t width; /* of the last line as it stands in the file, in bytes */
	size_t narrowest; /* of those that went on in the next; 0 = none did */
};

enum ldif_form { LDIF_PLAIN, LDIF_BASE64, LDIF_URL };

struct ldif_line {
	unsigned line; /* where it begins, or where it failed */
	char *name; /* without options; of a comment the text behind "#" */
	char *options; /* "lang-de;x", "" where there are none */
	enum ldif_form form;
	char *value; /* a NUL stands behind its len bytes */
	size_t len;
};

enum ldif_next {
	LDIF_ATTRIBUTE,
	LDIF_COMMENT,
	LDIF_SEPARATOR, /* an empty line */
	LDIF_DONE, /* of what was fed */
	LDIF_FAILED
};

void ldif_lines_init(struct ldif_lines *lines);
/* More of the text, from the start of a line that does not go on from the
   last; it must outlive its lines, and a NUL stands behind its len bytes. */
void ldif_lines_feed(struct ldif_lines *lines, char *text, size_t len);
/* The line's texts live as long as the text.  *err comes without place. */
enum ldif_next ldif_next(
	struct ldif_lines *lines, struct ldif_line *line, struct err *err);
/*
 * Whether the last line is as long as one that would go on, so that the text
 * may have been cut off between the two.  No tool folds below 72 octets,
 * unless this text has shown that it does.
 */
bool ldif_may_go_on(const struct ldif_lines *lines);
/* Makes LDIF_BASE64 plain; false where it is damaged. */
bool ldif_line_decode(struct ldif_line *line);

#endif
