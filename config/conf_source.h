/* A file of the configuration: its bytes, checked, and who includes it. */
#ifndef CONFIG_CONF_SOURCE_H
#define CONFIG_CONF_SOURCE_H

#include "base/faults.h"

struct arena;

enum { INCLUDES_DEEP = 10, INCLUDES_MAX = 10000 };

/* The chain of files that led to one, as the files are being read. */
struct source {
	const char *file; /* as faults name it */
	const char *real; /* without links and dots */
	const struct source *parent; /* NULL for the first */
	unsigned depth;
	const char *text;
	size_t len;
};

/*
 * Fills text, len and real; file, parent and depth are the caller's.  at is
 * where the file is named.  Bytes from scratch; a fault is reported.
 */
bool conf_source_read(struct source *source, struct place at,
	struct arena *scratch, struct faults *faults);

/* name as the file that names it means it: from that file's folder. */
const char *conf_path_join(
	const char *file, const char *name, struct arena *arena);

#endif
