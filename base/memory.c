/* Without allocating, for there is nothing left to allocate. */
#include "base/memory.h"

#include <stdlib.h>
#include <unistd.h>

void *memory_must(void *memory)
{
	static const char sentence[] = "out of memory\n";

	if (memory == NULL) {
		const ssize_t n =
			write(STDERR_FILENO, sentence, sizeof sentence - 1);

		(void)n;
		abort();
	}
	return memory;
}
