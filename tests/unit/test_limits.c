/*
 * Each limit of docs/security.md: what is a unit below it and what is just
 * of its size is taken, a unit more is not.  tests/lint/limits.py holds both
 * lists together, so a case is "name", limit, function.
 */
#include "policyd/endpoint.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "directory/secret.h"
#include "directory/source.h"
#include "directory/sql_client.h"
#include "directory/sql_rows.h"
#include "directory/sql_sqlite.h"
#include "doctor/smtp_reply.h"
#include "namespace/address.h"
#include "namespace/hop.h"
#include "policyd/journal.h"
#include "policyd/listener.h"
#include "policyd/policyd_options.h"
#include "policyd/reply_check.h"
#include "policyd/request.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/map_size.h"
#include "tests/unit/limits_config.h"
#include "tests/unit/unit_main.h"
#include "transport-map-gen/options.h"
#include "verdicts/count_key.h"
#include "verdicts/log_reader.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 160 };

/* -- policyd */

static bool takes_request(struct arena *arena, size_t n)
{
	static const char head[] = "request=smtpd_access_policy\nrecipient=";
	const char *bytes =
		fill(arena, head, n - (sizeof head - 1) - 2, 'a', "\n\n");
	struct request_parser *parser = request_parser_open();
	struct request request;
	struct err err = { 0 };
	size_t used;
	const enum request_end end = request_feed(
		parser, (struct slice){ bytes, n }, &used, &request, &err);

	request_parser_close(&parser);
	return end == REQUEST_WHOLE;
}

static bool takes_reply(struct arena *arena, size_t n)
{
	return reply_is_valid(fill(arena, "550 5.1.1 ", n - 10, 'a', ""));
}

static bool takes_listen_options(struct arena *arena, size_t n)
{
	static char program[] = "policyd", option[] = "--listen=unix:/a";
	struct policyd_options options;
	struct err err = { 0 };
	char *argv[WORDS_MAX] = { program };

	(void)arena;
	for (size_t i = 0; i < n; i++)
		argv[i + 1] = option;
	return policyd_options_parse(&options, (int)n + 1, argv, &err);
}

static bool takes_sockets(struct arena *arena, size_t n)
{
	struct listener listener = { .count = 0 };
	struct err err = { 0 };
	bool is_taken = true;

	(void)arena;
	for (size_t i = 0; i < n; i++)
		is_taken = listener_adopt(&listener, -1, &err) && is_taken;
	return is_taken;
}

static bool takes_socket_path(struct arena *arena, size_t n)
{
	struct endpoint endpoint;
	struct err err = { 0 };

	return endpoint_parse(
		&endpoint, fill(arena, "unix:/", n - 1, 'a', ""), &err);
}

/* syslog is not there: all waits, and what does not fit is lost. */
static bool takes_waiting_log(struct arena *arena, size_t n)
{
	struct journal *journal = journal_open_syslog("/nobody/listens");
	char pid[24];
	const int pid_len = snprintf(pid, sizeof pid, "%d", (int)getpid());
	/* "<22>Nov 21 18:13:53 postfix/policyd[4711]: ", and a NUL. */
	const size_t rest = 4 + 15 + 1 + 15 + (size_t)pid_len + 5;

	journal_write(journal, 6, fill(arena, "", n - rest, 'a', ""));
	const bool is_waiting = journal_lost(journal) == 0;

	journal_close(&journal);
	return is_waiting;
}

/* -- the state folder */

static bool takes_small_file(struct arena *arena, size_t n)
{
	char path[] = "/tmp/limits.XXXXXX";
	const int fd = mkstemp(path);
	size_t len;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)n), 0);
	close(fd);
	const char *bytes = file_read_small(path, &len, arena, NULL);

	ck_assert_int_eq(unlink(path), 0);
	return bytes != NULL;
}

/* -- names and addresses */

static bool takes_local_part(struct arena *arena, size_t n)
{
	struct address address;
	struct err err = { 0 };

	return address_parse(&address, fill(arena, "", n, 'a', "@d.example"),
		"+", arena, &err);
}

/* Whatever else is wrong with it. */
static bool takes_address_text(struct arena *arena, size_t n)
{
	struct address address;
	struct err err = { 0 };

	address_parse(
		&address, fill(arena, "", n - 2, 'a', "@d"), "+", arena, &err);
	return strcmp(err.text, "the address is too long") != 0;
}

