/* How large a CDB map will be, reckoned before anything is written. */
#ifndef SNAPSHOT_MAP_SIZE_H
#define SNAPSHOT_MAP_SIZE_H

#include "base/err.h"

#include <stdint.h>

struct map_size {
	uint64_t count; /* of records */
	uint64_t bytes; /* of records and of what leads to them */
};

void map_size_add(struct map_size *size, uint64_t key_len, uint64_t value_len);
/* False where it is more than max bytes: *err says how many would fit. */
bool map_size_check(const struct map_size *size, uint64_t max, const char *file,
	struct err *err);

#endif
