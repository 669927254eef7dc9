/* IP addresses and networks. */
#include "namespace/network.h"

#include "tests/unit/unit_main.h"

#include <string.h>

struct parse_case {
	const char *name;
	const char *text;
	unsigned prefix;
	const char *err; /* NULL: it parses */
};

static const struct parse_case parses[] = {
	{ "IPv4 address", "10.8.0.25", 128, NULL },
	{ "IPv4 network", "10.8.0.0/24", 120, NULL },
	{ "IPv4 host as a network", "10.8.0.25/32", 128, NULL },
	{ "all of IPv4", "0.0.0.0/0", 96, NULL },
	{ "IPv6 address", "2001:db8::1", 128, NULL },
	{ "IPv6 network", "2001:db8::/32", 32, NULL },
	{ "all of IPv6", "::/0", 0, NULL },
	{ "mapped network", "::ffff:10.8.0.0/120", 120, NULL },
	{ "prefix within an octet", "10.8.0.128/25", 121, NULL },
	{ "host bits", "10.8.0.1/24", 0,
		"bits are set behind the prefix: the network is "
		"10.8.0.0/24" },
	{ "host bits within an octet", "10.8.0.255/25", 0,
		"bits are set behind the prefix: the network is "
		"10.8.0.128/25" },
	{ "IPv6 host bits", "2001:db8::1/32", 0,
		"bits are set behind the prefix: the network is "
		"2001:db8::/32" },
	{ "mapped host bits", "::ffff:10.8.0.1/120", 0,
		"bits are set behind the prefix: the network is "
		"::ffff:10.8.0.0/120" },
	{ "IPv4 prefix at limit + 1", "10.8.0.0/33", 0,
		"the prefix length must be 0 to 32, not \"33\"" },
	{ "IPv6 prefix at limit + 1", "2001:db8::/129", 0,
		"the prefix length must be 0 to 128, not \"129\"" },
	{ "netmask", "10.8.0.0/255.255.255.0", 0,
		"the prefix length must be 0 to 32, not \"255.255.255.0\"" },
	{ "no prefix after the slash", "10.8.0.0/", 0,
		"the prefix length must be 0 to 32, not \"\"" },
	{ "brackets", "[10.8.0.25]", 0,
		"an IP address stands without brackets here, not "
		"\"[10.8.0.25]\"" },
	{ "host name", "mail.company.example", 0,
		"an IP address or a network such as 10.8.0.0/24 is wanted, "
		"not \"mail.company.example\"" },
	{ "port", "10.8.0.25:25", 0,
		"an IP address or a network such as 10.8.0.0/24 is wanted, "
		"not \"10.8.0.25:25\"" },
	{ "leading zero", "10.08.0.25", 0,
		"an IP address or a network such as 10.8.0.0/24 is wanted, "
		"not \"10.08.0.25\"" },
	{ "octet over 255", "10.8.0.256", 0,
		"an IP address or a network such as 10.8.0.0/24 is wanted, "
		"not \"10.8.0.256\"" },
	{ "three octets", "10.8.0", 0,
		"an IP address or a network such as 10.8.0.0/24 is wanted, "
		"not \"10.8.0\"" },
	{ "empty", "", 0,
		"an IP address or a network such as 10.8.0.0/24 is wanted, "
		"not \"\"" },
	{ "longer than any address",
		"2001:db8:0000:0000:0000:0000:0000:0001:0000:0000:0000", 0,
		"an IP address or a network such as 10.8.0.0/24 is wanted, "
		"not \"2001:db8:0000:0000:0000:0000:0000:0001:0000:0000:"
		"0000\"" },
};

START_TEST(parses_or_says_why)
{
	const struct parse_case *c = &parses[_i];
	struct network network;
	struct err err = { 0 };
	const bool is_good = network_parse(&network, c->text, &err);

	ck_assert_msg(is_good == (c->err == NULL), "%s: %s", c->name, err.text);
	if (is_good)
		ck_assert_msg(network.prefix == c->prefix, "%s: prefix %u",
			c->name, network.prefix);
	else
		ck_assert_msg(strcmp(err.text, c->err) == 0, "%s: %s", c->name,
			err.text);
}
END_TEST

