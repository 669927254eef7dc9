/*
 * Which of many texts stood before, told by their hashes and without a table
 * of all: that would be looked up all over a memory larger than caches are.
 */
#ifndef DIRECTORY_DUPLICATES_H
#define DIRECTORY_DUPLICATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct duplicates_of {
	const uint32_t *hashes; /* of each text, in their order */
	size_t count; /* < UINT32_MAX */
	/* Of two with the same hash. */
	bool (*is_same)(const void *context, size_t a, size_t b);
	/*
	 * number is the same as one before it, and perhaps as more of them;
	 * once for each, in no order.
	 */
	void (*found)(void *context, size_t number);
	void *context;
};

void duplicates_find(const struct duplicates_of *of);

#endif
