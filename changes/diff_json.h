/* A diff to be parsed (RFC 8259). */
#ifndef CHANGES_DIFF_JSON_H
#define CHANGES_DIFF_JSON_H

#include "changes/diff_heading.h"

#include <stdio.h>

struct diff;

/*
 * One object.  "from" and "to" are numbers, "candidate", or null where nothing
 * was published; "counts" are whole whatever "limit" has cut of the lists
 * "reroutes", "domains", "unlisted", "connectors", "spaces", "tls", "settings",
 * "accepted", "refused", "deferred" and "rerouted".
 */
void diff_print_json(
	const struct diff *diff, const struct diff_heading *heading, FILE *out);

#endif
