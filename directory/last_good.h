/*
 * The last-good copy of a directory, <state>/directories/NAME: what it
 * listed when it was last read whole.  A text, one entry a line, then one
 * line for each class of objects.
 */
#ifndef DIRECTORY_LAST_GOOD_H
#define DIRECTORY_LAST_GOOD_H

#include "base/err.h"
#include "namespace/lookup.h"

struct arena;
struct class_counts;
struct entry;

/* Its path, whatever bytes the directory's name has. */
const char *last_good_path(
	const char *state, const char *name, struct arena *arena);

struct last_good_writer;

/* Writes the text to a duplicate of fd, where that stands. */
struct last_good_writer *last_good_open(int fd, struct err *err);
/*
 * entry->address is a key, entry->target a key or NULL.  What can not be
 * written is told at close.
 */
void last_good_add(struct last_good_writer *writer, const struct entry *entry);
/* Sets *writer to NULL; false where not all was written. */
bool last_good_close(struct last_good_writer **writer,
	const struct class_counts *classes, struct err *err);

/*
 * Makes the text in fd the copy of the directory of that name: fsyncs and
 * renames, so that the new copy stands where this is true, else the old one.
 */
bool last_good_keep(
	int fd, const char *state, const char *name, struct err *err);

/*
 * Calls each() for every entry in order, once the copy is known to be
 * whole.  NONE: there is no copy.  FAILED: it can not be read or is
 * damaged; then each() was not called, but where the disk failed only after
 * that: what it got is not all.  errno is EBADMSG where it is damaged.
 */
enum lookup last_good_read(const char *path,
	void (*each)(void *context, const struct entry *entry), void *context,
	struct err *err);

struct last_good_reader {
	void (*each)(void *context, const struct entry *entry); /* or NULL */
	void *context;
	struct class_counts *classes; /* added to; NULL = not wanted */
};

/* The same with the classes. */
enum lookup last_good_read_all(const char *path,
	const struct last_good_reader *reader, struct err *err);
/* The same of an open file, from its start; *err comes without a name. */
bool last_good_read_fd(
	int fd, const struct last_good_reader *reader, struct err *err);

#endif
