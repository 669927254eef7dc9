/* What policyd may still reach of the files and the network: landlock(7). */
#ifndef POLICYD_SANDBOX_FILES_H
#define POLICYD_SANDBOX_FILES_H

#include "base/err.h"

#include <stddef.h>

/*
 * From now on this thread and those it makes can read below the folders
 * alone, and write, make and remove no file anywhere; nor bind or reach a
 * TCP port, nor signal a process outside, as far as the kernel can forbid
 * that (Linux 5.13, 6.7, 6.12).  What is open stays open.  Of a folder that
 * does not exist the next one above that does is taken.  Ordinary sockets of
 * the UNIX family, the log's, are not its matter.  False where the kernel
 * has no Landlock: nothing is limited then, and *err says why.
 */
bool sandbox_limit_files(
	const char *const folders[], size_t count, struct err *err);
/* All can be read, nothing but /dev/null be written. */
bool sandbox_forbid_writing(struct err *err);

#endif
