/*
 * <state>/freshness: when each directory last loaded, one line "NAME EPOCH"
 * each, outside the generations and replaced by rename at every run.
 */
#ifndef SNAPSHOT_FRESHNESS_H
#define SNAPSHOT_FRESHNESS_H

#include "base/err.h"

#include <time.h>

struct freshness {
	const char *directory;
	time_t loaded; /* 0 = never */
};

bool freshness_write(const char *state, const struct freshness *list,
	size_t count, struct err *err);
/*
 * Fills in loaded for each named directory of list: 0 where the file does
 * not name it or there is no file.  On failure list is as it was.
 */
bool freshness_read(const char *state, struct freshness *list, size_t count,
	struct err *err);

#endif
