/*
 * Following a log as tail -F does: what is added to the file, the file that
 * takes its name after a rotation, and the signals that end it.
 */
#ifndef VERDICTS_LOG_TAIL_H
#define VERDICTS_LOG_TAIL_H

#include <stdbool.h>

struct log_file;
struct log_tail;

/* Blocks SIGINT and SIGTERM, which it hears, until it is closed. */
struct log_tail *log_tail_open(void);
void log_tail_close(struct log_tail **tail);

enum log_wait {
	LOG_WAIT_MORE, /* there may be something to read */
	LOG_WAIT_NOTHING,
	LOG_WAIT_ENDED /* by a signal */
};

/* stream: its descriptor, or -1 for a file, which always may have more. */
enum log_wait log_tail_look(const struct log_tail *tail, int stream);
/* Waits until a stream has more; for a file a moment. */
enum log_wait log_tail_wait(const struct log_tail *tail, int stream);

/* The file is shorter than what was read of it: it was emptied. */
bool log_tail_is_cut(const struct log_file *file);
/*
 * Another file that has the name now, if there is something in it: before
 * that its predecessor may still be written to.  name is borrowed.
 */
struct log_file *log_tail_successor(
	const struct log_file *file, const char *name);

#endif
