/* A diff for people. */
#ifndef CHANGES_DIFF_TEXT_H
#define CHANGES_DIFF_TEXT_H

#include "changes/diff_heading.h"

#include <stdio.h>

struct diff;

/*
 * "generation 41 -> candidate", counts, then what they are of, each list cut
 * at the limit, which is said; what can not be printed as \xNN.
 */
void diff_print_text(
	const struct diff *diff, const struct diff_heading *heading, FILE *out);

#endif
