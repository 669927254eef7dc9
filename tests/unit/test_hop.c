/* Next hops: written in one way, and nothing that smtp(8) would die of. */
#include "namespace/hop.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"

#include <stdlib.h>
#include <string.h>

#define X10 "xxxxxxxxxx"
#define X50 X10 X10 X10 X10 X10
#define X100 X50 X50
#define X900 X100 X100 X100 X100 X100 X100 X100 X100 X100

struct hop_case {
	const char *name;
	const char *text;
	const char *hop;
	const char *host;
	bool is_literal;
	unsigned port;
	const char *err;
};

static const struct hop_case hops[] = {
	{ "IPv4", "10.8.0.25", "[10.8.0.25]", "10.8.0.25", true, 25, NULL },
	{ "IPv4 and port", "10.8.0.25:587", "[10.8.0.25]:587", "10.8.0.25",
		true, 587, NULL },
	{ "bracketed IPv4", "[10.8.0.25]", "[10.8.0.25]", "10.8.0.25", true, 25,
		NULL },
	{ "bracketed IPv4 and port", "[10.8.0.25]:25", "[10.8.0.25]:25",
		"10.8.0.25", true, 25, NULL },
	{ "name", "Mail2.Company.Example.", "[mail2.company.example]",
		"mail2.company.example", false, 25, NULL },
	{ "name and port", "mail.d:1", "[mail.d]:1", "mail.d", false, 1, NULL },
	{ "bracketed name and port", "[mail.d]:65535", "[mail.d]:65535",
		"mail.d", false, 65535, NULL },
	{ "trailing dot before the port", "mail.d.:25", "[mail.d]:25", "mail.d",
		false, 25, NULL },
	{ "one label", "localhost:10025", "[localhost]:10025", "localhost",
		false, 10025, NULL },
	{ "IDN",
		"b\xc3\xbc"
		"cher.example",
		"[xn--bcher-kva.example]", "xn--bcher-kva.example", false, 25,
		NULL },
	{ "bare IPv6", "2001:DB8::1", "[2001:db8::1]", "2001:db8::1", true, 25,
		NULL },
	{ "long IPv6", "[2001:db8:0:0:0:0:0:1]:26", "[2001:db8::1]:26",
		"2001:db8::1", true, 26, NULL },
	{ "loopback IPv6", "[::1]:25", "[::1]:25", "::1", true, 25, NULL },
	{ "tagged IPv6", "[IPv6:::1]", "[::1]", "::1", true, 25, NULL },
	{ "tagged IPv6 and port", "[ipv6:2001:db8::1]:25", "[2001:db8::1]:25",
		"2001:db8::1", true, 25, NULL },
	{ "tag without brackets", "IPv6:2001:db8::1", "[2001:db8::1]",
		"2001:db8::1", true, 25, NULL },
	{ "mapped is IPv4", "[::ffff:10.8.0.25]", "[10.8.0.25]", "10.8.0.25",
		true, 25, NULL },
	{ "leading zeros of a port", "h:0025", "[h]:25", "h", false, 25, NULL },

	{ "empty", "",
		.err = "the next hop is empty: a host such as "
		       "[mail.company.example] is wanted" },
	{ "empty brackets", "[]",
		.err = "the name is empty: a domain such "
		       "as company.example is wanted" },
	{ "port alone", ":25",
		.err = "the name is empty: a domain such as "
		       "company.example is wanted" },
	{ "address", "user@company.example",
		.err = "\"user@company.example\" is an address: write the "
		       "host that takes its mail" },
	{ "comma", "[a]:25,[b]:25",
		.err = "\"[a]:25,[b]:25\" has a comma or a blank in it: write "
		       "each smart host by itself" },
	{ "blank", "[a] [b]",
		.err = "\"[a] [b]\" has a comma or a blank in "
		       "it: write each smart host by itself" },
	{ "blank behind", "mail.d ",
		.err = "\"mail.d \" has a comma or a blank in it: write each "
		       "smart host by itself" },
	{ "newline", "mail.d\n",
		.err = "the next hop has a control "
		       "character in it (octet 7)" },
	{ "delete", "\x7f",
		.err = "the next hop has a control character in "
		       "it (octet 1)" },
	{ "endless", X900, .err = "the next hop is too long" },
	{ "open bracket", "[mail.d:25",
		.err = "\"[mail.d:25\" lacks its closing bracket" },
	{ "closing bracket alone", "mail.d]:25",
		.err = "\"mail.d]:25\" has a bracket in the wrong place: "
		       "write [host] or [host]:port" },
	{ "bracket inside", "mail[.d]",
		.err = "\"mail[.d]\" has a bracket in the wrong place: write "
		       "[host] or [host]:port" },
	{ "two brackets", "[[mail.d]]",
		.err = "\"[[mail.d]]\" has more than a port behind the "
		       "bracket: write [host] or [host]:port" },
	{ "behind the bracket", "[mail.d]25",
		.err = "\"[mail.d]25\" has more than a port behind the "
		       "bracket: write [host] or [host]:port" },
	{ "port 0", "mail.d:0",
		.err = "the port must be a number from 1 to "
		       "65535, not \"0\"" },
	{ "port 65536", "[mail.d]:65536",
		.err = "the port must be a number from 1 to 65535, not "
		       "\"65536\"" },
	{ "no port behind the colon", "[mail.d]:",
		.err = "the port must be a number from 1 to 65535, not "
		       "\"\"" },
	{ "service name", "mail.d:smtp",
		.err = "the port must be a number from 1 to 65535, not "
		       "\"smtp\"" },
	{ "digits and more", "mail.d:25x",
		.err = "the port must be a number from 1 to 65535, not "
		       "\"25x\"" },
	{ "two ports", "[mail.d]:25:25",
		.err = "the port must be a number from 1 to 65535, not "
		       "\"25:25\"" },
	{ "transport", "smtp:mail.d:25",
		.err = "\"smtp:mail.d\" has too many colons: an IPv6 address "
		       "with a port is written [2001:db8::1]:25" },
	{ "inet", "inet:[::1]:24",
		.err = "\"inet:[::1]:24\" has a bracket in the wrong place: "
		       "write [host] or [host]:port" },
	{ "tag on IPv4", "[IPv6:10.8.0.25]",
		.err = "\"IPv6:10.8.0.25\" has too many colons: an IPv6 "
		       "address with a port is written [2001:db8::1]:25" },
	{ "0.0.0.0", "0.0.0.0", .err = "0.0.0.0 is the address of no host" },
	{ "0.1.2.3", "[0.1.2.3]",
		.err = "0.1.2.3 is the address of no "
		       "host" },
	{ "all zeros", "[::]:25", .err = ":: is the address of no host" },
	{ "IPv4-compatible", "[::0.1.2.3]",
		.err = "::0.1.2.3 is the address of no host" },
	{ "zone", "[fe80::1%eth0]",
		.err = "\"fe80::1%eth0\" has too many colons: an IPv6 address "
		       "with a port is written [2001:db8::1]:25" },
	{ "number", "10.8.0",
		.err = "\"10.8.0\" is a number: a domain name "
		       "is wanted" },
	{ "bad label", "-mail.d",
		.err = "\"-mail.d\" has a label that "
		       "begins or ends with a hyphen" },
	{ "mark", "#mail.d",
		.err = "\"#mail.d\" has a mark where a plain "
		       "name is wanted: write \"mail.d\"" },
};

