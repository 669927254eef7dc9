/*
 * Bytes that belong to somebody else, not ended by a NUL: pieces of what was
 * read, looked at without a copy.  Small enough to stand here, so that where
 * one side is a literal nothing is left of its length but a number.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *bytes; /* never NULL */
	size_t len;
};

static inline struct slice slice_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static inline bool slice_same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

static inline bool slice_is(struct slice slice, const char *text)
{
	return slice_same(slice, slice_of(text));
}

static inline bool slice_starts(struct slice slice, const char *prefix)
{
	const size_t len = strlen(prefix);

	return slice.len >= len && memcmp(slice.bytes, prefix, len) == 0;
}

/* Without the first n bytes; n <= len. */
static inline struct slice slice_after(struct slice slice, size_t n)
{
	return (struct slice){ slice.bytes + n, slice.len - n };
}

#endif
