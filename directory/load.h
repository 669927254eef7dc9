/*
 * Reads directories side by side, each in a process of its own, into their
 * last-good copies, <state>/directories/NAME, and the copies into memory.  A
 * copy is replaced only after a complete read that the guards let pass; until
 * then the old one serves.  A reader that is slow, hangs or crashes delays
 * and harms no other.
 */
#ifndef DIRECTORY_LOAD_H
#define DIRECTORY_LOAD_H

#include "base/faults.h"
#include "directory/class_counts.h"
#include "namespace/directory.h"

#include <time.h>

struct arena;
struct recipients;

/* A list may lose so many whatever percentage that is, but not all. */
enum { LOAD_SHRINK_FREE = 10 };

enum load_end {
	LOAD_FRESH, /* read now, all of it */
	LOAD_KEPT, /* the read failed; the last-good copy serves */
	LOAD_REFUSED, /* a guard refused it; the last-good copy serves */
	LOAD_NEVER, /* failed, and there is no last-good copy */
};

struct load_options {
	const char *state; /* folder */
	const char *delimiters; /* recipient_delimiter */
	const char *const *accept_shrink; /* directories that may shrink */
	size_t n_accept_shrink;
	bool is_dry; /* check: read, report, write nothing */
	bool may_leave_out; /* see directories_load() */
	unsigned long deadline_s; /* for all together; 0 = none */
	time_t now;
	/* NULL, or told which are still being read when that changes */
	void (*waiting)(void *context, const struct directory *const *list,
		size_t count);
	void *context;
};

struct load {
	enum load_end end;
	size_t n_entries; /* distinct addresses in what serves now */
	size_t n_bad; /* of what was read */
	struct class_counts classes; /* of what serves now; none = not known */
	struct err err; /* why not LOAD_FRESH */
};

/* What loading fills. */
struct load_output {
	struct recipients *recipients;
	struct faults *faults;
	struct arena *arena; /* of what the loads point to */
};

/*
 * Adds what serves now to the recipients, in the order of the directories.
 * Those that are not enabled are left out; their loads are zero.  Each bad
 * line is an advice in faults, with the source as file; past the first
 * hundred of a directory only counted.
 *
 * False only by options->may_leave_out, and where there is nothing to say of
 * any and each that is enabled lists what its last-good copy lists, byte for
 * byte: then all of the loads is told, and nothing was added to the
 * recipients.
 */
bool directories_load(struct load *loads, const struct directory *directories,
	size_t count, const struct load_options *options,
	const struct load_output *output);
/*
 * What the last-good copies say: asks nobody, writes nothing.  LOAD_KEPT
 * without an error where there is one, else LOAD_NEVER.
 */
void directories_load_copies(struct load *loads,
	const struct directory *directories, size_t count, const char *state,
	const struct load_output *output);

#endif
