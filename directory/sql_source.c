/*
 * A server that can not be reached, refuses us or hangs is left for the next
 * one; each is told.  Rows are handed on as they come and none is held, so
 * what failed after some of them is a failed read: nobody knows whom the
 * rest would have listed, and a second server would list the first ones
 * again.
 */
#include "directory/sql_source.h"

#include "base/arena.h"
#include "base/text.h"
#include "directory/secret.h"
#include "directory/sql_client.h"
#include "directory/sql_mysql.h"
#include "directory/sql_postgresql.h"
#include "directory/sql_rows.h"
#include "directory/sql_sqlite.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

static const struct sql_client CLIENTS[] = {
	[SQL_POSTGRESQL] = { sql_postgresql_open, sql_postgresql_read,
		sql_postgresql_close },
	[SQL_MYSQL] = { sql_mysql_open, sql_mysql_read, sql_mysql_close },
	[SQL_SQLITE] = { sql_sqlite_open, sql_sqlite_read, sql_sqlite_close },
};

static bool is_for_clients(const char *variable)
{
	static const char *const prefixes[] = { "PG", "MYSQL_", "MARIADB_",
		"LIBMYSQL_" };

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		if (text_starts(variable, prefixes[i]))
			return true;
	}
	return false;
}

/*
 * PGHOST, PGOPTIONS, MYSQL_PWD and the like: libpq takes an empty setting
 * for none and then looks there.
 */
static void forget_environment(struct arena *arena)
{
	size_t i = 0;

	while (environ != NULL && environ[i] != NULL)
		i++;
	while (i-- > 0) {
		const char *variable = environ[i];

		if (variable != NULL && is_for_clients(variable))
			unsetenv(arena_strndup(
				arena, variable, strcspn(variable, "=")));
	}
}

/* The account that we run as, which is what both clients take by default. */
static const char *own_name(struct arena *arena, struct err *err)
{
	const struct passwd *account = getpwuid(geteuid());

	if (account != NULL)
		return arena_strdup(arena, account->pw_name);
	err_set(err, "uid %lu has no name: write \"user\"",
		(unsigned long)geteuid());
	return NULL;
}

static bool fill_login(struct sql_login *login,
	const struct directory *directory, struct arena *arena, struct err *err)
{
	const struct sql_settings *settings = directory->sql;

	*login = (struct sql_login){ .settings = settings,
		.user = settings->user,
		.tls_ca_file = settings->tls_ca_file,
		.timeout_s = directory->timeout_s };
	if (settings->driver == SQL_SQLITE)
		return true;
	if (login->tls_ca_file == NULL)
		login->tls_ca_file = SYSTEM_CA_FILE;
	if (settings->tls == SQL_TLS_VERIFY &&
		access(login->tls_ca_file, R_OK) != 0)
		return err_sys(err, "read tls-ca-file %s", login->tls_ca_file);
	if (login->user == NULL)
		login->user = own_name(arena, err);
	if (login->user != NULL && settings->password_file != NULL) {
		login->password =
			secret_read(settings->password_file, arena, err);
		return login->password != NULL;
	}
	return login->user != NULL;
}

/* False: *err says of each host why. */
static bool open_any(void **out, const struct sql_client *client,
	const struct sql_login *login, struct err *err)
{
	const char *const *host = login->settings->hosts;
	bool is_open = false;
	struct err why = { 0 };
	struct text said;

	text_init(&said);
	for (; *host != NULL && !is_open; host++) {
		is_open = client->open(out, login, *host, &why);
		if (!is_open)
			text_addf(&said, "%s%s: %s", said.len == 0 ? "" : "; ",
				*host, why.text);
	}
	if (!is_open)
		err_set(err, "%s", said.len == 0 ? "no hosts" : said.data);
	text_fini(&said);
	return is_open;
}

static bool read_rows(
	const struct sql_login *login, const struct sink *sink, struct err *err)
{
	const struct sql_client *client = &CLIENTS[login->settings->driver];
	struct sql_rows rows = { .sink = sink };
	struct err why = { 0 };
	void *connection;

	if (login->settings->driver == SQL_SQLITE
			? !client->open(&connection, login, NULL, err)
			: !open_any(&connection, client, login, err))
		return false;
	const bool is_read = client->read(connection, &rows, &why);

	client->close(connection);
	if (!is_read && rows.count == 0)
		return err_set(err, "%s", why.text);
	if (!is_read)
		return err_set(err, "%s; the list ends after row %lu", why.text,
			rows.count);
	return true;
}

bool sql_source_read(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err)
{
	struct arena *arena = arena_open();
	struct sql_login login;
	struct err why = { 0 };

	(void)options;
	forget_environment(arena);
	const bool is_read = fill_login(&login, directory, arena, &why) &&
		read_rows(&login, sink, &why);

	if (!is_read)
		err_set(err, "%s: %s", directory->source, why.text);
	arena_close(&arena);
	return is_read;
}
