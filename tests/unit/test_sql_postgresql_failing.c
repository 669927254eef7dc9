/*
 * A client library that fails where a test says so: rows that came before are
 * no list.  Real servers are of tests/e2e.
 */
#include "directory/sql_postgresql.h"

#include "directory/sql_client.h"
#include "directory/sql_rows.h"
#include "tests/unit/failing_calls.h"

#include "sink_text.h"
#include "unit_main.h"

#include <libpq-fe.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONG_S = 3600 };

/* One result each: 's' a row, 't' the end of the rows, 'c' a command that is
   done, 'e' an error of the server, 'l' one of the library alone. */
static struct {
	const char *results; /* of the query */
	const char *told; /* of a statement without rows */
	const char *left; /* of what runs now */
	const char *encoding;
	const char *message;
	int n_columns;
	int connecting; /* rounds of PQconnectPoll() that are not the last */
	unsigned n_started, n_finished;
	bool is_bad, is_lost;
	int ends[2]; /* connected; something can be read from the first */
} fake;

PGconn *PQconnectStartParams(
	const char *const *words, const char *const *values, int is_expanded)
{
	(void)values, (void)is_expanded;
	ck_assert_str_eq(words[0], "host");
	fake.n_started++;
	return (PGconn *)&fake;
}

void PQfinish(PGconn *connection)
{
	if (connection != NULL)
		fake.n_finished++;
}

PQnoticeProcessor PQsetNoticeProcessor(
	PGconn *connection, PQnoticeProcessor take, void *context)
{
	(void)connection;
	take(context, "a notice");
	return NULL;
}

/* NOLINTBEGIN(readability-function-size): so many does the library's have */
FAILING_CALL(int, EAI_FAIL, getnameinfo,
	(const struct sockaddr *restrict address, socklen_t len,
		char *restrict host, socklen_t host_size,
		char *restrict service, socklen_t service_size, int flags),
	(address, len, host, host_size, service, service_size, flags))
/* NOLINTEND(readability-function-size) */
FAILING_CALL(int, EAI_SYSTEM, getaddrinfo,
	(const char *restrict host, const char *restrict port,
		const struct addrinfo *restrict hints,
		struct addrinfo **restrict out),
	(host, port, hints, out))

ConnStatusType PQstatus(const PGconn *connection)
{
	(void)connection;
	return fake.is_bad ? CONNECTION_BAD : CONNECTION_STARTED;
}

int PQsocket(const PGconn *connection)
{
	(void)connection;
	return fake.ends[0];
}

PostgresPollingStatusType PQconnectPoll(PGconn *connection)
{
	(void)connection;
	if (failing_call_is_due("PQconnectPoll"))
		return PGRES_POLLING_FAILED;
	if (fake.connecting-- > 0)
		return PGRES_POLLING_READING;
	return PGRES_POLLING_OK;
}

char *PQerrorMessage(const PGconn *connection)
{
	(void)connection;
	return (char *)fake.message;
}

const char *PQparameterStatus(const PGconn *connection, const char *name)
{
	(void)connection;
	ck_assert_str_eq(name, "server_encoding");
	return fake.encoding;
}

int PQsendQuery(PGconn *connection, const char *query)
{
	(void)connection, (void)query;
	fake.left = fake.told;
	return failing_call_is_due("PQsendQuery") ? 0 : 1;
}

/* NOLINTBEGIN(readability-function-size): so many does the library's have */
int PQsendQueryParams(PGconn *connection, const char *query, int n,
	const Oid *types, const char *const *values, const int *lengths,
	const int *formats, int format)
{
	(void)connection, (void)query, (void)n, (void)types, (void)values;
	(void)lengths, (void)formats, (void)format;
	fake.left = fake.results;
	return failing_call_is_due("PQsendQueryParams") ? 0 : 1;
}
/* NOLINTEND(readability-function-size) */

int PQsetSingleRowMode(PGconn *connection)
{
	(void)connection;
	return failing_call_is_due("PQsetSingleRowMode") ? 0 : 1;
}

int PQisBusy(PGconn *connection)
{
	(void)connection;
	return failing_call_is_due("PQisBusy");
}

int PQconsumeInput(PGconn *connection)
{
	(void)connection;
	return fake.is_lost ? 0 : 1;
}

