/*
 * A value as tables show it: verdict_show(), and so that what is none and
 * what only looks so are told apart.
 */
#ifndef VERDICTS_SHOWN_H
#define VERDICTS_SHOWN_H

#include "verdicts/verdict.h"

struct text;

/*
 * Appends "-" where there is none, "<>" for the null sender; a value that is
 * written so begins with \x2d or \x3c.  "..." follows what was cut.
 */
void shown_add(
	struct text *out, enum verdict_field field, struct slice written);
/* What stands for none. */
void shown_text(struct text *out, const char *text);

#endif
