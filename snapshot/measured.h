/*
 * What is known of files before the manifest asks: the digests of large maps,
 * and the sums of their blocks, made in one pass while they were read back.
 */
#ifndef SNAPSHOT_MEASURED_H
#define SNAPSHOT_MEASURED_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

enum { MEASURED_MAX = 8, MEASURED_DIGEST_SIZE = 129 };

struct measured_file {
	const char *name; /* lives as long; NULL = nothing is known */
	unsigned long records;
	char digest[MEASURED_DIGEST_SIZE]; /* as in the manifest */
	struct stat status; /* of the file that it is of */
	struct text sums; /* as in sums.h; empty where it has none */
};

struct measured {
	struct measured_file files[MEASURED_MAX];
	size_t count;
};

/*
 * Reads the file that is open, which nobody writes any more, whatever its
 * offset.  False: nothing is known of it.  measured_fini() frees what is.
 */
bool measured_read(struct measured_file *out, int fd, const char *name,
	unsigned long records);
void measured_fini(struct measured *measured);
/* NULL where it is not known, or status is not that of the same file. */
const struct measured_file *measured_find(const struct measured *measured,
	const char *name, const struct stat *status);

#endif
