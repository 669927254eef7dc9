/* What is left to policyd once it has its sockets and its log. */
#ifndef POLICYD_SANDBOX_H
#define POLICYD_SANDBOX_H

#include <stdbool.h>

struct journal;

/*
 * Before any request and any map is read, and before there is a thread: to
 * read below the state folder, to answer, to log, and nothing else; for good.
 * What the kernel can not do is left out, since mail must not stop for it,
 * and the journal says so.  tells_numbers: the process is to read its own
 * size, below /proc.
 */
void sandbox_enter(
	const char *state, bool tells_numbers, struct journal *journal);
/*
 * For policyd verdicts, which reads what strangers wrote: no network, and
 * no file is written but by --html.  argv as main() has it.
 */
void sandbox_enter_query(int argc, char **argv);

#endif
