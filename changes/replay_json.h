/* A replay for programs. */
#ifndef CHANGES_REPLAY_JSON_H
#define CHANGES_REPLAY_JSON_H

#include "changes/replay_heading.h"

#include <stdio.h>

struct replay_result;

/* One object; transport-map-gen(1) has its keys. */
void replay_print_json(const struct replay_result *result,
	const struct replay_heading *heading, FILE *out);

#endif