static bool takes_label(struct arena *arena, size_t n)
{
	struct domain_name name;
	struct err err = { 0 };

	return domain_name_parse(
		&name, fill(arena, "", n, 'a', ".example"), arena, &err);
}

static bool takes_domain(struct arena *arena, size_t n)
{
	struct domain_name name;
	struct err err = { 0 };
	char *text = fill(arena, "", n, 'a', "");

	for (size_t at = 50; at < n - 1; at += 51)
		text[at] = '.';
	return domain_name_parse(&name, text, arena, &err);
}

static bool takes_hop_text(struct arena *arena, size_t n)
{
	struct hop hop;
	struct err err = { 0 };

	hop_parse(&hop, fill(arena, "", n, 'a', ""), arena, &err);
	return strcmp(err.text, "the next hop is too long") != 0;
}

static bool takes_lmtp_path(struct arena *arena, size_t n)
{
	struct transport transport;
	struct err err = { 0 };

	return transport_parse(
		&transport, fill(arena, "lmtp:unix:", n, 'a', ""), arena, &err);
}

/* -- maps */

static bool takes_map(struct arena *arena, size_t n)
{
	const struct map_size size = { .count = 1, .bytes = n - 2048 };
	struct err err = { 0 };

	(void)arena;
	return map_size_check(&size, CDB_SIZE_MAX, "transport.cdb", &err);
}

/* -- directories */

static const char *file_of(struct arena *arena, const char *bytes, size_t len)
{
	char *path = arena_strdup(arena, "/tmp/limitsXXXXXX");
	const int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
	return path;
}

static bool takes_password(struct arena *arena, size_t n)
{
	struct err err = { 0 };
	const char *path = file_of(arena, fill(arena, "", n, 'a', "\n"), n + 1);
	const char *secret = secret_read(path, arena, &err);

	unlink(path);
	return secret != NULL && strlen(secret) == n;
}

static void take_nothing(void *context, const struct entry *entry)
{
	(void)context;
	(void)entry;
}

static void take_no_fault(void *context, const char *origin, const char *why)
{
	(void)context;
	(void)origin;
	(void)why;
}

static bool takes_sql_value(struct arena *arena, size_t n)
{
	const struct sql_settings settings = { .driver = SQL_SQLITE,
		.database = file_of(arena, "", 0),
		.query = arena_printf(arena,
			"SELECT printf('%%.*c', %zu, 'a') || 'a' || 'a'",
			n - 2) };
	const struct sql_login login = { .settings = &settings,
		.timeout_s = 5 };
	const struct sink sink = { .entry = take_nothing,
		.bad = take_no_fault };
	struct sql_rows rows = { .sink = &sink };
	struct err err = { 0 };
	void *connection;

	ck_assert(sql_sqlite_open(&connection, &login, NULL, &err));
	const bool is_taken = sql_sqlite_read(connection, &rows, &err);

	sql_sqlite_close(connection);
	unlink(settings.database);
	return is_taken;
}

static bool takes_list_line(struct arena *arena, size_t n)
{
	const char *path =
		file_of(arena, fill(arena, "a@b\n", n, 'a', "\nc@d\n"), n + 9);
	const struct directory directory = {
		.type = DIRECTORY_FILE, .source = path, .path = path
	};
	const struct source_options options = { .is_dry = true };
	const struct sink sink = { take_nothing, take_no_fault, NULL, NULL };
	struct err err = { 0 };
	const bool is_read = source_read(&directory, &options, &sink, &err);

	unlink(path);
	return is_read;
}

static bool takes_log_line(struct arena *arena, size_t n)
{
	const char *path = file_of(arena, fill(arena, "", n, 'a', "\n"), n + 1);
	const struct log_sources sources = { .files = &path, .n_files = 1 };
	struct err err = { 0 };
	struct log_reader *reader = log_reader_open(&sources, &err);
	struct slice line;

	ck_assert_msg(reader != NULL, "%s", err.text);
	while (log_reader_next(reader, &line, &err) != LOG_READ_END)
		;
	const bool is_taken = log_reader_too_long(reader) == 0;

	log_reader_close(&reader);
	unlink(path);
	return is_taken;
}

static bool takes_count_fields(struct arena *arena, size_t n)
{
	static const char names[] =
		"verdict,reason,domain,type,connector,directory,client,sender,"
		"recipient";
	struct count_key key = { 0 };
	struct err err = { 0 };
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += strcspn(names + len, ",") + (i + 1 < n);
	return count_key_parse(&key, arena_strndup(arena, names, len), &err);
}

