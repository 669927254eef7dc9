/* Texts that look alike have the same skeleton (Unicode TS 39). */
#ifndef NAMESPACE_SKELETON_H
#define NAMESPACE_SKELETON_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct skeleton;

/* NULL where ICU has no data for it. */
struct skeleton *skeleton_open(void);
void skeleton_close(struct skeleton **skeleton);

/*
 * The skeleton of folded UTF-8, its ASCII letters small; NULL where ICU has
 * none, or it is beyond all measure.
 */
const char *skeleton_of(const struct skeleton *skeleton, const char *bytes,
	size_t len, struct arena *arena);

#endif
