/* Bytes that belong to somebody else, not ended by a NUL. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>

struct slice {
	const char *bytes; /* never NULL */
	size_t len;
};

struct slice slice_of(const char *text);
bool slice_is(struct slice slice, const char *text);
bool slice_starts(struct slice slice, const char *prefix);
bool slice_same(struct slice a, struct slice b);
/* Without the first n bytes; n <= len. */
struct slice slice_after(struct slice slice, size_t n);

#endif
