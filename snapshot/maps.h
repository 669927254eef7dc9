/* The maps of a generation, made from the resolver's answers. */
#ifndef SNAPSHOT_MAPS_H
#define SNAPSHOT_MAPS_H

#include "namespace/model.h"

#include <stdint.h>

struct measured;

struct maps_input {
	const struct namespace *ns;
	const struct recipients *recipients;
	const struct model *model; /* of both */
	time_t now; /* by which directories are stale */
};

/*
 * Writes every map but transport_leaving into the folder.  Equal input
 * gives equal bytes.  Where one of them would be larger than a CDB map can
 * be, none is written, and *err says how many recipients would fit.
 */
bool maps_write(
	const struct maps_input *input, const char *folder, struct err *err);

/* What may vary; the maps that are written are the same. */
struct maps_options {
	/* Ask the resolver of each recipient, though the answer is known. */
	bool is_each_resolved;
	/* Bytes of a map; 0: what a CDB map can hold. */
	uint64_t size_max;
	/* Told of large maps, for the manifest; NULL = nobody asks. */
	struct measured *measured;
};

bool maps_write_with(const struct maps_input *input,
	const struct maps_options *options, const char *folder,
	struct err *err);

#endif
