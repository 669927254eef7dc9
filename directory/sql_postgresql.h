/* PostgreSQL, by libpq.  The contract: directory/sql_client.h. */
#ifndef DIRECTORY_SQL_POSTGRESQL_H
#define DIRECTORY_SQL_POSTGRESQL_H

#include "base/err.h"

struct sql_login;
struct sql_rows;

bool sql_postgresql_open(void **out, const struct sql_login *login,
	const char *host, struct err *err);
bool sql_postgresql_read(void *opaque, struct sql_rows *rows, struct err *err);
void sql_postgresql_close(void *opaque);

#endif
