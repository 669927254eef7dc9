/*
 * Directories that were taken out of the configuration, or disabled, lose
 * their recipients like any other: not more than the shrink guard lets pass.
 */
#ifndef TRANSPORT_MAP_GEN_GUARD_H
#define TRANSPORT_MAP_GEN_GUARD_H

#include "transport-map-gen/gather.h"

/*
 * folder is the published generation, NULL for none.  False where one of
 * them listed more than ten recipients that nobody lists any more, and no
 * --accept-shrink names it; or where that names nothing known.
 */
bool guard_check(const struct gathered *gathered, const struct options *options,
	const char *folder, struct err *err);

#endif
