/* What each directory brought, for whoever watches a build. */
#ifndef TRANSPORT_MAP_GEN_DIRECTORY_REPORT_H
#define TRANSPORT_MAP_GEN_DIRECTORY_REPORT_H

#include "directory/load.h"

struct arena;

/*
 * "directory ad: 2400 recipients; 1166 user, 34 group; 3 bad": classes and
 * bad ones where there are some, "as last read" where it could not be read
 * now.  In the arena.
 */
const char *directory_report_format(const struct directory *directory,
	const struct load *load, struct arena *arena);

#endif
