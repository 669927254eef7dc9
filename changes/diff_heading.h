/* Which generations a diff is of, and how much of it is to be shown. */
#ifndef CHANGES_DIFF_HEADING_H
#define CHANGES_DIFF_HEADING_H

#include <stdbool.h>

struct diff_heading {
	bool has_from; /* else nothing was published */
	unsigned long from, to; /* numbers; 0 = a candidate */
	unsigned long limit; /* items of each list; 0 = all */
};

#endif
