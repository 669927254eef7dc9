/* Hosts and URIs of directories: how they are written anew, or refused. */
#include "config/conf_host.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"

#include <string.h>

#define AT(what) \
	what " has an \"@\" in it: who asks, and the file with the password, " \
	     "have keys of their own"
#define NO_URI(text) \
	"\"" text "\" is no URI of a directory server: write ldaps://HOST, " \
	"ldap://HOST or ldapi://SOCKET"
#define BEHIND(text) \
	"\"" text "\" stands behind the host and its port: base, scope, " \
	"attributes and filter have keys of their own"
#define BAD_PORT(text) \
	"the port must be a number from 1 to 65535, not \"" text "\""
#define SOCKET_PATH(right) \
	"the path of a socket is absolute and has %2F for each slash: write " \
	"ldapi://" right
#define BRACKETS(text) \
	"\"" text "\" stands in brackets: only an IPv6 address does"
#define NEITHER(text) \
	"\"" text "\" is neither a host nor a socket: the path of a socket " \
	"begins with a slash"

struct uri_case {
	const char *text;
	const char *uri; /* as it is written anew; NULL: refused */
	const char *err;
	enum conf_scheme scheme;
	bool is_loopback;
};

static const struct uri_case uris[] = {
	{ "ldap://dc1.company.example", .uri = "ldap://dc1.company.example" },
	{ "ldaps://DC1.Company.Example.:3269/",
		.uri = "ldaps://dc1.company.example:3269",
		.scheme = CONF_LDAPS },
	{ "LDAP://a_b-c", .uri = "ldap://a_b-c" },
	{ "ldap://10.8.0.2:389", .uri = "ldap://10.8.0.2:389" },
	{ "ldap://[2001:db8::1]:65535", .uri = "ldap://[2001:db8::1]:65535" },
	{ "ldap://b\xc3\xbc"
	  "cher.example",
		.uri = "ldap://xn--bcher-kva.example" },
	{ "ldap://localhost:1", .uri = "ldap://localhost:1",
		.scheme = CONF_LDAP, .is_loopback = true },
	{ "ldap://127.0.0.9", .uri = "ldap://127.0.0.9", .scheme = CONF_LDAP,
		.is_loopback = true },
	{ "ldap://[::1]", .uri = "ldap://[::1]", .scheme = CONF_LDAP,
		.is_loopback = true },
	{ "ldapi://", .uri = "ldapi://", .scheme = CONF_LDAPI },
	{ "ldapi:///", .uri = "ldapi:///", .scheme = CONF_LDAPI },
	{ "ldapi://%2frun%2Fldapi", .uri = "ldapi://%2frun%2Fldapi",
		.scheme = CONF_LDAPI },
	{ "", .err = NO_URI("") },
	{ "dc1.company.example", .err = NO_URI("dc1.company.example") },
	{ "ldap:dc1", .err = NO_URI("ldap:dc1") },
	{ "https://dc1", .err = NO_URI("https://dc1") },
	{ "ldap://",
		.err = "the URI has no host: write it as "
		       "ldaps://dc1.company.example" },
	{ "ldap://:389",
		.err = "the URI has no host: write it as "
		       "ldaps://dc1.company.example" },
	{ "ldap://[]",
		.err = "the URI has no host: write it as "
		       "ldaps://dc1.company.example" },
	{ "ldap://a/dc=company", .err = BEHIND("/dc=company") },
	{ "ldap://a:1/??sub?(mail=*)", .err = BEHIND("/??sub?(mail=*)") },
	{ "ldap://a?mail", .err = BEHIND("?mail") },
	{ "ldap://a//", .err = BEHIND("//") },
	{ "ldap://a:", .err = BAD_PORT("") },
	{ "ldap://a:0", .err = BAD_PORT("0") },
	{ "ldap://a:65536", .err = BAD_PORT("65536") },
	{ "ldap://a:ldap", .err = BAD_PORT("ldap") },
	{ "ldap://[::1]389", .err = BAD_PORT("389") },
	{ "ldap://[::1", .err = "\"[::1\" lacks its closing bracket" },
	{ "ldap://2001:db8::1",
		.err = "\"2001:db8::1\" has too many colons: an IPv6 address "
		       "is written in brackets, as [2001:db8::1]" },
	{ "ldap://[10.8.0.2]", .err = BRACKETS("10.8.0.2") },
	{ "ldap://[dc1]:389", .err = BRACKETS("dc1") },
	{ "ldap://a b", .err = "\"a b\" has a blank in it: a name has none" },
	{ "ldap://user@dc1", .err = AT("a URI") },
	{ "ldaps://user:secret@dc1/", .err = AT("a URI") },
	{ "user:secret@dc1", .err = AT("a URI") },
	{ "ldapi:///run/slapd/ldapi",
		.err = SOCKET_PATH("%2Frun%2Fslapd%2Fldapi") },
	{ "ldapi://run/ldapi", .err = SOCKET_PATH("%2Frun%2Fldapi") },
	{ "ldapi://ldapi", .err = SOCKET_PATH("%2Fldapi") },
	{ "ldapi://%2Frun/ldapi", .err = SOCKET_PATH("%2Frun%2Fldapi") },
};

