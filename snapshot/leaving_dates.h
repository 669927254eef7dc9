/* leaving.dates of a generation: since when its addresses leave. */
#ifndef SNAPSHOT_LEAVING_DATES_H
#define SNAPSHOT_LEAVING_DATES_H

#include "base/err.h"

struct arena;
struct table;

/*
 * Adds them to the table, key -> time_t, both in the arena; of two dates of
 * one key the earlier.  What can not be read is told and left out.
 */
void leaving_dates_read(struct table *dates, const char *folder,
	struct arena *arena, struct err *note);

#endif
