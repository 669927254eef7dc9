/*
 * Words cut off the beginning of a line of Postfix's, one by one.  False: it
 * does not begin so, and what was cut off *rest then is undefined.
 */
#ifndef VERDICTS_CUT_H
#define VERDICTS_CUT_H

#include "base/slice.h"

bool cut_prefix(struct slice *rest, const char *prefix);
/* *out: all before the first `end`, which is cut off too. */
bool cut_to(struct slice *out, struct slice *rest, const char *end);
/* *out: an address in external form, up to the > that the words begin with. */
bool cut_address(struct slice *out, struct slice *rest, const char *behind);
/* "3A5F1C0D2: " */
bool cut_id(struct slice *id, struct slice *rest);
/* Of the queue ID at the beginning; 0 = there is none. */
size_t cut_id_len(struct slice rest);

#endif
