/* Whether all maps fit into what a CDB file can hold. */
#ifndef SNAPSHOT_MAPS_SIZE_H
#define SNAPSHOT_MAPS_SIZE_H

#include "snapshot/maps_private.h"

/*
 * Whether some map might be larger than max bytes; false is certain.  Quick:
 * it looks at the length of each key alone.
 */
bool maps_may_exceed(const struct maps *maps, uint64_t max);

#endif
