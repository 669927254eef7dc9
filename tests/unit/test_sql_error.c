#include "directory/sql_error.h"

#include "unit_main.h"

#include <string.h>

#define AUTHORITY \
	"; tls-ca-file must hold the authority that signed the server's " \
	"certificate"
#define NEEDS_TLS \
	"; the server must offer TLS; with tls = none all would cross the " \
	"network in clear"
#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define LONG_299 FIFTY FIFTY FIFTY FIFTY FIFTY TEN TEN TEN TEN "012345678"

static const struct message_case {
	const char *name, *message, *err;
} MESSAGES[] = {
	{ "as it is", "no such table: t", "no such table: t" },
	{ "no message", NULL, "no reason was given" },
	{ "blank message", " \n", "no reason was given" },
	{ "two lines",
		"Connection refused\n\tIs the server running on that host?\n",
		"Connection refused; Is the server running on that host?" },
	{ "a line that goes on",
		"terminated abnormally\n\tbefore the request.\n",
		"terminated abnormally before the request" },
	{ "blanks", "FATAL:  no  such\tuser\n", "FATAL: no such user" },
	{ "control characters", "\x1b[31mred\x07", "?[31mred?" },
	{ "cut before a character",
		LONG_299 "9"
			 "\xC3\xBC",
		LONG_299 "9" },
	{ "cut within a character", LONG_299 "\xC3\xBC", LONG_299 },
	{ "wrong password, libpq",
		"password authentication failed for user \"x\"",
		"password authentication failed for user \"x\"; check user "
		"and password-file" },
	{ "wrong password, MariaDB",
		"Access denied for user 'x'@'y' (using password: YES)",
		"Access denied for user 'x'@'y' (using password: YES); check "
		"user and password-file" },
	{ "no password, libpq", "fe_sendauth: no password supplied",
		"fe_sendauth: no password supplied; the server wants one: add "
		"password-file" },
	{ "no password, MariaDB", "denied (using password: NO)",
		"denied (using password: NO); the server wants one: add "
		"password-file" },
	{ "no TLS, libpq", "server does not support SSL, but it was required",
		"server does not support SSL, but it was required" NEEDS_TLS },
	{ "no TLS, MariaDB", "SSL is required, but the server has none",
		"SSL is required, but the server has none" NEEDS_TLS },
	{ "wrong authority, libpq", "certificate verify failed",
		"certificate verify failed" AUTHORITY },
	{ "wrong authority, MariaDB", "unable to get local issuer certificate",
		"unable to get local issuer certificate" AUTHORITY },
	{ "own certificate", "self-signed certificate in certificate chain",
		"self-signed certificate in certificate chain" AUTHORITY },
	{ "wrong name, libpq", "certificate for \"x\" does not match host name",
		"certificate for \"x\" does not match host name; write the "
		"host as the server's certificate names it" },
	{ "wrong name, MariaDB", "Validation of SSL server certificate failed",
		"Validation of SSL server certificate failed; write the host "
		"as the server's certificate names it" },
	{ "lost with TLS, libpq", "SSL SYSCALL error: EOF detected",
		"SSL SYSCALL error: EOF detected; the connection was lost" },
	{ "lost with TLS, MariaDB", "TLS/SSL error: unexpected eof",
		"TLS/SSL error: unexpected eof; the connection was lost" },
	{ "nobody listens", "Can't connect to server on 'x'",
		"Can't connect to server on 'x'; is it running there, and "
		"listening on the network?" },
	{ "writes, PostgreSQL", "cannot DELETE in a read-only transaction",
		"cannot DELETE in a read-only transaction; \"query\" must be "
		"a SELECT" },
	{ "writes, MariaDB", "Cannot execute in a READ ONLY transaction",
		"Cannot execute in a READ ONLY transaction; \"query\" must be "
		"a SELECT" },
	{ "writes, SQLite", "attempt to write a readonly database",
		"attempt to write a readonly database; \"query\" must be a "
		"SELECT" },
	{ "two statements", "cannot insert multiple commands",
		"cannot insert multiple commands; \"query\" must be one "
		"statement" },
};

START_TEST(messages_become_one_line_with_advice)
{
	const struct message_case *c = &MESSAGES[_i];
	struct err err = { 0 };

	ck_assert(!sql_err(&err, c->message));
	ck_assert_msg(
		strcmp(err.text, c->err) == 0, "%s: %s", c->name, err.text);
}
END_TEST

START_TEST(queries_and_waiting_are_named)
{
	struct err err = { 0 };

	ck_assert(!sql_err_query(&err, "syntax error"));
	ck_assert_str_eq(err.text, "the query failed: syntax error");
	ck_assert(!sql_err_time(&err, 60, "timeout"));
	ck_assert_str_eq(err.text, "no answer within 60 s (\"timeout\")");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sql_error");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, messages_become_one_line_with_advice, 0,
		COUNT(MESSAGES));
	tcase_add_test(tcase, queries_and_waiting_are_named);
	return unit_run(suite, tcase);
}
