/* Standard output, or what a test reads instead. */
#ifndef VERDICTS_STREAM_H
#define VERDICTS_STREAM_H

#include "base/err.h"

#include <stdio.h>

struct text;

/* Writes the text out and empties it. */
void stream_put(FILE *to, struct text *text);
/* False: something could not be written, now or before. */
bool stream_finish(FILE *to, struct err *err);

#endif