static PGresult *result_of(ExecStatusType status)
{
	static char name[] = "address", value[] = "ann@company.example";
	PGresAttDesc columns[] = { { .name = name }, { .name = name },
		{ .name = name } };
	PGresult *result = PQmakeEmptyPGresult(NULL, status);

	ck_assert_int_eq(PQsetResultAttrs(result, fake.n_columns, columns), 1);
	if (status == PGRES_SINGLE_TUPLE)
		ck_assert_int_eq(
			PQsetvalue(result, 0, 0, value, (int)strlen(value)), 1);
	return result;
}

PGresult *PQgetResult(PGconn *connection)
{
	(void)connection;
	switch (fake.left == NULL ? '\0' : *fake.left++) {
	case 's': return result_of(PGRES_SINGLE_TUPLE);
	case 't': return result_of(PGRES_TUPLES_OK);
	case 'c': return result_of(PGRES_COMMAND_OK);
	case 'e':
	case 'l': return result_of(PGRES_FATAL_ERROR);
	default: fake.left = NULL; return NULL;
	}
}

char *PQresultErrorField(const PGresult *result, int field)
{
	(void)result, (void)field;
	return fake.left[-1] == 'e' ? (char *)fake.message : NULL;
}

char *PQresultErrorMessage(const PGresult *result)
{
	(void)result;
	return (char *)fake.message;
}

/* A call of the system that fails while it waits. */
static int poll_error;

int poll(struct pollfd *fds, nfds_t count, int wait_ms)
{
	int (*next)(struct pollfd *, nfds_t, int);

	*(void **)&next = dlsym(RTLD_NEXT, "poll");
	if (poll_error == 0)
		return next(fds, count, wait_ms);
	errno = poll_error;
	poll_error = 0;
	return -1;
}

static struct sql_settings settings = { .driver = SQL_POSTGRESQL,
	.database = "mail",
	.query = "SELECT address FROM recipients",
	.connect_timeout_s = LONG_S };

static void begin(void)
{
	memset(&fake, 0, sizeof fake);
	fake.n_columns = 1;
	fake.message = "no";
	fake.results = "sst";
	fake.told = "c";
	poll_error = 0;
	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fake.ends),
		0);
	ck_assert_int_eq(write(fake.ends[1], "x", 1), 1);
}

static void end(void)
{
	close(fake.ends[0]);
	close(fake.ends[1]);
}

static bool read_all(struct text *found, const char *host, struct err *err)
{
	const struct sql_login login = {
		.settings = &settings, .user = "reader", .timeout_s = LONG_S
	};
	const struct sink sink = sink_text(found);
	struct sql_rows rows = { .sink = &sink };
	void *connection;

	if (!sql_postgresql_open(&connection, &login, host, err))
		return false;
	const bool is_read = sql_postgresql_read(connection, &rows, err);

	sql_postgresql_close(connection);
	return is_read;
}

#define ONE "row 1 ann@company.example\n"
#define TWO ONE "row 2 ann@company.example\n"

static const struct failing_case {
	const char *name, *call;
	unsigned n;
	const char *results, *told, *encoding;
	const char *found, *err; /* "" = all was read */
} FAILING[] = {
	{ "nothing", "none", 0, "sst", "c", "UTF8", TWO, "" },
	{ "no rows", "none", 0, "t", "c", NULL, "", "" },
	{ "after a wait", "PQisBusy", 3, "sst", "c", NULL, TWO, "" },
	{ "an encoding that is none", "none", 0, "st", "c", "SQL_ASCII", ONE,
		"" },
	{ "an encoding that can not be told", "PQsendQuery", 1, "st", "c",
		"SQL_ASCII", "", "no" },
	{ "a transaction that can not be begun", "PQsendQuery", 1, "st", "c",
		"UTF8", "", "no" },
	{ "a transaction that is refused", "none", 0, "st", "e", "UTF8", "",
		"the query failed: no" },
	{ "a statement that gives rows", "none", 0, "st", "l", "UTF8", "",
		"no" },
	{ "a query that can not be sent", "PQsendQueryParams", 1, "st", "c",
		"UTF8", "", "no" },
	{ "rows that do not come one by one", "PQsetSingleRowMode", 1, "st",
		"c", "UTF8", "", "no" },
	{ "an error behind rows", "none", 0, "se", "c", "UTF8", ONE,
		"the query failed: no" },
	{ "lost behind rows", "none", 0, "sl", "c", "UTF8", ONE, "no" },
	{ "no SELECT", "none", 0, "c", "c", "UTF8", "",
		"the query gives no rows" },
};

