/*
 * A folder of this run's own, in $TMPDIR or /tmp, that goes with it however
 * it ends: at a ^C, or in a pipe that head(1) has read enough of, too.
 */
#ifndef TRANSPORT_MAP_GEN_SCRATCH_H
#define TRANSPORT_MAP_GEN_SCRATCH_H

#include "base/err.h"

struct scratch;

/*
 * Empty, and for its owner alone.  A process is forked that outlives this
 * one until the folder is gone; the smaller this one is, the smaller that is.
 */
struct scratch *scratch_open(struct err *err);
/* With the files in it, and not before that is done. */
void scratch_close(struct scratch **scratch);

const char *scratch_folder(const struct scratch *scratch);

#endif
