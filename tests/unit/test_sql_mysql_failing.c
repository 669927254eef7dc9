/*
 * A client library that fails where a test says so: rows that came before are
 * no list.  Real servers are of tests/e2e.
 */
#include "directory/sql_mysql.h"

#include "directory/sql_client.h"
#include "directory/sql_rows.h"
#include "tests/unit/failing_calls.h"

#include "sink_text.h"
#include "unit_main.h"

#include <errmsg.h>
#include <mysql.h>

enum { ROWS = 2, LONG_S = 3600, SYNTAX = 1064 };

/* What the library says of itself, and how many rows are left. */
static struct {
	unsigned code; /* once something has failed */
	const char *message;
	unsigned n_queries, n_rows, n_columns, n_results;
	bool has_failed, is_plain; /* is_plain: no TLS */
} fake;

static bool fails(const char *name)
{
	fake.has_failed = fake.has_failed || failing_call_is_due(name);
	return fake.has_failed;
}

unsigned mysql_errno(MYSQL *client)
{
	(void)client;
	return fake.has_failed ? fake.code : 0;
}

const char *mysql_error(MYSQL *client)
{
	(void)client;
	return fake.has_failed ? fake.message : "";
}

/* NOLINTBEGIN(readability-function-size): so many does the library's have */
MYSQL *mysql_real_connect(MYSQL *client, const char *host, const char *user,
	const char *password, const char *database, unsigned port,
	const char *path, unsigned long flags)
{
	(void)user, (void)password, (void)database, (void)port, (void)flags;
	ck_assert((host == NULL) != (path == NULL));
	return fails("connect") ? NULL : client;
}
/* NOLINTEND(readability-function-size) */

const char *mysql_get_ssl_cipher(MYSQL *client)
{
	(void)client;
	return fake.is_plain ? NULL : "TLS_AES_256_GCM_SHA384";
}

int mysql_real_query(MYSQL *client, const char *query, unsigned long len)
{
	(void)client;
	ck_assert_uint_eq(strlen(query), len);
	fake.n_queries++;
	return fails("query") ? 1 : 0;
}

unsigned mysql_field_count(MYSQL *client)
{
	(void)client;
	return fake.n_columns;
}

MYSQL_RES *mysql_use_result(MYSQL *client)
{
	return fails("use") ? NULL : (MYSQL_RES *)client;
}

MYSQL_ROW mysql_fetch_row(MYSQL_RES *result)
{
	static char address[] = "ann@company.example";
	static char *row[] = { address };

	(void)result;
	if (fails("fetch") || fake.n_rows == 0)
		return NULL;
	fake.n_rows--;
	return row;
}

unsigned long *mysql_fetch_lengths(MYSQL_RES *result)
{
	static unsigned long lengths[] = { 19 };

	(void)result;
	return lengths;
}

int mysql_next_result(MYSQL *client)
{
	(void)client;
	if (fails("next"))
		return 1;
	if (fake.n_results == 0)
		return -1;
	fake.n_results--;
	return 0;
}

void mysql_free_result(MYSQL_RES *result)
{
	(void)result;
}

static struct sql_settings settings = { .driver = SQL_MYSQL,
	.database = "mail",
	.query = "SELECT address FROM recipients",
	.connect_timeout_s = LONG_S };

static bool read_all(struct text *found, unsigned long timeout_s,
	const char *host, struct err *err)
{
	const struct sql_login login = {
		.settings = &settings, .user = "reader", .timeout_s = timeout_s
	};
	const struct sink sink = sink_text(found);
	struct sql_rows rows = { .sink = &sink };
	void *connection;

	if (!sql_mysql_open(&connection, &login, host, err))
		return false;
	const bool is_read = sql_mysql_read(connection, &rows, err);

	sql_mysql_close(connection);
	return is_read;
}

#define LOST "Lost connection to server during query"
#define ONE "row 1 ann@company.example\n"

static const struct failing_case {
	const char *name, *call;
	unsigned n;
	unsigned code;
	const char *message;
	unsigned long timeout_s;
	const char *found, *err;
} FAILING[] = {
	{ "a session that may write", "query", 1, SYNTAX, "not now", LONG_S, "",
		"the query failed: not now" },
	{ "a limit of rows", "query", 2, SYNTAX, "not now", LONG_S, "",
		"the query failed: not now" },
	{ "a transaction that may write", "query", 3, SYNTAX, "not now", LONG_S,
		"", "the query failed: not now" },
	{ "a query that is none", "query", 4, SYNTAX, "syntax", LONG_S, "",
		"the query failed: syntax" },
	{ "lost at the query", "query", 4, CR_SERVER_LOST, LOST, LONG_S, "",
		LOST },
	{ "no answer to the query", "query", 4, CR_SERVER_LOST, LOST, 0, "",
		"no answer within 0 s (\"timeout\")" },
	{ "no result", "use", 1, CR_OUT_OF_MEMORY, "no memory", LONG_S, "",
		"no memory" },
	{ "lost among the rows", "fetch", 2, CR_SERVER_LOST, LOST, LONG_S, ONE,
		LOST },
	{ "gone among the rows", "fetch", 2, CR_SERVER_GONE_ERROR, LOST, 0, ONE,
		"no answer within 0 s (\"timeout\")" },
	{ "ended by the server", "fetch", 3, SYNTAX + 1, "it was killed",
		LONG_S, ONE "row 2 ann@company.example\n",
		"the query failed: it was killed" },
	{ "an end that is an error", "next", 1, SYNTAX + 1, "it was killed",
		LONG_S, ONE "row 2 ann@company.example\n",
		"the query failed: it was killed" },
};

