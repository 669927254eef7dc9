/*
 * Without allocating, for there is nothing left to allocate.  Large pieces
 * ask for large pages: they are what millions of entries are looked up in,
 * and with small ones each look-up would miss the TLB.
 */
#include "base/memory.h"

#include <sysexits.h>
#include <sys/mman.h>
#include <unistd.h>

void *memory_must(void *memory)
{
	static const char sentence[] = "out of memory\n";

	if (memory == NULL) {
		const ssize_t n =
			write(STDERR_FILENO, sentence, sizeof sentence - 1);

		(void)n;
		_exit(EX_OSERR);
	}
	return memory;
}

/* mmap(2) takes no size of 0. */
static size_t size_of(size_t size)
{
	return size == 0 ? 1 : size;
}

static void *advised(void *memory, size_t size)
{
	if (memory == MAP_FAILED)
		return memory_must(NULL);
	madvise(memory, size, MADV_HUGEPAGE);
	return memory;
}

void *memory_map(size_t size)
{
	size = size_of(size);
	return advised(mmap(NULL, size, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		size);
}

/* Where the kernel knows no such advice, they come one by one. */
void memory_populate(void *memory, size_t size)
{
	madvise(memory, size_of(size), MADV_POPULATE_WRITE);
}

void *memory_remap(void *memory, size_t size, size_t new_size)
{
	new_size = size_of(new_size);
	return advised(mremap(memory, size_of(size), new_size, MREMAP_MAYMOVE),
		new_size);
}

void memory_unmap(void *memory, size_t size)
{
	if (memory != NULL)
		munmap(memory, size_of(size));
}
