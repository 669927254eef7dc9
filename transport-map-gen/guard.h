/*
 * What the shrink guard of each directory can not see: recipients that go
 * because a directory or a domain was taken out of the configuration or
 * disabled, or because a last-good copy was lost and its source is down.
 */
#ifndef TRANSPORT_MAP_GEN_GUARD_H
#define TRANSPORT_MAP_GEN_GUARD_H

#include "transport-map-gen/gather.h"

/*
 * folder is the published generation, NULL for none.  False where more than
 * ten recipients of one of its directories would be lost that way, or any
 * at all with a copy, and no --accept-shrink names it; or where that names
 * nothing known.
 */
bool guard_check(const struct gathered *gathered, const struct options *options,
	const char *folder, struct err *err);

#endif
