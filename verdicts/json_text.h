/* JSON (RFC 8259) by hand: valid UTF-8, and nothing that a terminal obeys. */
#ifndef VERDICTS_JSON_TEXT_H
#define VERDICTS_JSON_TEXT_H

#include "verdicts/verdict.h"

struct text;

/*
 * Appends the bytes in quotes; what must not be shown as \uNNNN, bytes that
 * are no UTF-8 as U+FFFD.
 */
void json_text_string(struct text *out, struct slice bytes);
/* null where it is "". */
void json_text_optional(struct text *out, const char *text);
/*
 * Appends the value of a field as it is written in the line: null where
 * there is none, numbers of generation and us, whether it is a shadow.
 */
void json_text_field(
	struct text *out, enum verdict_field field, struct slice written);

#endif
