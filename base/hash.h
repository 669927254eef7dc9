/*
 * Numbers of texts, for finding them: they depend on what the kernel gave this
 * process at random, so that nobody can write texts whose numbers meet.  Those
 * of another run are others: they are not kept, and no order comes of them.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_secret {
	uint64_t words[2];
};

/* The same at each call. */
struct hash_secret hash_secret(void);
uint64_t hash_bytes(
	const struct hash_secret *secret, const char *bytes, size_t len);

#endif
