/*
 * What the last read of a file was made of, beside its copy, in
 * <state>/directories/NAME~read: where the file, what decides how it is read
 * and the copy are what they were, the copy is what a read would bring, and
 * there is no need for one.  Equal means equal bytes, not times; whatever is
 * in doubt is not the same.
 */
#ifndef DIRECTORY_SEEN_H
#define DIRECTORY_SEEN_H

#include "base/slice.h"

struct arena;
struct directory;
struct load_options;
struct seen;

/* NULL where nothing can be told: the source is no file. */
struct seen *seen_open(const struct directory *directory,
	const struct load_options *options, struct arena *arena);
void seen_close(struct seen **seen);

/*
 * *frame is then a listing without its entries: its beginning, the classes
 * and the count; in the arena.
 */
bool seen_is_same(struct seen *seen, struct slice *frame);

/* The source's bytes as they are read, piece by piece. */
void seen_add(struct seen *seen, const char *bytes, size_t len);
/*
 * The read has brought that listing, and nothing was to be said about it:
 * remembered for the next time, if it can be.
 */
void seen_keep(struct seen *seen, struct slice listing, struct slice frame);

#endif
