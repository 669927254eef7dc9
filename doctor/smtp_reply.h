/* What an SMTP or LMTP server answers (RFC 5321 4.2), taken apart. */
#ifndef DOCTOR_SMTP_REPLY_H
#define DOCTOR_SMTP_REPLY_H

#include "base/err.h"

#include <stddef.h>

enum {
	SMTP_LINE_MAX = 2048, /* octets, four times what RFC 5321 4.5.3 asks */
	SMTP_LINES_MAX = 128,
	SMTP_TEXT_SIZE = 4096, /* kept of a reply */
};

/* Begin with { 0 }, for each reply anew. */
struct smtp_reply {
	unsigned code; /* 0 until its first line is there */
	/* Its lines without codes, as they can be printed, each ended by
	   "\n"; what is too much is left out. */
	char text[SMTP_TEXT_SIZE];
	size_t len;

	/* The line that is not whole yet. */
	char line[SMTP_LINE_MAX];
	size_t line_len;
	unsigned n_lines;
};

enum smtp_progress { SMTP_MORE, SMTP_WHOLE, SMTP_BROKEN };

/*
 * Takes any split of what the server sends.  *used of the bytes belong to
 * this reply.  BROKEN: it is no reply, *err says how.
 */
enum smtp_progress smtp_reply_feed(struct smtp_reply *reply, const char *bytes,
	size_t len, size_t *used, struct err *err);

/* Whether a line begins with the word, in any case: EHLO's keywords. */
bool smtp_reply_has(const struct smtp_reply *reply, const char *word);
/* The word at the begin of the first line: who greets.  Bytes; 0 = none. */
size_t smtp_reply_first_word(const struct smtp_reply *reply);
/* "550 5.1.1 no such user", lines joined by blanks, cut to the size. */
void smtp_reply_format(const struct smtp_reply *reply, char *out, size_t size);

#endif
