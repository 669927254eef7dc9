/*
 * manifest.json of a generation: its time, counts, BLAKE2b-512 (as b2sum(1)
 * prints it) of each file and of the configuration, each directory's count.
 */
#ifndef SNAPSHOT_MANIFEST_H
#define SNAPSHOT_MANIFEST_H

#include "base/err.h"

#include <time.h>

struct arena;
struct measured;

struct manifest_file {
	const char *name;
	unsigned long records; /* keys, or lines */
	const char *digest; /* hexadecimal */
};

struct manifest_directory {
	const char *name;
	unsigned long entries;
	time_t loaded; /* 0 = never */
};

struct manifest {
	unsigned long generation;
	unsigned long content_of; /* rolled back to this one; 0 = it is new */
	time_t time;
	const char *configuration; /* digest */
	struct manifest_file *files;
	size_t n_files;
	struct manifest_directory *directories;
	size_t n_directories;
	/* Of its files, before they are measured; NULL = nothing is known. */
	const struct measured *measured;
};

/* Counts and digests every file of the folder into m->files. */
bool manifest_measure(struct manifest *m, const char *folder,
	struct arena *arena, struct err *err);
bool manifest_write(
	const struct manifest *m, const char *folder, struct err *err);
bool manifest_read(struct manifest *m, const char *folder, struct arena *arena,
	struct err *err);

#endif
