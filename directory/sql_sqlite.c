/*
 * SQLite: a file, read by ourselves.  It is opened for reading alone, so no
 * statement can change it; another program's lock is waited for as long as
 * the time limit says, and a query that finds no row for so long is ended.
 */
#include "directory/sql_sqlite.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/memory.h"
#include "directory/sql_client.h"
#include "directory/sql_error.h"
#include "directory/sql_rows.h"

#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Of SQLite's virtual machine, between two looks at the clock: some
	   milliseconds. */
	STEPS = 100000,
	VALUE_SIZE_MAX = 1024 * 1024,
};

struct connection {
	sqlite3 *file;
	const struct sql_login *login;
	int64_t deadline_ms; /* for the next row */
};

static int is_late(void *opaque)
{
	const struct connection *connection = opaque;

	return clock_now_ms() > connection->deadline_ms;
}

static void set_deadline(struct connection *connection)
{
	connection->deadline_ms = clock_due_ms(connection->login->timeout_s);
}

static bool failed(const struct connection *connection, struct err *err)
{
	const int code = sqlite3_errcode(connection->file);
	const int system = sqlite3_system_errno(connection->file);

	if (code == SQLITE_INTERRUPT)
		return sql_err_time(
			err, connection->login->timeout_s, "timeout");
	if ((code == SQLITE_CANTOPEN || code == SQLITE_IOERR) && system != 0)
		return err_set(err, "%s", strerror(system));
	if (code == SQLITE_ERROR || code == SQLITE_READONLY)
		return sql_err_query(err, sqlite3_errmsg(connection->file));
	return sql_err(err, sqlite3_errmsg(connection->file));
}

static int busy_ms(unsigned long seconds)
{
	return seconds > INT_MAX / 1000 ? INT_MAX : (int)seconds * 1000;
}

/* A name such as ":memory:" or "file:x?mode=rw" is none of a file. */
static int open_file(sqlite3 **out, const char *path)
{
	struct arena *arena = arena_open();
	const char *name = path[0] == '/' ? path
					  : arena_printf(arena, "./%s", path);
	const int code = sqlite3_open_v2(name, out, SQLITE_OPEN_READONLY, NULL);

	arena_close(&arena);
	memory_must(*out);
	return code;
}

bool sql_sqlite_open(void **out, const struct sql_login *login,
	const char *host, struct err *err)
{
	struct connection *connection =
		memory_must(calloc(1, sizeof *connection));

	(void)host;
	connection->login = login;
	if (open_file(&connection->file, login->settings->database) !=
		SQLITE_OK) {
		failed(connection, err);
		sql_sqlite_close(connection);
		return false;
	}
	sqlite3_busy_timeout(connection->file, busy_ms(login->timeout_s));
	sqlite3_progress_handler(connection->file, STEPS, is_late, connection);
	sqlite3_limit(connection->file, SQLITE_LIMIT_LENGTH, VALUE_SIZE_MAX);
	*out = connection;
	return true;
}

static void put_row(sqlite3_stmt *statement, struct sql_rows *rows)
{
	struct sql_value values[SQL_COLUMNS_MAX] = { 0 };

	for (int i = 0; i < (int)rows->n_columns; i++) {
		/* in this order, says the manual */
		values[i].bytes =
			(const char *)sqlite3_column_text(statement, i);
		values[i].len = (size_t)sqlite3_column_bytes(statement, i);
	}
	sql_rows_put(rows, values);
}

static bool take_rows(struct connection *connection, sqlite3_stmt *statement,
	struct sql_rows *rows, struct err *err)
{
	for (;;) {
		set_deadline(connection);
		const int code = sqlite3_step(statement);

		if (code == SQLITE_DONE)
			return true;
		if (code != SQLITE_ROW)
			return failed(connection, err);
		put_row(statement, rows);
	}
}

/* What stands behind the first statement may be blanks and comments. */
static bool check_rest(
	const struct connection *connection, const char *rest, struct err *err)
{
	sqlite3_stmt *second = NULL;
	const int code =
		sqlite3_prepare_v2(connection->file, rest, -1, &second, NULL);

	sqlite3_finalize(second);
	if (code == SQLITE_OK && second == NULL)
		return true;
	return err_set(
		err, "several statements; \"query\" must be one statement");
}

bool sql_sqlite_read(void *opaque, struct sql_rows *rows, struct err *err)
{
	struct connection *connection = opaque;
	sqlite3_stmt *statement = NULL;
	const char *rest = "";

	set_deadline(connection);
	if (sqlite3_prepare_v2(connection->file,
		    connection->login->settings->query, -1, &statement,
		    &rest) != SQLITE_OK)
		return failed(connection, err);
	const bool is_read = check_rest(connection, rest, err) &&
		sql_rows_begin(
			rows, (size_t)sqlite3_column_count(statement), err) &&
		take_rows(connection, statement, rows, err);

	sqlite3_finalize(statement);
	return is_read;
}

void sql_sqlite_close(void *opaque)
{
	struct connection *connection = opaque;

	sqlite3_close(connection->file);
	free(connection);
}
