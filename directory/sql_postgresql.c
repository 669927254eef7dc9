/*
 * libpq, asked without ever waiting inside it: PQconnectPoll() and
 * PQconsumeInput() between calls of poll(2), since its own time limits end
 * with the log-in.  Rows come one by one in single row mode.  The query goes
 * by the extended protocol, which takes one statement and no more, inside a
 * transaction that may only read.
 *
 * Requests are a few kilobytes, which the socket takes whole: nothing waits
 * to be written.
 *
 * libpq makes room at once for whatever length a server announces, and keeps
 * parameters and notifications without end.  So it is looked at what it has
 * taken of memory whenever more is waited for; what was read, is held in
 * other memory.  And no row may take longer than the time limit, however much
 * else is said.
 */
#include "directory/sql_postgresql.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "directory/sql_client.h"
#include "directory/sql_error.h"
#include "directory/sql_rows.h"

#include <errno.h>
#include <libpq-fe.h>
#include <malloc.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where never a file is: libpq looks into the home folder for what it was
   given no path of. */
#define NO_FILE "/dev/null/none"

/* A row is two addresses. */
static const size_t ANSWER_MAX = 16 * 1024 * 1024;

struct connection {
	PGconn *libpq;
	const struct sql_login *login;
	size_t held_bytes; /* when the last answer began */
};

/* The server's part of the log-in, or one row. */
struct answer {
	int64_t deadline_ms;
	unsigned long seconds;
	const char *key; /* the setting that said how long */
	size_t held_bytes; /* before it began */
};

/* What malloc(3) has given; a sanitizer's does not tell. */
static size_t held_bytes(void)
{
	const struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static struct answer answer_of(
	struct connection *connection, unsigned long seconds, const char *key)
{
	const struct answer answer = { clock_due_ms(seconds), seconds, key,
		connection->held_bytes };

	connection->held_bytes = held_bytes();
	return answer;
}

static bool check_size(const struct answer *answer, struct err *err)
{
	return held_bytes() <= answer->held_bytes + ANSWER_MAX ||
		err_set(err,
			"the server sends more than %zu MiB for one answer or "
			"row",
			ANSWER_MAX >> 20);
}

static bool wait_for(const PGconn *libpq, short events,
	const struct answer *answer, struct err *err)
{
	struct pollfd fd = { PQsocket(libpq), events, 0 };

	if (!check_size(answer, err))
		return false;
	for (;;) {
		const int left_ms = clock_left_ms(answer->deadline_ms);

		if (left_ms == 0)
			return sql_err_time(err, answer->seconds, answer->key);
		const int n = poll(&fd, 1, left_ms);

		if (n > 0 || (n < 0 && errno != EINTR))
			return true;
	}
}

static const char *tls_word(const struct sql_login *login)
{
	switch (login->settings->tls) {
	case SQL_TLS_NONE: return "disable";
	case SQL_TLS_ENCRYPT: return "require";
	case SQL_TLS_VERIFY: return "verify-full";
	}
	return NULL;
}

/* "connection to server at "10.0.0.1", port 5432 failed: " says again whom
   we asked. */
static bool connect_failed(PGconn *libpq, struct err *err)
{
	static const char prefix[] = "connection to server ";
	static const char separator[] = " failed: ";
	const char *message = PQerrorMessage(libpq);
	const char *reason = strstr(message, separator);

	if (text_starts(message, prefix) && reason != NULL)
		message = reason + sizeof separator - 1;
	return sql_err(err, message);
}

static bool log_in(struct connection *connection, struct err *err)
{
	const struct answer answer = answer_of(connection,
		connection->login->settings->connect_timeout_s,
		"connect-timeout");
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	if (PQstatus(connection->libpq) == CONNECTION_BAD)
		return connect_failed(connection->libpq, err);
	while (status != PGRES_POLLING_OK) {
		const short events = status == PGRES_POLLING_READING ? POLLIN
								     : POLLOUT;

		if (!wait_for(connection->libpq, events, &answer, err))
			return false;
		status = PQconnectPoll(connection->libpq);
		if (status == PGRES_POLLING_FAILED)
			return connect_failed(connection->libpq, err);
	}
	return true;
}

static void ignore_notice(void *context, const char *message)
{
	(void)context;
	(void)message;
}

/*
 * Each setting for which libpq would look into a file is named.  address:
 * NULL for a socket.
 */
static PGconn *start(
	const struct sql_login *login, const char *host, const char *address)
{
	const struct sql_settings *settings = login->settings;
	const bool is_verified = settings->tls == SQL_TLS_VERIFY;
	char port[8] = "5432";

	if (settings->port != 0)
		snprintf(port, sizeof port, "%u", settings->port);
	const char *const settings_of[][2] = {
		{ "host", host },
		{ "hostaddr", address },
		{ "port", port },
		{ "dbname", settings->database },
		{ "user", login->user },
		{ "password", login->password },
		{ "passfile", NO_FILE },
		{ "application_name", "transport-map-gen" },
		{ "client_encoding", "UTF8" },
		{ "sslmode", tls_word(login) },
		{ "sslrootcert", is_verified ? login->tls_ca_file : NO_FILE },
		{ "sslcert", NO_FILE },
		{ "sslkey", NO_FILE },
		{ "sslcrl", NO_FILE },
		{ "ssl_min_protocol_version", "TLSv1.2" },
		{ "gssencmode", "disable" },
		{ NULL, NULL },
	};
	const char *words[sizeof settings_of / sizeof *settings_of];
	const char *values[sizeof settings_of / sizeof *settings_of];

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		words[i] = settings_of[i][0];
		values[i] = settings_of[i][1];
	}
	return memory_must(PQconnectStartParams(words, values, 0));
}

