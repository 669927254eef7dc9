/*
 * Out of memory: nobody could handle it, so the process ends, saying so, with
 * EX_OSERR; what is half done is for the next run, as if it had been killed.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* What malloc(3) and its kin gave; where that is NULL it does not return. */
void *memory_must(void *memory) __attribute__((returns_nonnull));

/*
 * Many megabytes, zeroed; pages that are never touched cost nothing.  Given
 * back by memory_unmap(), with the same size.
 */
void *memory_map(size_t size) __attribute__((returns_nonnull));
/*
 * The first size bytes of it will all be written soon: has them cleared now,
 * which takes its time and can be done by another thread.
 */
void memory_populate(void *memory, size_t size);
/* The same bytes, perhaps elsewhere, the new ones zero. */
void *memory_remap(void *memory, size_t size, size_t new_size)
	__attribute__((returns_nonnull));
/* What mmap(2) or the two above gave; NULL is accepted. */
void memory_unmap(void *memory, size_t size);

#endif
