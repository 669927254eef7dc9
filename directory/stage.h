/*
 * What one read of a directory has brought so far: distinct keys in order of
 * arrival, held back until the read is known to be whole.
 */
#ifndef DIRECTORY_STAGE_H
#define DIRECTORY_STAGE_H

#include "base/faults.h"
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

/* Bad ones past the first hundred: one advice that says how many. */
void stage_finish_faults(struct stage *stage);
size_t stage_bad(const struct stage *stage);
/* Good and bad ones, duplicates too. */
size_t stage_lines(const struct stage *stage);

/* Distinct entries. */
size_t stage_count(const struct stage *stage);
/* index < stage_count(); the texts live as long as the stage. */
void stage_get(const struct stage *stage, size_t index, struct entry *out);
/* False where there is none of that key. */
bool stage_find(const struct stage *stage, const char *key, struct entry *out);

const struct class_counts *stage_classes(const struct stage *stage);

#endif