START_TEST(hop_parses_or_says_why)
{
	const struct hop_case *c = &hops[_i];
	struct arena *arena = arena_open();
	struct err err = { 0 };
	struct hop got;
	const bool is_good = hop_parse(&got, c->text, arena, &err);

	ck_assert_msg(is_good == (c->err == NULL), "%s: %s", c->name, err.text);
	if (!is_good) {
		ck_assert_msg(strcmp(err.text, c->err) == 0, "%s: %s", c->name,
			err.text);
	} else {
		ck_assert_msg(strcmp(got.text, c->hop) == 0, "%s: %s", c->name,
			got.text);
		ck_assert_msg(strcmp(got.host, c->host) == 0, "%s: %s", c->name,
			got.host);
		ck_assert_msg(got.is_literal == c->is_literal, "%s", c->name);
		ck_assert_msg(got.port == c->port, "%s: %u", c->name, got.port);
	}
	arena_close(&arena);
}
END_TEST

START_TEST(a_literal_is_held_as_a_network)
{
	struct arena *arena = arena_open();
	struct network client;
	struct hop hop;

	ck_assert(hop_parse(&hop, "[10.8.0.25]:587", arena, NULL));
	ck_assert(network_of_client(&client, "10.8.0.25"));
	ck_assert(network_contains(&hop.network, &client));
	arena_close(&arena);
}
END_TEST

