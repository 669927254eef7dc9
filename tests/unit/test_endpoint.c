/* Where to listen, as the command line writes it. */
#include "policyd/endpoint.h"

#include "tests/unit/unit_main.h"

#include <string.h>

#define A100 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct endpoint_case {
	const char *name;
	const char *text;
	const char *path; /* NULL: inet */
	const char *host;
	const char *port;
	const char *err; /* NULL: none */
};

static const struct endpoint_case endpoint_cases[] = {
	{ "a UNIX socket", "unix:/run/p:1", "/run/p:1", "", NULL, NULL },
	{ "a relative path", "unix:private/policyd", "private/policyd", "",
		NULL, NULL },
	{ "IPv4", "inet:127.0.0.1:10040", NULL, "127.0.0.1", "10040", NULL },
	{ "IPv6", "inet:[::1]:1", NULL, "::1", "1", NULL },
	{ "a name", "inet:localhost:65535", NULL, "localhost", "65535", NULL },
	{ "neither", "/run/p", NULL, NULL, NULL,
		"/run/p: to listen on is unix:PATH or inet:HOST:PORT" },
	{ "no path", "unix:", NULL, NULL, NULL,
		"unix:: unix: wants a path, unix:/run/policyd" },
	{ "a long path", "unix:/" A100 "12345678", NULL, NULL, NULL,
		"unix:/" A100 "12345678: the path of a socket has at most "
		"107 bytes" },
	{ "no port", "inet:localhost", NULL, NULL, NULL,
		"inet:localhost: inet: wants a host and a port, "
		"inet:127.0.0.1:10040" },
	{ "port 0", "inet:h:0", NULL, NULL, NULL,
		"inet:h:0: a port is 1 to 65535" },
	{ "port too large", "inet:h:65536", NULL, NULL, NULL,
		"inet:h:65536: a port is 1 to 65535" },
	{ "a port by name", "inet:h:smtp", NULL, NULL, NULL,
		"inet:h:smtp: a port is 1 to 65535" },
	{ "IPv6 without brackets", "inet:::1:25", NULL, NULL, NULL,
		"inet:::1:25: an IPv6 address stands in brackets, "
		"inet:[::1]:10040" },
	{ "half a pair of brackets", "inet:[::1:25", NULL, NULL, NULL,
		"inet:[::1:25: an IPv6 address stands in brackets, "
		"inet:[::1]:10040" },
	{ "the other half", "inet:::1]:25", NULL, NULL, NULL,
		"inet:::1]:25: an IPv6 address stands in brackets, "
		"inet:[::1]:10040" },
	{ "no host", "inet::25", NULL, NULL, NULL,
		"inet::25: inet: wants the name or address of a host, "
		"inet:127.0.0.1:10040" },
	{ "empty brackets", "inet:[]:25", NULL, NULL, NULL,
		"inet:[]:25: inet: wants the name or address of a host, "
		"inet:127.0.0.1:10040" },
	{ "a long host", "inet:" A100 A100 A100 ":25", NULL, NULL, NULL,
		"inet:" A100 A100 A100 ":25: inet: wants the name or address "
		"of a host, inet:127.0.0.1:10040" },
};

static bool is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

START_TEST(an_endpoint_is_parsed)
{
	const struct endpoint_case *c = &endpoint_cases[_i];
	struct endpoint endpoint;
	struct err err = { 0 };
	const bool is_ok = endpoint_parse(&endpoint, c->text, &err);

	ck_assert_msg(is_same(err.text, c->err == NULL ? "" : c->err), "%s: %s",
		c->name, err.text);
	ck_assert_int_eq(is_ok, c->err == NULL);
	if (!is_ok)
		return;
	ck_assert_msg(is_same(endpoint.path, c->path), "%s", c->name);
	ck_assert_msg(is_same(endpoint.host, c->host), "%s", c->name);
	ck_assert_msg(is_same(endpoint.port, c->port), "%s", c->name);
	ck_assert_ptr_eq(endpoint.text, c->text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_loop_test(
		tcase, an_endpoint_is_parsed, 0, COUNT(endpoint_cases));
	return unit_run(suite_create("endpoint"), tcase);
}
