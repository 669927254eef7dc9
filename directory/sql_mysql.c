/*
 * libmariadb, in its blocking form: it keeps time limits of its own for each
 * read and write, the log-in and TLS included, and a watch ends what is made
 * of many short ones: a row that comes byte by byte.  Rows stay in the
 * server's hands until fetched (mysql_use_result).  Several statements in one
 * query are refused by the server, since we do not ask for them.
 *
 * A server that does not offer TLS is talked to in clear, whatever
 * MYSQL_OPT_SSL_ENFORCE says, unless the certificate is to be verified as
 * well; so it is looked at whether TLS came to be.
 */
#include "directory/sql_mysql.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "directory/sql_client.h"
#include "directory/sql_error.h"
#include "directory/sql_rows.h"
#include "directory/sql_watch.h"

#include <errmsg.h>
#include <limits.h>
#include <mysql.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	PORT_DEFAULT = 3306,
	/* A row is two addresses. */
	PACKET_SIZE_MAX = 1024 * 1024,
};

struct connection {
	MYSQL *client;
	const struct sql_login *login;
	struct sql_watch *watch;
	int64_t asked_ms; /* when what we wait for was asked for */
};

/* Of the client: what it has none of is less than 0. */
static int descriptor(void *client)
{
	return (int)mysql_get_socket(client);
}

static void await(struct connection *connection, unsigned long seconds)
{
	connection->asked_ms = clock_now_ms();
	sql_watch_set(connection->watch, clock_due_ms(seconds));
}

/* Until more is asked for, time is ours. */
static void await_nothing(const struct connection *connection)
{
	sql_watch_set(connection->watch, clock_due_ms(0));
}

/*
 * What the client says ends in "(2)" or "system error: 115": for a socket an
 * errno, for hosts nothing of use.
 */
static bool connect_failed(MYSQL *client, bool is_local, struct err *err)
{
	const char *message = mysql_error(client);
	const char *code = strstr(message, " (");
	const char *end = code != NULL ? code : strstr(message, ", system");
	struct text said;

	text_init(&said);
	if (end == NULL)
		text_adds(&said, message);
	else
		text_add(&said, message, (size_t)(end - message));
	if (is_local && code != NULL)
		text_addf(&said, ": %s",
			strerror((int)strtol(code + 2, NULL, 10)));
	sql_err(err, said.data);
	text_fini(&said);
	return false;
}

/*
 * Where nothing came for as long as we wait, the client says that the
 * connection was lost, or that TLS failed.
 */
static bool is_late(const struct connection *connection, unsigned long seconds)
{
	if (sql_watch_has_hung_up(connection->watch))
		return true;
	switch (mysql_errno(connection->client)) {
	case CR_SERVER_LOST:
	case CR_SERVER_GONE_ERROR:
	case CR_CONN_HOST_ERROR:
	case CR_CONNECTION_ERROR:
	case CR_SSL_CONNECTION_ERROR:
		return clock_now_ms() - connection->asked_ms >=
			(int64_t)seconds * 1000;
	default: return false;
	}
}

static bool log_in_failed(
	const struct connection *connection, bool is_local, struct err *err)
{
	const unsigned long seconds =
		connection->login->settings->connect_timeout_s;

	if (is_late(connection, seconds))
		return sql_err_time(err, seconds, "connect-timeout");
	switch (mysql_errno(connection->client)) {
	case CR_PLUGIN_NOT_ALLOWED:
		/* its own words quote what it has not understood */
		return err_set(err,
			"the server asks for the password in a way that is "
			"not allowed here; tls = verify allows all");
	case CR_CONN_HOST_ERROR:
	case CR_CONNECTION_ERROR:
	case CR_SERVER_LOST:
	case CR_UNKNOWN_HOST:
		return connect_failed(connection->client, is_local, err);
	default: return sql_err(err, mysql_error(connection->client));
	}
}

static bool query_failed(const struct connection *connection, struct err *err)
{
	const unsigned long seconds = connection->login->timeout_s;
	const unsigned code = mysql_errno(connection->client);
	const char *message = mysql_error(connection->client);

	if (is_late(connection, seconds))
		return sql_err_time(err, seconds, "timeout");
	return IS_MYSQL_ERROR(code) ? sql_err(err, message)
				    : sql_err_query(err, message);
}

static void set_time_limits(MYSQL *client, const struct sql_login *login)
{
	const unsigned connecting = login->settings->connect_timeout_s > INT_MAX
		? INT_MAX
		: (unsigned)login->settings->connect_timeout_s;
	/* the client counts in milliseconds, in an int */
	const unsigned reading = login->timeout_s > INT_MAX / 1000
		? INT_MAX / 1000
		: (unsigned)login->timeout_s;

	mysql_optionsv(client, MYSQL_OPT_CONNECT_TIMEOUT, &connecting);
	mysql_optionsv(client, MYSQL_OPT_READ_TIMEOUT, &reading);
	mysql_optionsv(client, MYSQL_OPT_WRITE_TIMEOUT, &reading);
}

