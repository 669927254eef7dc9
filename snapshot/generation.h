/*
 * A published generation, opened for reading by mmap, as a view for the
 * resolver.  Immutable: a new one is opened beside it.
 */
#ifndef SNAPSHOT_GENERATION_H
#define SNAPSHOT_GENERATION_H

#include "base/err.h"
#include "namespace/view.h"

struct generation;

/*
 * The one that <state>/current leads to; NULL on failure.  Until its first
 * generation_refresh() all directories count as never loaded, which refuses
 * nobody.
 */
struct generation *generation_open(const char *state, struct err *err);
void generation_close(struct generation **generation);

unsigned long generation_number(const struct generation *generation);
const struct view *generation_view(const struct generation *generation);
/* Whether <state>/current still leads to this one: a readlink, no more. */
bool generation_is_current(const struct generation *generation);
/*
 * Reads <state>/freshness again if it was replaced: when each directory
 * last loaded.  What can not be read leaves the times as they were.
 */
bool generation_refresh(struct generation *generation, struct err *err);

#endif