static void begin(void)
{
	memset(&fake, 0, sizeof fake);
	fake.n_rows = ROWS;
	fake.n_columns = 1;
	fake.n_results = 0;
}

START_TEST(rows_before_a_failure_are_no_list)
{
	const struct failing_case *f = &FAILING[_i];
	struct err err = { 0 };
	struct text found;

	text_init(&found);
	begin();
	fake.code = f->code;
	fake.message = f->message;
	failing_call_begin(f->call, f->n, 0);
	ck_assert(!read_all(&found, f->timeout_s, "/run/mysqld.sock", &err));
	ck_assert_msg(failing_call_end(), "%s", f->name);
	ck_assert_msg(
		text_starts(err.text, f->err), "%s: %s", f->name, err.text);
	ck_assert_str_eq(text_of(&found), f->found);
	text_fini(&found);
}
END_TEST

static const struct login_case {
	const char *name;
	unsigned code;
	const char *message;
	unsigned long timeout_s;
	const char *host, *err;
} LOGINS[] = {
	{ "no socket", CR_CONNECTION_ERROR,
		"Can't connect to local server through socket '/x' (2)", LONG_S,
		"/x",
		"Can't connect to local server through socket '/x': No such "
		"file or directory" },
	{ "no server", CR_CONN_HOST_ERROR,
		"Can't connect to server on 'db1' (115)", LONG_S, "db1",
		"Can't connect to server on 'db1'" },
	{ "lost", CR_SERVER_LOST,
		"Lost connection at 'handshake', system error: 115", LONG_S,
		"db1", "Lost connection at 'handshake'" },
	{ "no name", CR_UNKNOWN_HOST, "Unknown server host 'db1'", LONG_S,
		"db1", "Unknown server host 'db1'" },
	{ "refused", 1045, "Access denied for user 'reader'", LONG_S, "db1",
		"Access denied for user 'reader'" },
	{ "late", CR_CONN_HOST_ERROR, "Can't connect", 0, "db1",
		"no answer within 0 s (\"connect-timeout\")" },
	{ "late at TLS", CR_SSL_CONNECTION_ERROR, "TLS error", 0, "db1",
		"no answer within 0 s (\"connect-timeout\")" },
};

START_TEST(failed_login_is_told)
{
	const struct login_case *l = &LOGINS[_i];
	struct err err = { 0 };
	struct text found;

	text_init(&found);
	begin();
	fake.code = l->code;
	fake.message = l->message;
	settings.connect_timeout_s = l->timeout_s;
	failing_call_begin("connect", 1, 0);
	ck_assert(!read_all(&found, LONG_S, l->host, &err));
	ck_assert(failing_call_end());
	ck_assert_msg(
		text_starts(err.text, l->err), "%s: %s", l->name, err.text);
	ck_assert_uint_eq(fake.n_queries, 0);
	text_fini(&found);
}
END_TEST

/* Nobody is listed by a server that could be another one. */
START_TEST(server_without_tls_is_not_asked)
{
	static const struct {
		enum sql_tls tls;
		const char *host;
		bool is_asked;
	} cases[] = { { SQL_TLS_ENCRYPT, "db1", false },
		{ SQL_TLS_VERIFY, "db1", false }, { SQL_TLS_NONE, "db1", true },
		{ SQL_TLS_VERIFY, "/x", true } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err err = { 0 };
		struct text found;

		text_init(&found);
		begin();
		fake.is_plain = true;
		settings.tls = cases[i].tls;
		ck_assert(read_all(&found, LONG_S, cases[i].host, &err) ==
			cases[i].is_asked);
		ck_assert_int_eq(fake.n_queries > 0, cases[i].is_asked);
		if (!cases[i].is_asked)
			ck_assert(text_starts(
				err.text, "the server does not support SSL"));
		text_fini(&found);
	}
}
END_TEST

START_TEST(one_result_is_what_is_meant)
{
	static const struct {
		unsigned n_columns, n_results;
		const char *err;
	} cases[] = {
		{ 0, 0, "the query gives no rows" },
		{ 3, 0, "the query gives 3 columns" },
		{ 1, 1, "the query gives several results" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err err = { 0 };
		struct text found;

		text_init(&found);
		begin();
		fake.n_columns = cases[i].n_columns;
		fake.n_results = cases[i].n_results;
		ck_assert(!read_all(&found, 2L * LONG_S * LONG_S, "/x", &err));
		ck_assert_msg(
			text_starts(err.text, cases[i].err), "%s", err.text);
		text_fini(&found);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("sql_mysql_failing");

	tcase_add_loop_test(
		tcase, rows_before_a_failure_are_no_list, 0, COUNT(FAILING));
	tcase_add_loop_test(tcase, failed_login_is_told, 0, COUNT(LOGINS));
	tcase_add_test(tcase, server_without_tls_is_not_asked);
	tcase_add_test(tcase, one_result_is_what_is_meant);
	return unit_run(suite_create("sql_mysql_failing"), tcase);
}
