/*
 * Whether a build would make again what stands: where all that it depends on
 * is as it was at the last complete one, its answer is known without a look
 * at any recipient.
 *
 * It depends on: the program; the configuration, by its name and its text;
 * contacts of other files; the last-good copies, which the directories must
 * have been found equal to (directories_load()), so that all are fresh and none
 * is stale; the generations that the links lead to; the time at which the
 * first last route has been kept long enough.  Postfix and the configuration
 * alone are asked at each build anyway.
 */
#ifndef TRANSPORT_MAP_GEN_UNCHANGED_H
#define TRANSPORT_MAP_GEN_UNCHANGED_H

#include "snapshot/inputs.h"
#include "transport-map-gen/gather.h"

struct publication;
struct state;

/*
 * Before directories are read: true where they alone may have changed since
 * the last complete build.  *out lives as long as g.
 */
bool unchanged_recall(struct inputs *out, const struct gathered *g,
	const struct options *options, const struct state *state);
/* What the last complete build said of the recipients, said again. */
void unchanged_repeat(struct gathered *g, const struct inputs *before);
/*
 * After a complete build without fault: the next one may recall it.  Where
 * another of the same input might not come to the same end, nothing is kept.
 * That it can not be kept is no fault: the next build is a full one.
 */
void unchanged_keep(const struct gathered *g, const struct options *options,
	const struct state *state, const struct publication *publication);

#endif
