/* Who does not leave: told by the new maps alone, for most of the old ones. */
#ifndef SNAPSHOT_LEAVING_STAY_H
#define SNAPSHOT_LEAVING_STAY_H

#include "base/slice.h"

struct leaving_stay;

/* folder: of the new maps; those that it does not have tell nothing. */
struct leaving_stay *leaving_stay_open(const char *folder);
void leaving_stay_close(struct leaving_stay **stay);

/*
 * Whether the new maps list the address and neither make another of it nor
 * hold it back: it is accepted, and the resolver need not be asked.  Quick
 * where addresses come in the order of the map.
 */
bool leaving_stays(struct leaving_stay *stay, struct slice key);

#endif
