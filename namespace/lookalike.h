/*
 * Recipients of one domain whose local parts a person takes for each other:
 * letters of another script, another width (Unicode TS 39, "confusables").
 */
#ifndef NAMESPACE_LOOKALIKE_H
#define NAMESPACE_LOOKALIKE_H

#include "namespace/recipients.h"

/* One that is not plain ASCII, and one that was listed before it. */
typedef void lookalike_found(void *context, const struct recipient *recipient,
	const struct recipient *like);

/*
 * Calls found() once for each that looks like another.  Pairs of plain
 * ASCII ("user1" and "userl") are left alone: there are too many of them.
 */
void lookalikes_find(const struct recipients *recipients,
	lookalike_found *found, void *context);

#endif
