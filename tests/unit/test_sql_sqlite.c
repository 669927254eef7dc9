#include "directory/sql_sqlite.h"

#include "directory/sql_client.h"
#include "directory/sql_rows.h"

#include "sink_text.h"
#include "unit_main.h"

#include <sqlite3.h>

#define TABLE \
	"CREATE TABLE recipients (address, target);" \
	"INSERT INTO recipients VALUES ('ann@company.example', NULL)," \
	"('crm@company.example', 'crm@saas.example')," \
	"(X'6100624063', '');"
#define ONE_STATEMENT "several statements; \"query\" must be one statement"
/* Counts for ever, and gives no row. */
#define ENDLESS \
	"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) " \
	"SELECT max(i) FROM n"

static void create(const char *path)
{
	sqlite3 *file;

	ck_assert_int_eq(sqlite3_open(path, &file), SQLITE_OK);
	ck_assert_int_eq(
		sqlite3_exec(file, TABLE, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(file);
}

static bool read_file(const char *path, const char *query, struct text *found,
	struct err *err)
{
	const struct sql_settings settings = {
		.driver = SQL_SQLITE, .database = path, .query = query
	};
	const struct sql_login login = { .settings = &settings,
		.timeout_s = 1 };
	const struct sink sink = sink_text(found);
	struct sql_rows rows = { .sink = &sink };
	void *connection;

	if (!sql_sqlite_open(&connection, &login, NULL, err))
		return false;
	const bool is_read = sql_sqlite_read(connection, &rows, err);

	sql_sqlite_close(connection);
	return is_read;
}

static const struct query_case {
	const char *name, *query, *found, *err;
} QUERIES[] = {
	{ "rows", "SELECT address, target FROM recipients",
		"row 1 ann@company.example\n"
		"row 2 crm@company.example -> crm@saas.example\n"
		"row 3 BAD the address holds a NUL byte\n",
		NULL },
	{ "no rows", "SELECT address FROM recipients WHERE 0", "", NULL },
	{ "semicolon and comment at the end", "SELECT 'a@b'; -- all\n ",
		"row 1 a@b\n", NULL },
	{ "three columns", "SELECT 1, 2, 3", "",
		"the query gives 3 columns; it must give an address and, if "
		"wanted, the target of a contact, and no more" },
	{ "two statements", "SELECT 'a@b'; SELECT 'c@d'", "", ONE_STATEMENT },
	{ "a second one that is wrong", "SELECT 'a@b'; SELEC", "",
		ONE_STATEMENT },
	{ "nothing", "", "",
		"the query gives no rows; \"query\" must be a SELECT" },
	{ "no SELECT", "DELETE FROM recipients", "",
		"the query gives no rows; \"query\" must be a SELECT" },
	{ "writes and gives rows", "DELETE FROM recipients RETURNING address",
		"",
		"the query failed: attempt to write a readonly database; "
		"\"query\" must be a SELECT" },
	{ "wrong", "SELEC address", "",
		"the query failed: near \"SELEC\": syntax error" },
	{ "no such table", "SELECT address FROM mailbox", "",
		"the query failed: no such table: mailbox" },
	{ "fails after a row",
		"SELECT 'a@b' UNION ALL SELECT json_extract('[', '$')",
		"row 1 a@b\n", "the query failed: malformed JSON" },
	{ "gives no row in time", ENDLESS, "",
		"no answer within 1 s (\"timeout\")" },
};

START_TEST(queries_are_run_or_fail)
{
	const struct query_case *c = &QUERIES[_i];
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/mail.db", folder);
	struct text found;
	struct err err = { 0 };

	create(path);
	text_init(&found);
	const bool is_read = read_file(path, c->query, &found, &err);

	ck_assert_msg(is_read == (c->err == NULL), "%s: %s", c->name, err.text);
	ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s", c->name,
		text_of(&found));
	if (c->err != NULL)
		ck_assert_str_eq(err.text, c->err);
	text_fini(&found);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

START_TEST(files_that_are_none_fail)
{
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/mail.db", folder);
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	ck_assert(!read_file(path, "SELECT 1", &found, &err));
	ck_assert_str_eq(err.text, "No such file or directory");
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert(!read_file(folder, "SELECT * FROM t", &found, &err));
	ck_assert_str_eq(err.text, "Is a directory");
	test_write(path, "address,target\n a longer text\n", 30);
	ck_assert(!read_file(path, "SELECT * FROM t", &found, &err));
	ck_assert_str_eq(err.text, "file is not a database");
	ck_assert(!read_file(":memory:", "SELECT 1", &found, &err));
	ck_assert_str_eq(err.text, "No such file or directory");
	text_fini(&found);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

START_TEST(a_lock_is_waited_for)
{
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/mail.db", folder);
	sqlite3 *writer;
	struct text found;
	struct err err = { 0 };

	create(path);
	text_init(&found);
	ck_assert_int_eq(sqlite3_open(path, &writer), SQLITE_OK);
	ck_assert_int_eq(
		sqlite3_exec(writer, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
		SQLITE_OK);
	ck_assert(!read_file(
		path, "SELECT address FROM recipients", &found, &err));
	ck_assert_str_eq(err.text, "database is locked");
	sqlite3_close(writer);
	ck_assert(read_file(
		path, "SELECT address FROM recipients", &found, &err));
	text_fini(&found);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sql_sqlite");
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60); /* time limits, on a busy machine */
	tcase_add_loop_test(tcase, queries_are_run_or_fail, 0, COUNT(QUERIES));
	tcase_add_test(tcase, files_that_are_none_fail);
	tcase_add_test(tcase, a_lock_is_waited_for);
	return unit_run(suite, tcase);
}
