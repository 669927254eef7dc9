/*
 * What a configuration may leave without a way and no map can say: somebody
 * who is accepted and whom no connector takes.
 */
#ifndef SNAPSHOT_WAYLESS_H
#define SNAPSHOT_WAYLESS_H

#include "base/faults.h"
#include "snapshot/maps.h"

/*
 * An error for each domain whose postmaster nobody takes, under any name
 * that the maps would have, and for each domain of which a directory lists
 * recipients that nobody takes, up to 100 of these; RFC 5321 4.5.1.  What is
 * sound here is lost by none of the maps.
 */
void wayless_prove(const struct maps_input *input, struct faults *faults);

#endif
