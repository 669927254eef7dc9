/*
 * What stands published, told by its files' names and marks without reading
 * a map: so that who remembers it sees in no time whether it still stands.
 */
#ifndef SNAPSHOT_PUBLISHED_FILES_H
#define SNAPSHOT_PUBLISHED_FILES_H

#include <stdbool.h>
#include <time.h>

struct state;
struct text;

/*
 * A line for each file of the generations that the two links lead to: its
 * name and its mark (base/file_mark.h).  False where nothing is published or
 * a file can not be looked at.
 */
bool published_files_describe(struct text *out, const struct state *state);

/*
 * When the first of the last routes in these generations (leaving.h) has
 * been kept for linger_s; 0 = never, none is kept.  False where a date can
 * not be read or is later than now.
 */
bool published_files_due(time_t *due, const struct state *state,
	unsigned long linger_s, time_t now);

#endif
