/* MariaDB and MySQL, by libmariadb.  The contract: directory/sql_client.h. */
#ifndef DIRECTORY_SQL_MYSQL_H
#define DIRECTORY_SQL_MYSQL_H

#include "base/err.h"

struct sql_login;
struct sql_rows;

bool sql_mysql_open(void **out, const struct sql_login *login, const char *host,
	struct err *err);
bool sql_mysql_read(void *opaque, struct sql_rows *rows, struct err *err);
void sql_mysql_close(void *opaque);

#endif