struct contain_case {
	const char *network;
	const char *client;
	bool is_within;
};

static const struct contain_case contains[] = {
	{ "10.8.0.25", "10.8.0.25", true },
	{ "10.8.0.25", "10.8.0.26", false },
	{ "10.8.0.25", "::ffff:10.8.0.25", true },
	{ "::ffff:10.8.0.25", "10.8.0.25", true },
	{ "10.8.0.0/24", "10.8.0.255", true },
	{ "10.8.0.0/24", "10.8.1.0", false },
	{ "10.8.0.128/25", "10.8.0.127", false },
	{ "10.8.0.128/25", "10.8.0.128", true },
	{ "10.8.0.128/25", "10.8.0.255", true },
	{ "10.8.0.32/27", "10.8.0.63", true },
	{ "10.8.0.32/27", "10.8.0.64", false },
	{ "0.0.0.0/0", "192.0.2.1", true },
	{ "0.0.0.0/0", "255.255.255.255", true },
	{ "255.255.255.255", "255.255.255.255", true },
	{ "255.255.255.255", "255.255.255.254", false },
	{ "0.0.0.0", "0.0.0.0", true },
	{ "::/0", "2001:db8::1", true },
	{ "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::1", false },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "::/0", "192.0.2.1", true },
	{ "2001:db8::/32", "2001:db8:ffff::1", true },
	{ "2001:db8::/32", "2001:db9::1", false },
	{ "::1", "127.0.0.1", false },
};

START_TEST(contains_its_clients_alone)
{
	const struct contain_case *c = &contains[_i];
	struct network network, client;

	ck_assert(network_parse(&network, c->network, NULL));
	ck_assert(network_of_client(&client, c->client));
	ck_assert_msg(network_contains(&network, &client) == c->is_within,
		"%s and %s", c->network, c->client);
}
END_TEST

START_TEST(a_wider_network_is_not_within)
{
	struct network wide, narrow;

	ck_assert(network_parse(&wide, "10.8.0.0/16", NULL));
	ck_assert(network_parse(&narrow, "10.8.0.0/24", NULL));
	ck_assert(network_contains(&wide, &narrow));
	ck_assert(!network_contains(&narrow, &wide));
}
END_TEST

START_TEST(what_is_no_client_address)
{
	static const char *const texts[] = { "unknown", "", "10.8.0.0/24",
		"[10.8.0.1]", "localhost", "fe80::1%eth0", "10.8.0.1 ", "1.2.3",
		"1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", "1.2.3.4.5",
		"1.2.3.256", "1.2.3.1000", "1.2.3.04", "00.1.2.3", "1.2.3.-4",
		"1.2.3.+4", "1.2.3.4x", "0x1.2.3.4" };
	struct network network;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		ck_assert_msg(
			!network_of_client(&network, texts[i]), "%s", texts[i]);
}
END_TEST

START_TEST(loopback_is_both_families)
{
	static const struct {
		const char *text;
		bool is_loopback;
	} cases[] = {
		{ "127.0.0.1", true },
		{ "127.255.255.255", true },
		{ "127.0.0.0/8", true },
		{ "::ffff:127.0.0.1", true },
		{ "::1", true },
		{ "::2", false },
		{ "::", false },
		{ "126.0.0.1", false },
		{ "0.0.0.0/0", false },
		{ "::/0", false },
	};
	struct network network;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert(network_parse(&network, cases[i].text, NULL));
		ck_assert_msg(
			network_is_loopback(&network) == cases[i].is_loopback,
			"%s", cases[i].text);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("network");

	tcase_add_loop_test(tcase, parses_or_says_why, 0, COUNT(parses));
	tcase_add_loop_test(
		tcase, contains_its_clients_alone, 0, COUNT(contains));
	tcase_add_test(tcase, a_wider_network_is_not_within);
	tcase_add_test(tcase, what_is_no_client_address);
	tcase_add_test(tcase, loopback_is_both_families);
	return unit_run(suite_create("network"), tcase);
}
