/* Pieces of what was read, looked at without a copy. */
#include "base/slice.h"

#include <string.h>

struct slice slice_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

bool slice_is(struct slice slice, const char *text)
{
	return slice_same(slice, slice_of(text));
}

bool slice_starts(struct slice slice, const char *prefix)
{
	const size_t len = strlen(prefix);

	return slice.len >= len && memcmp(slice.bytes, prefix, len) == 0;
}

bool slice_same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

struct slice slice_after(struct slice slice, size_t n)
{
	return (struct slice){ slice.bytes + n, slice.len - n };
}