START_TEST(a_written_hop_parses_to_itself)
{
	struct arena *arena = arena_open();
	struct hop hop;

	for (size_t i = 0; i < sizeof hops / sizeof *hops; i++) {
		if (hops[i].err != NULL)
			continue;
		ck_assert(hop_parse(&hop, hops[i].hop, arena, NULL));
		ck_assert_str_eq(hop.text, hops[i].hop);
	}
	arena_close(&arena);
}
END_TEST

struct transport_case {
	const char *text;
	const char *kind;
	const char *destination;
	const char *host; /* NULL: none */
	bool is_socket;
	unsigned port;
	const char *err;
};

static const struct transport_case transports[] = {
	{ "lmtp:unix:private/dovecot-lmtp", "lmtp", "unix:private/dovecot-lmtp",
		NULL, true, 0, NULL },
	{ "lmtp:inet:[::1]:24", "lmtp", "[::1]:24", "::1", false, 24, NULL },
	{ "lmtp:mail.d", "lmtp", "[mail.d]", "mail.d", false, 24, NULL },
	{ "lmtp:inet:mail.d:2424", "lmtp", "[mail.d]:2424", "mail.d", false,
		2424, NULL },
	{ "smtp:[Mail.d]:587", "smtp", "[mail.d]:587", "mail.d", false, 587,
		NULL },
	{ "relay:[mail.d]", "relay", "[mail.d]", "mail.d", false, 25, NULL },
	{ "virtual:", "virtual", "", NULL, false, 0, NULL },
	{ "dovecot:", "dovecot", "", NULL, false, 0, NULL },
	{ "uucp:Host.", "uucp", "host", NULL, false, 0, NULL },
	{ "smtp-amavis:[127.0.0.1]:10024", "smtp-amavis", "[127.0.0.1]:10024",
		NULL, false, 0, NULL },
	{ "lmtp2:unix:/run/lmtp", "lmtp2", "unix:/run/lmtp", NULL, true, 0,
		NULL },
	{ "lmtp2:inet:mail.d:24", "lmtp2", "[mail.d]:24", NULL, false, 0,
		NULL },

	{ "lmtp",
		.err = "\"lmtp\" has no colon: write a transport as "
		       "lmtp:unix:PATH, smtp:[host]:25 or virtual:" },
	{ "",
		.err = "\"\" has no colon: write a transport as "
		       "lmtp:unix:PATH, smtp:[host]:25 or virtual:" },
	{ ":[mail.d]",
		.err = "the transport has no service in front of its "
		       "colon: write lmtp:, smtp: or another of "
		       "master.cf" },
	{ "../x:", .err = "\"../x\" is no name of a service in master.cf" },
	{ "-x:", .err = "\"-x\" is no name of a service in master.cf" },
	{ "a b:", .err = "\"a b\" is no name of a service in master.cf" },
	{ "[mail.d]:25",
		.err = "\"[mail.d]\" is no name of a service in "
		       "master.cf" },
	{ "error:5.1.1 no",
		.err = "the transport \"error:\" refuses all "
		       "mail: it serves no mail system" },
	{ "Retry:",
		.err = "the transport \"Retry:\" defers all mail: it "
		       "serves no mail system" },
	{ "discard:",
		.err = "the transport \"discard:\" throws all mail "
		       "away: it serves no mail system" },
	{ "local:",
		.err = "the transport \"local:\" delivers by the local "
		       "part alone, whatever the domain: it serves no "
		       "mail system" },
	{ "smtp:",
		.err = "the next hop is empty: a host such as "
		       "[mail.company.example] is wanted" },
	{ "lmtp:inet:",
		.err = "the next hop is empty: a host such as "
		       "[mail.company.example] is wanted" },
	{ "lmtp:unix:",
		.err = "\"unix:\" wants the path of a socket behind "
		       "it" },
	{ "lmtp:unix:a, [b]:24",
		.err = "\"a, [b]:24\" has a comma or a blank in it: a socket "
		       "has one path and no failover" },
	{ "smtp:[a]:25, [b]:25",
		.err = "\"[a]:25, [b]:25\" has a comma or a blank in it: "
		       "write each smart host by itself" },
	{ "lmtp:inet:[a]:24,inet:[b]:24",
		.err = "\"[a]:24,inet:[b]:24\" has a comma or a blank in it: "
		       "write each smart host by itself" },
	{ "smtp:inet:[a]:25",
		.err = "\"inet:[a]:25\" has a bracket in the "
		       "wrong place: write [host] or "
		       "[host]:port" },
	{ "smtp:unix:x",
		.err = "the port must be a number from 1 to 65535, "
		       "not \"x\"" },
	{ "smtp:user@d",
		.err = "\"user@d\" is an address: write the host "
		       "that takes its mail" },
	{ "other:user@d",
		.err = "\"user@d\" is an address: write the host "
		       "that takes its mail" },
	{ "x:\t",
		.err = "the next hop has a control character in it (octet "
		       "3)" },
};

