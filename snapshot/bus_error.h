/*
 * Reading mapped files that somebody may cut short in place, or whose disk
 * fails: the kernel then sends SIGBUS to whoever reads the page, which
 * would be the end of the process.
 */
#ifndef SNAPSHOT_BUS_ERROR_H
#define SNAPSHOT_BUS_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that are mapped; size 0 = none. */
struct extent {
	const unsigned char *bytes;
	size_t size;
};

enum { BUS_ERROR_EXTENTS = 2 };

/*
 * Runs work(context).  False: a byte of the extents could not be read, and
 * work ended there, so it must hold nothing then that wants to be given
 * back.  A fault anywhere else does what it would have done.  The first
 * call takes over the process's SIGBUS.
 */
bool bus_error_guard(const struct extent extents[BUS_ERROR_EXTENTS],
	void (*work)(void *context), void *context);

#endif
