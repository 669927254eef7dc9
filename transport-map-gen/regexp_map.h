/* relay_recipients.regexp, asked as regexp_table(5) says. */
#ifndef TRANSPORT_MAP_GEN_REGEXP_MAP_H
#define TRANSPORT_MAP_GEN_REGEXP_MAP_H

#include "namespace/lookup.h"

struct arena;

/*
 * *pattern is the line's pattern, *value what it gives.  Knows what
 * Postshare writes into such a file: patterns, "if !/.../" and "endif".
 */
enum lookup regexp_map_find(const char **pattern, const char **value,
	const char *path, const char *key, struct arena *arena);

#endif