START_TEST(transport_parses_or_says_why)
{
	const struct transport_case *c = &transports[_i];
	struct arena *arena = arena_open();
	struct err err = { 0 };
	struct transport got;
	const bool is_good = transport_parse(&got, c->text, arena, &err);

	ck_assert_msg(is_good == (c->err == NULL), "%s: %s", c->text, err.text);
	if (!is_good) {
		ck_assert_msg(strcmp(err.text, c->err) == 0, "%s: %s", c->text,
			err.text);
	} else {
		ck_assert_str_eq(got.kind, c->kind);
		ck_assert_str_eq(got.hop.text, c->destination);
		ck_assert_int_eq(got.is_socket, c->is_socket);
		ck_assert_uint_eq(got.hop.port, c->port);
		ck_assert_pstr_eq(got.hop.host, c->host);
	}
	arena_close(&arena);
}
END_TEST

/* sockaddr_un has room for 107 octets and a NUL. */
START_TEST(a_socket_path_has_a_limit)
{
	struct arena *arena = arena_open();
	struct err err = { 0 };
	struct transport got;

	ck_assert(transport_parse(
		&got, "lmtp:unix:" X100 "xxxxxxx", arena, &err));
	ck_assert(!transport_parse(
		&got, "lmtp:unix:" X100 "xxxxxxxx", arena, &err));
	ck_assert_str_eq(
		err.text, "the path of a socket has 108 octets: 107 at most");
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("hop");

	tcase_add_loop_test(tcase, hop_parses_or_says_why, 0, COUNT(hops));
	tcase_add_test(tcase, a_literal_is_held_as_a_network);
	tcase_add_test(tcase, a_written_hop_parses_to_itself);
	tcase_add_loop_test(
		tcase, transport_parses_or_says_why, 0, COUNT(transports));
	tcase_add_test(tcase, a_socket_path_has_a_limit);
	return unit_run(suite_create("hop"), tcase);
}
