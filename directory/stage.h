/*
 * What one read of a directory has brought so far: distinct keys in order of
 * arrival, held back until the read is known to be whole.
 */
#ifndef DIRECTORY_STAGE_H
#define DIRECTORY_STAGE_H

#include "base/faults.h"
#include "base/slice.h"
#include "directory/class_counts.h"
#include "directory/source.h"

enum { STAGE_FAULTS_MAX = 100 };

struct stage;

/* delimiters is recipient_delimiter; what is bad goes into faults. */
struct stage *stage_open(const struct directory *directory,
	const char *delimiters, struct faults *faults);
void stage_close(struct stage **stage);

/*
 * Takes what a source finds.  Addresses are checked and become keys; the
 * same key again is no new entry, but a mailbox replaces a contact.
 */
struct sink stage_sink(struct stage *stage);

/*
 * So many of all bytes of the source were read by now: makes room for what
 * is still to come, if it is like what came.
 */
void stage_expect(struct stage *stage, size_t seen, size_t all);
/*
 * The source has ended: once, and before any of the following.  Bad ones past
 * the first hundred become one advice that says how many.
 */
void stage_finish(struct stage *stage);
size_t stage_bad(const struct stage *stage);
/* Good and bad ones, duplicates too. */
size_t stage_lines(const struct stage *stage);
/* Distinct entries. */
size_t stage_count(const struct stage *stage);
/* The same but for the contacts that stand for themselves. */
size_t stage_somebodies(const struct stage *stage);
const struct class_counts *stage_classes(const struct stage *stage);

/* All of it as the text of a copy; as long as the stage. */
struct slice stage_listing(const struct stage *stage);
/* Once before the next, which it costs a walk over all. */
void stage_index(struct stage *stage);
/*
 * Whether there is an entry of that key that vouches for somebody.  *hint is
 * where it is looked for first, and moves on behind what was found, so that
 * asking in the order of arrival is fast; 0 to begin with.
 */
bool stage_vouches(const struct stage *stage, struct slice key, size_t *hint);

#endif
