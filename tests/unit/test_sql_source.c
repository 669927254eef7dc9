#include "directory/sql_source.h"

#include "namespace/sql_settings.h"

#include "sink_text.h"
#include "unit_main.h"

#include <sqlite3.h>

#define NO_PATH "/dev/null/none"

static bool read_source(const struct sql_settings *settings, struct text *found,
	struct err *err)
{
	const struct directory directory = { .type = DIRECTORY_SQL,
		.source = "SOURCE",
		.timeout_s = 1,
		.sql = settings };
	const struct source_options options = { 0 };
	const struct sink sink = sink_text(found);

	text_init(found);
	return sql_source_read(&directory, &options, &sink, err);
}

static void check_fails(const struct sql_settings *settings, const char *why)
{
	struct text found;
	struct err err = { 0 };

	ck_assert(!read_source(settings, &found, &err));
	ck_assert_str_eq(err.text, why);
	ck_assert_str_eq(text_of(&found), "");
	text_fini(&found);
}

static const struct fault_case {
	const char *name;
	struct sql_settings settings;
	const char *err;
} FAULTS[] = {
	{ "no socket, PostgreSQL",
		{ .driver = SQL_POSTGRESQL,
			.hosts = (const char *const[]){ NO_PATH, NULL },
			.connect_timeout_s = 1 },
		"SOURCE: " NO_PATH ": Not a directory; Is the server running "
		"locally and accepting connections on that socket?" },
	{ "no socket, MariaDB",
		{ .driver = SQL_MYSQL,
			.hosts = (const char *const[]){ NO_PATH, NULL },
			.connect_timeout_s = 1 },
		"SOURCE: " NO_PATH ": Can't connect to local server through "
		"socket '" NO_PATH "': Not a directory" },
	{ "each host is told",
		{ .driver = SQL_MYSQL,
			.hosts = (const char *const[]){ NO_PATH "1",
				NO_PATH "2", NULL },
			.connect_timeout_s = 1 },
		"SOURCE: " NO_PATH "1: Can't connect to local server through "
		"socket '" NO_PATH "1': Not a directory; " NO_PATH
		"2: Can't connect to local server through socket '" NO_PATH
		"2': Not a directory" },
	{ "no password file",
		{ .driver = SQL_MYSQL,
			.hosts = (const char *const[]){ NO_PATH, NULL },
			.password_file = NO_PATH },
		"SOURCE: open " NO_PATH ": Not a directory" },
	{ "no file of authorities",
		{ .driver = SQL_MYSQL,
			.hosts = (const char *const[]){ "db", NULL },
			.tls = SQL_TLS_VERIFY,
			.tls_ca_file = NO_PATH },
		"SOURCE: read tls-ca-file " NO_PATH ": Not a directory" },
	{ "no database file",
		{ .driver = SQL_SQLITE,
			.database = NO_PATH,
			.query = "SELECT 1" },
		"SOURCE: Not a directory" },
};

START_TEST(faults_name_the_source)
{
	check_fails(&FAULTS[_i].settings, FAULTS[_i].err);
}
END_TEST

/* What is no setting of ours must not count. */
START_TEST(environment_is_forgotten)
{
	static const char *const variables[] = { "PGHOST", "PGSERVICE",
		"PGPASSFILE", "PGOPTIONS", "MYSQL_PWD", "MYSQL_UNIX_PORT",
		"MARIADB_PLUGIN_DIR", "LIBMYSQL_PLUGIN_DIR" };

	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
		ck_assert_int_eq(setenv(variables[i], "x", 1), 0);
	ck_assert_int_eq(setenv("POSTSHARE_PG", "x", 1), 0);
	check_fails(&FAULTS[0].settings, FAULTS[0].err);
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
		ck_assert_msg(getenv(variables[i]) == NULL, "%s", variables[i]);
	ck_assert_ptr_nonnull(getenv("POSTSHARE_PG"));
}
END_TEST

START_TEST(what_ends_early_says_after_which_row)
{
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/mail.db", folder);
	const struct sql_settings settings = {
		.driver = SQL_SQLITE,
		.database = path,
		.query = "SELECT 'a@b' UNION ALL SELECT json_extract('[', '$')"
	};
	sqlite3 *file;
	struct text found;
	struct err err = { 0 };

	ck_assert_int_eq(sqlite3_open(path, &file), SQLITE_OK);
	ck_assert_int_eq(
		sqlite3_exec(file, "CREATE TABLE t (a)", NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(file);
	ck_assert(!read_source(&settings, &found, &err));
	ck_assert_str_eq(err.text,
		"SOURCE: the query failed: malformed JSON; the list ends "
		"after row 1");
	text_fini(&found);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sql_source");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, faults_name_the_source, 0, COUNT(FAULTS));
	tcase_add_test(tcase, environment_is_forgotten);
	tcase_add_test(tcase, what_ends_early_says_after_which_row);
	return unit_run(suite, tcase);
}