START_TEST(rows_before_a_failure_are_no_list)
{
	const struct failing_case *f = &FAILING[_i];
	struct err err = { 0 };
	struct text found;

	text_init(&found);
	fake.results = f->results;
	fake.told = f->told;
	fake.encoding = f->encoding;
	failing_call_begin(f->call, f->n, 0);
	ck_assert_msg(
		read_all(&found, "/run/postgresql", &err) == (*f->err == '\0'),
		"%s: %s", f->name, err.text);
	ck_assert(failing_call_end());
	ck_assert_msg(
		text_starts(err.text, f->err), "%s: %s", f->name, err.text);
	ck_assert_int_eq(err.text[0] == '\0', *f->err == '\0');
	ck_assert_str_eq(text_of(&found), f->found);
	ck_assert_uint_eq(fake.n_finished, fake.n_started);
	text_fini(&found);
}
END_TEST

/* A wait ends as well where what was waited for can not be taken. */
START_TEST(lost_while_it_waits_is_told)
{
	struct err err = { 0 };
	struct text found;

	text_init(&found);
	fake.is_lost = true;
	failing_call_begin("PQisBusy", 1, 0);
	ck_assert(!read_all(&found, "/run/postgresql", &err));
	ck_assert(failing_call_end());
	ck_assert_str_eq(err.text, "no");
	ck_assert_uint_eq(fake.n_finished, fake.n_started);
	text_fini(&found);
}
END_TEST

static const struct login_case {
	const char *name, *host, *message;
	bool is_bad;
	const char *call;
	int connecting, poll_error;
	const char *err; /* "" = it is open */
	unsigned n_started;
} LOGINS[] = {
	{ "at once", "/run/postgresql", "no", false, "none", 0, 0, "", 1 },
	{ "in rounds", "/run/postgresql", "no", false, "none", 2, 0, "", 1 },
	{ "through a signal", "/run/postgresql", "no", false, "none", 2, EINTR,
		"", 1 },
	{ "by an address", "127.0.0.1", "no", false, "none", 0, 0, "", 1 },
	{ "with a wait that fails", "/run/postgresql", "no", false, "none", 0,
		ENOMEM, "", 1 },
	{ "no socket", "/run/postgresql",
		"connection to server on socket \"/run/x\" failed: No such "
		"file or directory\n",
		true, "none", 0, 0, "No such file or directory", 1 },
	{ "refused", "127.0.0.1",
		"connection to server at \"127.0.0.1\", port 5432 failed: "
		"Connection refused\n",
		false, "PQconnectPoll", 0, 0, "Connection refused", 1 },
	{ "in other words", "127.0.0.1", "out of memory", false,
		"PQconnectPoll", 0, 0, "out of memory", 1 },
	{ "half of those words", "127.0.0.1", "connection to server broke",
		false, "PQconnectPoll", 0, 0, "connection to server broke", 1 },
	{ "no address", "127.0.0.1", "no", false, "getnameinfo", 0, 0,
		"Non-recoverable failure in name resolution", 0 },
	{ "no look-up", "127.0.0.1", "no", false, "getaddrinfo", 0, 0,
		"Too many open files", 0 },
};

START_TEST(login_is_told)
{
	const struct login_case *l = &LOGINS[_i];
	struct err err = { 0 };
	struct text found;

	text_init(&found);
	fake.is_bad = l->is_bad;
	fake.message = l->message;
	fake.connecting = l->connecting;
	poll_error = l->poll_error;
	failing_call_begin(
		l->call, strcmp(l->call, "none") == 0 ? 0 : 1, EMFILE);
	const bool is_read = read_all(&found, l->host, &err);

	ck_assert(failing_call_end());
	ck_assert_int_eq(poll_error, 0);
	ck_assert_msg(
		text_starts(err.text, l->err) && is_read == (*l->err == '\0'),
		"%s: %s", l->name, err.text);
	ck_assert_uint_eq(fake.n_started, l->n_started);
	ck_assert_uint_eq(fake.n_finished, l->n_started);
	text_fini(&found);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("sql_postgresql_failing");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_loop_test(
		tcase, rows_before_a_failure_are_no_list, 0, COUNT(FAILING));
	tcase_add_test(tcase, lost_while_it_waits_is_told);
	tcase_add_loop_test(tcase, login_is_told, 0, COUNT(LOGINS));
	return unit_run(suite_create("sql_postgresql_failing"), tcase);
}