static bool takes_options(char *option, size_t n, const char *command)
{
	static char program[] = "transport-map-gen";
	struct options options;
	struct err err = { 0 };
	char *argv[WORDS_MAX] = { program, (char *)command };

	for (size_t i = 0; i < n; i++)
		argv[i + 2] = option;
	optind = 0; /* as in a process of its own */
	return options_parse(&options, (int)n + 2, argv, &err);
}

static bool takes_shrinking(struct arena *arena, size_t n)
{
	return takes_options(
		arena_strdup(arena, "--accept-shrink=a"), n, "build");
}

static bool takes_skips(struct arena *arena, size_t n)
{
	return takes_options(
		arena_strdup(arena, "--skip=spawn-user"), n, "doctor");
}

static bool takes_smtp(const char *bytes)
{
	struct smtp_reply reply = { 0 };
	struct err err = { 0 };
	size_t used;

	return smtp_reply_feed(&reply, bytes, strlen(bytes), &used, &err) ==
		SMTP_WHOLE;
}

/* With the CR, without the LF. */
static bool takes_smtp_line(struct arena *arena, size_t n)
{
	return takes_smtp(fill(arena, "250 ", n - 5, 'a', "\r\n"));
}

static bool takes_smtp_lines(struct arena *arena, size_t n)
{
	struct text text;

	text_init(&text);
	for (size_t i = 1; i < n; i++)
		text_adds(&text, "250-a\r\n");
	text_adds(&text, "250 a\r\n");
	const bool is_taken = takes_smtp(text.data);

	(void)arena;
	text_fini(&text);
	return is_taken;
}

static const struct limit_case {
	const char *name;
	size_t limit;
	bool (*takes)(struct arena *arena, size_t n);
} limits[] = {
	{ "a request", 65536, takes_request },
	{ "a reply", 400, takes_reply },
	{ "--listen", 16, takes_listen_options },
	{ "sockets", 64, takes_sockets },
	{ "the path of a socket", 107, takes_socket_path },
	{ "what waits for the log", 262144, takes_waiting_log },
	{ "a small file of the state folder", 67108864, takes_small_file },
	{ "a local part", 64, takes_local_part },
	{ "an address as written", 800, takes_address_text },
	{ "a label", 63, takes_label },
	{ "a domain", 253, takes_domain },
	{ "a next hop as written", 800, takes_hop_text },
	{ "the path of an LMTP socket", 107, takes_lmtp_path },
	{ "a cost", 100, takes_cost },
	{ "keep", 1000, takes_keep },
	{ "page-size", 10000, takes_page },
	{ "a time-out", 604800, takes_time },
	{ "the name of a block", 64, takes_block_name },
	{ "a word or a quoted text", 65536, takes_token },
	{ "contacts of contacts", 16, takes_contacts },
	{ "names of names", 16, takes_secondaries },
	{ "includes", 10, takes_nested_includes },
	{ "included files", 10000, takes_includes },
	{ "a map", 4294967295, takes_map },
	{ "a line of a list", 65536, takes_list_line },
	{ "a password", 4096, takes_password },
	{ "a value of SQLite", 1048576, takes_sql_value },
	{ "a line of a log", 65536, takes_log_line },
	{ "--count-by", 8, takes_count_fields },
	{ "--accept-shrink", 64, takes_shrinking },
	{ "--skip", 64, takes_skips },
	{ "a line of an SMTP reply", 2048, takes_smtp_line },
	{ "lines of an SMTP reply", 128, takes_smtp_lines },
};

START_TEST(a_limit_is_where_it_is_said_to_be)
{
	const struct limit_case *c = &limits[_i];
	struct arena *arena = arena_open();

	ck_assert_msg(c->takes(arena, c->limit - 1), "%s: %zu is refused",
		c->name, c->limit - 1);
	ck_assert_msg(c->takes(arena, c->limit), "%s: %zu is refused", c->name,
		c->limit);
	ck_assert_msg(!c->takes(arena, c->limit + 1), "%s: %zu is taken",
		c->name, c->limit + 1);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits");
	TCase *tcase = tcase_create("core");

	tcase_add_loop_test(
		tcase, a_limit_is_where_it_is_said_to_be, 0, COUNT(limits));
	return unit_run(suite, tcase);
}
