/*
 * The last-good copy of a directory, <state>/directories/NAME: what it
 * listed when it was last read whole.  A text, one entry a line.
 */
#ifndef DIRECTORY_LAST_GOOD_H
#define DIRECTORY_LAST_GOOD_H

#include "base/err.h"
#include "namespace/lookup.h"

struct arena;
struct entry;

/* Its path, whatever bytes the directory's name has. */
const char *last_good_path(
	const char *state, const char *name, struct arena *arena);

struct last_good_writer;

/* Beside the old copy, which stands until close. */
struct last_good_writer *last_good_open(
	const char *state, const char *name, struct err *err);
/*
 * entry->address is a key, entry->target a key or NULL.  What can not be
 * written is told at close.
 */
void last_good_add(struct last_good_writer *writer, const struct entry *entry);
/*
 * fsyncs and renames: the new copy stands where this is true, else the old
 * one does.  Sets *writer to NULL either way.
 */
bool last_good_close(struct last_good_writer **writer, struct err *err);

/*
 * Calls each() for every entry in order, once the copy is known to be
 * whole.  NONE: there is no copy.  FAILED: it can not be read or is
 * damaged, and each() was never called.
 */
enum lookup last_good_read(const char *path,
	void (*each)(void *context, const struct entry *entry), void *context,
	struct err *err);

#endif
