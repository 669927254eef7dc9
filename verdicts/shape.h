/* How an output looks. */
#ifndef VERDICTS_SHAPE_H
#define VERDICTS_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum query_format { QUERY_TABLE, QUERY_TSV, QUERY_JSON };

struct shape {
	enum query_format format;
	FILE *to; /* not closed */
	size_t columns; /* lines of a table are cut to; 0 = not cut */
	bool has_colour;
	bool has_fates; /* deliveries are shown as well */
};

#endif