START_TEST(uri_is_read)
{
	const struct uri_case *c = &uris[_i];
	struct arena *arena = arena_open();
	struct conf_uri uri;
	struct err err = { 0 };

	ck_assert_msg(
		conf_uri_parse(&uri, c->text, arena, &err) == (c->uri != NULL),
		"%s: %s", c->text, err.text);
	if (c->uri == NULL) {
		ck_assert_str_eq(err.text, c->err);
	} else {
		ck_assert_str_eq(uri.text, c->uri);
		ck_assert_int_eq(uri.scheme, c->scheme);
		ck_assert_int_eq(uri.host.is_loopback, c->is_loopback);
		ck_assert_int_eq(uri.host.is_socket, c->scheme == CONF_LDAPI);
	}
	arena_close(&arena);
}
END_TEST

struct host_case {
	const char *text;
	const char *name; /* NULL: refused */
	const char *err;
	bool is_socket, is_loopback, is_ipv6;
};

static const struct host_case hosts[] = {
	{ "db.company.example", .name = "db.company.example" },
	{ "DB.", .name = "db" },
	{ "10.0.0.1", .name = "10.0.0.1" },
	{ "2001:db8::1", .name = "2001:db8::1", .is_ipv6 = true },
	{ "localhost", .name = "localhost", .is_loopback = true },
	{ "127.1.2.3", .name = "127.1.2.3", .is_loopback = true },
	{ "::1", .name = "::1", .is_loopback = true, .is_ipv6 = true },
	{ "/run/postgresql", .name = "/run/postgresql", .is_socket = true },
	{ "", .err = "the name of a host is empty" },
	{ "user:secret@db", .err = AT("a host") },
	{ "mysql://user:secret@db", .err = AT("a host") },
	{ "run/postgresql", .err = NEITHER("run/postgresql") },
	{ "mysql://db", .err = NEITHER("mysql://db") },
	{ "[::1]",
		.err = "\"[::1]\" has a bracket in it: an address stands "
		       "without brackets here" },
	{ "db:5432",
		.err = "\"db:5432\" has a colon in it: a port stands in a "
		       "key of its own, port = NUMBER" },
	{ "a b", .err = "\"a b\" has a blank in it: a name has none" },
};

START_TEST(host_is_read)
{
	const struct host_case *c = &hosts[_i];
	struct arena *arena = arena_open();
	struct conf_host host;
	struct err err = { 0 };

	ck_assert_msg(conf_host_parse(&host, c->text, arena, &err) ==
			(c->name != NULL),
		"%s: %s", c->text, err.text);
	if (c->name == NULL) {
		ck_assert_str_eq(err.text, c->err);
	} else {
		ck_assert_str_eq(host.name, c->name);
		ck_assert_int_eq(host.is_socket, c->is_socket);
		ck_assert_int_eq(host.is_loopback, c->is_loopback);
		ck_assert_int_eq(host.is_ipv6, c->is_ipv6);
	}
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("hosts");

	tcase_add_loop_test(tcase, uri_is_read, 0, COUNT(uris));
	tcase_add_loop_test(tcase, host_is_read, 0, COUNT(hosts));
	return unit_run(suite_create("conf_host"), tcase);
}
