/* The last few of the verdicts, held back until nothing comes after them. */
#ifndef VERDICTS_LAST_H
#define VERDICTS_LAST_H

#include "verdicts/output.h"

/*
 * Hands the last n that it took on to `inner`, which it owns, in their order,
 * at finish; or at the first flush, and from then on each at once.  Memory
 * for n lines; fates are shared with the record.
 */
void last_open(struct output *out, const struct output *inner, unsigned long n);

#endif
