#include "transport-map-gen/commands.h"

#include <sysexits.h>

int command_diff(const struct options *options)
{
	(void)options;
	return EX_UNAVAILABLE;
}
