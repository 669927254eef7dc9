/* A replay for people. */
#ifndef CHANGES_REPLAY_TEXT_H
#define CHANGES_REPLAY_TEXT_H

#include "changes/replay_heading.h"

#include <stdio.h>

struct replay_result;

/*
 * Counts, the differences by their answers, then whose they are, cut at the
 * limit, which is said; times are local; what can not be printed as \xNN.
 */
void replay_print_text(const struct replay_result *result,
	const struct replay_heading *heading, FILE *out);

#endif
