/*
 * The rows of a query on their way into a sink, one at a time: the first
 * column is an address, the second, if any, the target of a contact.
 */
#ifndef DIRECTORY_SQL_ROWS_H
#define DIRECTORY_SQL_ROWS_H

#include "base/err.h"

struct sink;

enum { SQL_COLUMNS_MAX = 2 };

/* Bytes, for a database may hold anything; a NUL stands after them. */
struct sql_value {
	const char *bytes; /* NULL: the value is NULL */
	size_t len;
};

/* Start with the sink and 0 for the rest. */
struct sql_rows {
	const struct sink *sink;
	size_t n_columns;
	unsigned long count; /* rows put so far, bad ones too */
};

/* False where the query gives no columns, or more than can be meant. */
bool sql_rows_begin(struct sql_rows *rows, size_t n_columns, struct err *err);
/*
 * The next row, with a value for each column.  Its origin is "row 12".  No
 * address, a NUL byte or what is not UTF-8 makes the row a bad one; a target
 * that is NULL or empty, a mailbox.
 */
void sql_rows_put(struct sql_rows *rows, const struct sql_value *values);

#endif
