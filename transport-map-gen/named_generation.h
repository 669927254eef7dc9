/*
 * A generation as a command line names it: a number, "current", or
 * "candidate", which is what a build would publish now.
 */
#ifndef TRANSPORT_MAP_GEN_NAMED_GENERATION_H
#define TRANSPORT_MAP_GEN_NAMED_GENERATION_H

#include "snapshot/generation.h"
#include "transport-map-gen/options.h"

#include <time.h>

struct candidate;

/* Caller's storage; start with { 0 }. */
struct named_generation {
	const struct generation *generation; /* NULL: there is none */
	struct generation *opened; /* the same; NULL: the candidate's */
	struct candidate *candidate; /* NULL: it is no candidate */
};

/*
 * Asked with the freshness of directories as it is now: the published state's,
 * and of a candidate as they were loaded for it.  What goes wrong goes to
 * stderr.  EX_OK; EX_TEMPFAIL there is one, and a directory could not be
 * read for it.  Where there is none: EX_USAGE no such generation, EX_IOERR it
 * can not be read, else build's status for a candidate.
 */
int named_generation_open(struct named_generation *out, const char *name,
	const struct options *options);
void named_generation_close(struct named_generation *named);

/* Whether <state>/current leads anywhere. */
bool named_generation_is_published(const struct options *options);
/* By which it was asked: of a candidate when it was compiled, else now. */
time_t named_generation_time(const struct named_generation *named);

#endif
