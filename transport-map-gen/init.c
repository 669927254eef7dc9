#include "transport-map-gen/commands.h"

#include <sysexits.h>

int command_init(const struct options *options)
{
	(void)options;
	return EX_UNAVAILABLE;
}
