/* How many verdicts there are of each kind. */
#ifndef VERDICTS_COUNTS_H
#define VERDICTS_COUNTS_H

#include "verdicts/count_key.h"
#include "verdicts/output.h"
#include "verdicts/shape.h"

/*
 * The most frequent first, equal ones by value; by time where the key begins
 * with the day or the hour.  top: so many alone, the table says how many
 * others there are; 0 = all.
 */
struct counts_options {
	struct count_key key;
	unsigned long top;
	struct shape shape;
};

/* Memory for each different value, none for each verdict. */
void counts_open(struct output *out, const struct counts_options *options);

#endif