static bool open_address(struct connection *connection, const char *host,
	const char *address, struct err *err)
{

	connection->libpq = start(connection->login, host, address);
	PQsetNoticeProcessor(connection->libpq, ignore_notice, NULL);
	if (log_in(connection, err))
		return true;
	PQfinish(connection->libpq);
	connection->libpq = NULL;
	return false;
}

static bool look_up_failed(int status, struct err *err)
{
	return err_set(err, "%s",
		status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status));
}

/*
 * libpq would wait for one address of a name until all the time is gone, and
 * never ask the next.
 */
static bool open_addresses(struct connection *connection, const char *host,
	const struct addrinfo *address, struct err *err)
{
	bool is_open = false;

	for (; address != NULL && !is_open; address = address->ai_next) {
		char numeric[NI_MAXHOST];
		const int status = getnameinfo(address->ai_addr,
			address->ai_addrlen, numeric, sizeof numeric, NULL, 0,
			NI_NUMERICHOST);

		is_open = status == 0
			? open_address(connection, host, numeric, err)
			: look_up_failed(status, err);
	}
	return is_open;
}

static bool open_host(
	struct connection *connection, const char *host, struct err *err)
{
	const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *addresses;
	const int status = getaddrinfo(host, NULL, &wanted, &addresses);

	if (status != 0)
		return look_up_failed(status, err);
	const bool is_open = open_addresses(connection, host, addresses, err);

	freeaddrinfo(addresses);
	return is_open;
}

bool sql_postgresql_open(void **out, const struct sql_login *login,
	const char *host, struct err *err)
{
	struct connection *connection =
		memory_must(calloc(1, sizeof *connection));

	connection->login = login;
	connection->held_bytes = held_bytes();
	if (strchr(host, '/') != NULL
			? open_address(connection, host, NULL, err)
			: open_host(connection, host, err)) {
		*out = connection;
		return true;
	}
	sql_postgresql_close(connection);
	return false;
}

/* What libpq itself says of a lost connection has no fields. */
static bool query_failed(const PGresult *result, struct err *err)
{
	const char *primary =
		PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	return primary == NULL ? sql_err(err, PQresultErrorMessage(result))
			       : sql_err_query(err, primary);
}

/* The next result, NULL after the last one; false where none comes. */
static bool next_result(
	struct connection *connection, PGresult **out, struct err *err)
{
	struct answer answer = { 0 };

