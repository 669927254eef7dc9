/* A folder of maps, made of what was gathered. */
#ifndef TRANSPORT_MAP_GEN_COMPILE_H
#define TRANSPORT_MAP_GEN_COMPILE_H

#include "transport-map-gen/gather.h"

struct measured;

/*
 * The folders that the links lead to now; NULL = none.  What they accept and
 * the new maps do not leaves by its last route for linger_s.
 */
struct compile_before {
	const char *routes;
	const char *current;
	const char *given_up; /* as leaving.h has it */
	unsigned long linger_s;
	struct measured *measured; /* as maps.h has it */
};

/*
 * Writes every map into the empty folder.  g is sound.  On failure some are
 * there.  True with a text in *err: as leaving_write().
 */
bool compile_maps(const struct gathered *g, const struct compile_before *before,
	const char *folder, struct err *err);

/*
 * The last routes alone, where all other maps are in the folder already and
 * view is made of them.
 */
bool compile_leaving(const struct view *view, time_t now,
	const struct compile_before *before, const char *folder,
	struct err *err);

#endif
