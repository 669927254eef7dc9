/*
 * A chain of blocks, newest first; allocation is a bump of the newest one.
 * Under a sanitizer each allocation is a block of its own, so that an
 * overrun of one object is seen.
 */
#include "base/arena.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef ARENA_SEPARATE
enum { BLOCK_SIZE = 0 };
#else
enum { BLOCK_SIZE = 16 * 1024 };
#endif

struct block {
	struct block *older;
	size_t size;
	size_t used;
	max_align_t data[];
};

struct arena {
	struct block *newest;
};

static struct block *block_open(size_t size, struct block *older)
{
	if (size > SIZE_MAX - sizeof(struct block))
		memory_must(NULL);
	struct block *block = memory_must(malloc(sizeof *block + size));

	block->older = older;
	block->size = size;
	block->used = 0;
	return block;
}

struct arena *arena_open(void)
{
	return memory_must(calloc(1, sizeof(struct arena)));
}

static void blocks_close(struct block *block)
{
	while (block != NULL) {
		struct block *older = block->older;

		free(block);
		block = older;
	}
}

void arena_close(struct arena **arena)
{
	if (*arena == NULL)
		return;
	blocks_close((*arena)->newest);
	free(*arena);
	*arena = NULL;
}

void arena_reset(struct arena *arena)
{
	struct block *block = arena->newest;

	if (block == NULL)
		return;
	blocks_close(block->older);
	block->older = NULL;
	block->used = 0;
	if (block->size > BLOCK_SIZE) {
		blocks_close(block);
		arena->newest = NULL;
	}
}

/* What is taken of a block for it, so that the next is aligned. */
static size_t aligned(size_t size)
{
	const size_t align = sizeof(max_align_t);

	if (size > SIZE_MAX - align)
		memory_must(NULL);
	return (size + align - 1) / align * align;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct block *block = arena->newest;

	size = aligned(size);
	if (block == NULL || block->size - block->used < size) {
		const size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		block = block_open(room, block);
		arena->newest = block;
	}
	void *result = (char *)block->data + block->used;

	block->used += size;
	return memset(result, 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		memory_must(NULL);
	return arena_alloc(arena, count * size);
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_strndup(struct arena *arena, const char *bytes, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (len != 0)
		memcpy(copy, bytes, len);
	return copy;
}

/* Mostly there is room behind what is there already: then it is put once. */
char *arena_printf(struct arena *arena, const char *format, ...)
{
	struct block *block = arena->newest;
	char *start = block == NULL ? NULL : (char *)block->data + block->used;
	const size_t room = block == NULL ? 0 : block->size - block->used;
	va_list args;

	va_start(args, format);
	const int len = vsnprintf(start, room, format, args);
	va_end(args);
	if (len < 0)
		memory_must(NULL);
	if (block != NULL && (size_t)len < room) {
		block->used += aligned((size_t)len + 1);
		return start;
	}
	char *result = arena_alloc(arena, (size_t)len + 1);

	va_start(args, format);
	vsnprintf(result, (size_t)len + 1, format, args);
	va_end(args);
	return result;
}
