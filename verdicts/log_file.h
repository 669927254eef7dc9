/*
 * The bytes of one log, as a stream: a plain file or gzip (RFC 1952, also
 * several members in one), by name or from a descriptor.
 */
#ifndef VERDICTS_LOG_FILE_H
#define VERDICTS_LOG_FILE_H

#include "base/err.h"

#include <time.h>

struct log_file;

/*
 * name is borrowed.  NULL: it can not be opened, is a folder, or is packed by
 * something else than gzip; *err says how to unpack it.
 */
struct log_file *log_file_open(const char *name, struct err *err);
/* Takes the descriptor over; a pipe, mostly. */
struct log_file *log_file_of(int fd, const char *name);
void log_file_close(struct log_file **file);

const char *log_file_name(const struct log_file *file);
int log_file_fd(const struct log_file *file);
/* What has a beginning to come back to: no pipe, no terminal. */
bool log_file_is_regular(const struct log_file *file);
bool log_file_is_same(const struct log_file *a, const struct log_file *b);
/* When it was modified last, from 1970 to 9999; of a stream: now. */
time_t log_file_modified(const struct log_file *file);
/*
 * The same for what was packed first, where that is known to be earlier;
 * before anything is read.
 */
time_t log_file_packed(const struct log_file *file);
/* To its beginning, and gives memory back; regular files only. */
void log_file_rewind(struct log_file *file);

enum log_bytes {
	LOG_BYTES_SOME,
	LOG_BYTES_END,
	LOG_BYTES_DAMAGED /* *err says why; what comes next is the end */
};

/* At most room bytes, *len of them, unpacked; blocks as read(2) does. */
enum log_bytes log_file_read(struct log_file *file, char *into, size_t room,
	size_t *len, struct err *err);

#endif
