/* A place for the way of the data; what asks comes next. */
#include "verdicts/query.h"

#include <sysexits.h>

int query_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return EX_UNAVAILABLE;
}
