/* What servers and their libraries say, as part of a sentence of ours. */
#ifndef DIRECTORY_SQL_ERROR_H
#define DIRECTORY_SQL_ERROR_H

#include "base/err.h"

/*
 * The message (NULL: none was given) on one line, without control characters
 * and of bounded length, and behind it what to do where that is known.
 */
bool sql_err(struct err *err, const char *message);
/* The same of what a server says to a query. */
bool sql_err_query(struct err *err, const char *message);
/* That nothing came for so long; key: the setting that said how long. */
bool sql_err_time(struct err *err, unsigned long seconds, const char *key);

#endif