	*out = NULL;
	while (PQisBusy(connection->libpq)) {
		if (answer.key == NULL)
			answer = answer_of(connection,
				connection->login->timeout_s, "timeout");
		if (!wait_for(connection->libpq, POLLIN, &answer, err))
			return false;
		if (!PQconsumeInput(connection->libpq))
			return sql_err(err, PQerrorMessage(connection->libpq));
	}
	*out = PQgetResult(connection->libpq);
	return true;
}

static void put_row(const PGresult *result, struct sql_rows *rows)
{
	struct sql_value values[SQL_COLUMNS_MAX] = { 0 };

	for (int i = 0; i < (int)rows->n_columns; i++) {
		if (PQgetisnull(result, 0, i))
			continue;
		values[i].bytes = PQgetvalue(result, 0, i);
		values[i].len = (size_t)PQgetlength(result, 0, i);
	}
	sql_rows_put(rows, values);
}

/* One row, or the end of them. */
static bool take_result(
	const PGresult *result, struct sql_rows *rows, struct err *err)
{
	switch (PQresultStatus(result)) {
	case PGRES_SINGLE_TUPLE:
		if (rows->count == 0 &&
			!sql_rows_begin(rows, (size_t)PQnfields(result), err))
			return false;
		put_row(result, rows);
		return true;
	case PGRES_TUPLES_OK:
		return rows->count != 0 ||
			sql_rows_begin(rows, (size_t)PQnfields(result), err);
	case PGRES_EMPTY_QUERY:
	case PGRES_COMMAND_OK:
	case PGRES_COPY_IN:
	case PGRES_COPY_OUT:
	case PGRES_COPY_BOTH: return sql_rows_begin(rows, 0, err);
	case PGRES_BAD_RESPONSE:
	case PGRES_NONFATAL_ERROR:
	case PGRES_FATAL_ERROR:
	case PGRES_PIPELINE_SYNC:
	case PGRES_PIPELINE_ABORTED: break;
	}
	return query_failed(result, err);
}

static bool take_results(
	struct connection *connection, struct sql_rows *rows, struct err *err)
{
	PGresult *result;

	while (next_result(connection, &result, err)) {
		if (result == NULL)
			return true;
		const bool is_taken = take_result(result, rows, err);

		PQclear(result);
		if (!is_taken)
			return false;
	}
	return false;
}

static bool statement_failed(
	const PGresult *result, const char *statement, struct err *err)
{
	if (PQresultStatus(result) == PGRES_FATAL_ERROR)
		return query_failed(result, err);
	return err_set(err, "the server answers %s to %s",
		PQresStatus(PQresultStatus(result)), statement);
}

/* A statement without rows. */
static bool tell(
	struct connection *connection, const char *statement, struct err *err)
{
	PGresult *result;
	bool is_done = true;

	if (!PQsendQuery(connection->libpq, statement))
		return sql_err(err, PQerrorMessage(connection->libpq));
	while (is_done && next_result(connection, &result, err)) {
		if (result == NULL)
			return true;
		is_done = PQresultStatus(result) == PGRES_COMMAND_OK ||
			statement_failed(result, statement, err);
		PQclear(result);
	}
	return false;
}

/*
 * A database that does not know its own encoding would fail the whole read
 * for one text that is not UTF-8; so we look at each ourselves.
 */
static bool begin(struct connection *connection, struct err *err)
{
	const char *encoding =
		PQparameterStatus(connection->libpq, "server_encoding");
	const bool is_unknown =
		encoding != NULL && strcmp(encoding, "SQL_ASCII") == 0;

	return (!is_unknown ||
		       tell(connection, "SET client_encoding TO SQL_ASCII",
			       err)) &&
		tell(connection, "BEGIN READ ONLY", err);
}

bool sql_postgresql_read(void *opaque, struct sql_rows *rows, struct err *err)
{
	struct connection *connection = opaque;
	PGconn *libpq = connection->libpq;

	if (!begin(connection, err))
		return false;
	if (!PQsendQueryParams(libpq, connection->login->settings->query, 0,
		    NULL, NULL, NULL, NULL, 0) ||
		!PQsetSingleRowMode(libpq))
		return sql_err(err, PQerrorMessage(libpq));
	return take_results(connection, rows, err);
}

void sql_postgresql_close(void *opaque)
{
	struct connection *connection = opaque;

	PQfinish(connection->libpq);
	free(connection);
}
