/*
 * build --dry-run: all of build up to the lock and the state folder, then
 * what publishing would change.
 */
#include "transport-map-gen/commands.h"

#include "transport-map-gen/options.h"

#include <stddef.h>

int command_dry_run(const struct options *options)
{
	struct options diff = *options;

	diff.arguments = NULL;
	diff.n_arguments = 0;
	return command_diff(&diff);
}