static void set_tls(MYSQL *client, const struct sql_login *login)
{
	const my_bool is_wanted = login->settings->tls != SQL_TLS_NONE;
	const my_bool is_verified = login->settings->tls == SQL_TLS_VERIFY;

	mysql_optionsv(client, MYSQL_OPT_SSL_ENFORCE, &is_wanted);
	mysql_optionsv(client, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &is_verified);
	if (is_wanted)
		mysql_optionsv(
			client, MARIADB_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3");
	if (is_verified)
		mysql_optionsv(client, MYSQL_OPT_SSL_CA, login->tls_ca_file);
}

/*
 * Plugins that would hand a server the password itself, or ask for it on a
 * terminal (PAM), are for a server that is known to be the right one.
 */
static void set_plugins(
	MYSQL *client, const struct sql_login *login, bool is_local)
{
	if (!is_local && login->settings->tls != SQL_TLS_VERIFY)
		mysql_optionsv(client, MARIADB_OPT_RESTRICTED_AUTH,
			"mysql_native_password,client_ed25519,"
			"caching_sha2_password,sha256_password");
}

static void set_options(
	MYSQL *client, const struct sql_login *login, bool is_local)
{
	const unsigned protocol = is_local ? MYSQL_PROTOCOL_SOCKET
					   : MYSQL_PROTOCOL_TCP;
	const unsigned reads_our_files = 0;
	const my_bool reconnects = 0;
	const size_t packet = PACKET_SIZE_MAX;

	mysql_optionsv(client, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_optionsv(client, MYSQL_OPT_LOCAL_INFILE, &reads_our_files);
	mysql_optionsv(client, MYSQL_OPT_RECONNECT, &reconnects);
	mysql_optionsv(client, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
	mysql_optionsv(client, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	set_time_limits(client, login);
	set_plugins(client, login, is_local);
	if (!is_local)
		set_tls(client, login);
}

static bool log_in(
	struct connection *connection, const char *host, struct err *err)
{
	const struct sql_login *login = connection->login;
	const struct sql_settings *settings = login->settings;
	const bool is_local = strchr(host, '/') != NULL;
	/* never NULL: that would ask the environment */
	const char *password = login->password == NULL ? "" : login->password;
	const unsigned port = settings->port == 0 ? PORT_DEFAULT
						  : settings->port;

	set_options(connection->client, login, is_local);
	await(connection, settings->connect_timeout_s);
	if (mysql_real_connect(connection->client, is_local ? NULL : host,
		    login->user, password, settings->database, port,
		    is_local ? host : NULL, 0) == NULL)
		return log_in_failed(connection, is_local, err);
	if (!is_local && settings->tls != SQL_TLS_NONE &&
		mysql_get_ssl_cipher(connection->client) == NULL)
		return sql_err(err, "the server does not support SSL");
	return true;
}

bool sql_mysql_open(void **out, const struct sql_login *login, const char *host,
	struct err *err)
{
	struct connection *connection =
		memory_must(calloc(1, sizeof *connection));

	connection->login = login;
	connection->client = memory_must(mysql_init(NULL));
	connection->watch = sql_watch_open(descriptor, connection->client, err);
	if (connection->watch == NULL || !log_in(connection, host, err)) {
		sql_mysql_close(connection);
		return false;
	}
	*out = connection;
	return true;
}

static bool ask(
	struct connection *connection, const char *query, struct err *err)
{
	await(connection, connection->login->timeout_s);
	return mysql_real_query(connection->client, query,
		       (unsigned long)strlen(query)) == 0 ||
		query_failed(connection, err);
}

static bool take_rows(struct connection *connection, MYSQL_RES *result,
	struct sql_rows *rows, struct err *err)
{
	for (;;) {
		struct sql_value values[SQL_COLUMNS_MAX] = { 0 };

		await(connection, connection->login->timeout_s);
		char *const *row = mysql_fetch_row(result);
		const unsigned long *lengths = mysql_fetch_lengths(result);

		if (row == NULL)
			return mysql_errno(connection->client) == 0 ||
				query_failed(connection, err);
		await_nothing(connection);
		for (size_t i = 0; i < rows->n_columns; i++) {
			values[i].bytes = row[i];
			values[i].len = lengths[i];
		}
		sql_rows_put(rows, values);
	}
}

/* What a procedure gives has an end of its own, which may be an error. */
static bool take_end(struct connection *connection, struct err *err)
{
	int status;

	await(connection, connection->login->timeout_s);

	while ((status = mysql_next_result(connection->client)) == 0) {
		if (mysql_field_count(connection->client) != 0)
			return err_set(err,
				"the query gives several results; \"query\" "
				"must be a SELECT");
	}
	return status < 0 || query_failed(connection, err);
}

bool sql_mysql_read(void *opaque, struct sql_rows *rows, struct err *err)
{
	struct connection *connection = opaque;

	/* the session too: DROP TABLE ends a transaction, then does its work;
	   and a limit that the server gives to all would end the rows early,
	   as if there were no more */
	if (!ask(connection, "SET SESSION TRANSACTION READ ONLY", err) ||
		!ask(connection, "SET SESSION sql_select_limit = ~0", err) ||
		!ask(connection, "START TRANSACTION READ ONLY", err) ||
		!ask(connection, connection->login->settings->query, err) ||
		!sql_rows_begin(
			rows, mysql_field_count(connection->client), err))
		return false;
	MYSQL_RES *result = mysql_use_result(connection->client);
	const bool is_read = result == NULL
		? query_failed(connection, err)
		: take_rows(connection, result, rows, err);

	mysql_free_result(result);
	return is_read && take_end(connection, err);
}

/* The client would first read what is left of a result. */
void sql_mysql_close(void *opaque)
{
	struct connection *connection = opaque;

	sql_watch_close(&connection->watch);
	shutdown(mysql_get_socket(connection->client), SHUT_RDWR);
	mysql_close(connection->client);
	free(connection);
}
