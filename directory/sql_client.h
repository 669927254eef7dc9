/*
 * What directory/sql_source.c asks of a driver: to open one connection to one
 * host, to run the query, and to hand the rows on as they arrive.  Errors say
 * what went wrong, without the directory's source.
 */
#ifndef DIRECTORY_SQL_CLIENT_H
#define DIRECTORY_SQL_CLIENT_H

#include "base/err.h"
#include "namespace/sql_settings.h"

struct sql_rows;

struct sql_login {
	const struct sql_settings *settings;
	const char *user; /* sqlite: NULL */
	const char *password; /* NULL = none */
	const char *tls_ca_file;
	unsigned long timeout_s; /* no row and no answer for so long: failed */
};

struct sql_client {
	/* login and host (NULL for sqlite; with a "/" a local socket, on
	   which there is no TLS) outlive the connection in *out. */
	bool (*open)(void **out, const struct sql_login *login,
		const char *host, struct err *err);
	/* False unless the whole result has arrived.  The query can change
	   no table, whatever it says. */
	bool (*read)(void *opaque, struct sql_rows *rows, struct err *err);
	/* Whatever came of it; waits for nobody. */
	void (*close)(void *opaque);
};

#endif
