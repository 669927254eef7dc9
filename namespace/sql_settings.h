/* Where and how a directory of type sql is asked.  Plain values. */
#ifndef NAMESPACE_SQL_SETTINGS_H
#define NAMESPACE_SQL_SETTINGS_H

#include <stdint.h>

enum sql_driver { SQL_POSTGRESQL, SQL_MYSQL, SQL_SQLITE };
/* "encrypt" asks for no certificate that can be verified. */
enum sql_tls { SQL_TLS_NONE, SQL_TLS_ENCRYPT, SQL_TLS_VERIFY };

struct sql_settings {
	enum sql_driver driver;
	/* Names, addresses or, with a "/", local sockets as the driver takes
	   them; tried in order, then NULL.  sqlite: none. */
	const char *const *hosts;
	uint16_t port; /* 0 = the driver's */
	const char *database; /* sqlite: the path of the file */
	const char *user; /* NULL = the driver's default */
	const char *password_file; /* NULL = none */
	/* First column an address, second, if any, the target of a contact. */
	const char *query;
	enum sql_tls tls;
	const char *tls_ca_file; /* NULL = the system's */
	unsigned long connect_timeout_s;
};

#endif
