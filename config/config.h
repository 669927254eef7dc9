/* namespace.conf(5), read with libConfuse into the model. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/faults.h"
#include "namespace/namespace.h"

struct arena;

/*
 * Reads path and what it includes.  Every fault goes into faults with its
 * file and line; all faults of meaning in one run, a fault of syntax ends
 * it.  NULL where nothing usable came of it (no such file, syntax); with
 * errors in faults the result is for further checks only.
 * Relative paths in it are taken from the folder of the file that names
 * them.  The result lives in config.
 */
struct namespace *config_read(
	const char *path, struct arena *config, struct faults *faults);

#endif
