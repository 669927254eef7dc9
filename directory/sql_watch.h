/*
 * Hangs up on a server when time is over, for a client that would read on
 * for as long as a byte comes now and then.
 */
#ifndef DIRECTORY_SQL_WATCH_H
#define DIRECTORY_SQL_WATCH_H

#include "base/err.h"

#include <stdint.h>

struct sql_watch;

/*
 * Never at first.  descriptor() gives the client's socket, -1 where it has
 * none yet, and is called by another thread.  NULL: there is no room for a
 * thread.
 */
struct sql_watch *sql_watch_open(
	int (*descriptor)(void *context), void *context, struct err *err);
/* Before the client is closed. */
void sql_watch_close(struct sql_watch **watch);

/*
 * As clock_due_ms() has it; replaces what was set before.  Where there is no
 * socket then, the same time begins once more.
 */
void sql_watch_set(struct sql_watch *watch, int64_t due_ms);
/* Whether it was over at any time. */
bool sql_watch_has_hung_up(struct sql_watch *watch);

#endif
