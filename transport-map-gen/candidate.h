/*
 * What a build would publish now: compiled into a folder of its own, in
 * $TMPDIR or /tmp, and opened.  Nothing in the state folder is touched.
 */
#ifndef TRANSPORT_MAP_GEN_CANDIDATE_H
#define TRANSPORT_MAP_GEN_CANDIDATE_H

#include "snapshot/generation.h"
#include "transport-map-gen/gather.h"

struct candidate;

/*
 * All faults go to stderr, as build says them.  NULL: there is none, for the
 * configuration is bad or a guard refuses it; *status is build's status
 * then, and else EX_OK or EX_TEMPFAIL: a directory could not be read, and
 * its last-good copy serves.
 */
struct candidate *candidate_open(const struct options *options, int *status);
/* And removes the folder. */
void candidate_close(struct candidate **candidate);

const struct gathered *candidate_gathered(const struct candidate *candidate);
const struct generation *candidate_generation(
	const struct candidate *candidate);

#endif
