/*
 * Reads a directory into its last-good copy, <state>/directories/NAME, and
 * the copy into memory.  The copy is replaced only after a complete read
 * that the guards let pass; until then the old one serves.
 */
#ifndef DIRECTORY_LOAD_H
#define DIRECTORY_LOAD_H

#include "base/faults.h"
#include "namespace/directory.h"

#include <time.h>

struct recipients;

enum load_end {
	LOAD_FRESH, /* read now, all of it */
	LOAD_KEPT, /* the read failed; the last-good copy serves */
	LOAD_REFUSED, /* a guard refused it; the last-good copy serves */
	LOAD_NEVER, /* failed, and there is no last-good copy */
};

struct load_options {
	const char *state; /* folder */
	const char *delimiters; /* recipient_delimiter */
	bool accepts_shrink; /* --accept-shrink named this directory */
	bool is_dry; /* check: read, report, keep nothing */
};

struct load {
	enum load_end end;
	size_t n_entries; /* distinct addresses in what serves now */
	size_t n_bad;
	struct err err; /* why not LOAD_FRESH */
};

/*
 * Adds what serves now to recipients.  Each bad line is an advice in
 * faults, with the source as file; past the first hundred only counted.
 */
void directory_load(struct load *out, const struct directory *directory,
	const struct load_options *options, struct recipients *recipients,
	struct faults *faults);

#endif
