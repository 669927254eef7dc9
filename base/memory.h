/* Out of memory: nobody could handle it, so the process ends, saying so. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

/* What malloc(3) and its kin gave; where that is NULL it does not return. */
void *memory_must(void *memory) __attribute__((returns_nonnull));

#endif
