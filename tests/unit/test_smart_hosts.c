/* Addresses stand for names: the system finds them and asks nobody. */
#include "doctor/smart_hosts.h"

#include "doctor/dns.h"
#include "doctor/here.h"
#include "tests/unit/postconf_case.h"
#include "tests/unit/unit_main.h"

START_TEST(only_names_are_collected)
{
	struct arena *arena = arena_open();
	struct hop hops[] = {
		{ .host = "mail.example" },
		{ .host = "10.8.0.25", .is_literal = true },
		{ .host = NULL, .text = "unix:private/store" },
		{ .host = "next.example" },
	};
	struct connector connectors[] = {
		{ .name = "off", .hops = hops, .n_hops = 1 },
		{ .name = "ex", .is_enabled = true, .hops = hops, .n_hops = 4 },
	};
	const struct namespace ns = { .connectors = connectors,
		.n_connectors = 2 };
	struct smart_host *hosts;

	ck_assert_uint_eq(smart_hosts_collect(&hosts, &ns, arena), 2);
	ck_assert_ptr_eq(hosts[0].connector, &connectors[1]);
	ck_assert_ptr_eq(hosts[0].hop, &hops[0]);
	ck_assert_ptr_eq(hosts[1].hop, &hops[3]);
	arena_close(&arena);
}
END_TEST

/* Mail comes to 127.0.0.7, port 2525. */
static const struct {
	const char *name, *main_cf, *kind;
	uint16_t port;
	bool is_in_dns; /* at that address */
	enum lookup lookup;
	bool loops;
} HOSTS[] = {
	{ "by DNS alone", "smtp_host_lookup = dns", "smtp", 2525, false,
		LOOKUP_NONE, false },
	{ "DNS leads here", "smtp_host_lookup = dns", "smtp", 2525, true,
		LOOKUP_FOUND, true },
	{ "DNS leads to another port", "smtp_host_lookup = dns", "smtp", 25,
		true, LOOKUP_FOUND, false },
	{ "LMTP is not spoken here", "smtp_host_lookup = dns", "lmtp", 2525,
		true, LOOKUP_FOUND, false },
	{ "by the system too", "smtp_host_lookup = dns, native", "smtp", 2525,
		false, LOOKUP_FOUND, true },
	{ "by the system, another port", "smtp_host_lookup = native", "smtp",
		25, false, LOOKUP_FOUND, false },
	{ "DNS is off", "disable_dns_lookups = yes", "relay", 2525, false,
		LOOKUP_FOUND, true },
	{ "DNS is off for this client", "smtp_dns_support_level = disabled",
		"smtp", 2525, false, LOOKUP_FOUND, true },
	{ "that of another client", "lmtp_host_lookup = native", "smtp", 2525,
		false, LOOKUP_NONE, false },
	{ "LMTP's own", "lmtp_host_lookup = native", "lmtp", 2525, false,
		LOOKUP_FOUND, false },
	{ "not LMTP's", "smtp_host_lookup = native", "lmtp", 2525, false,
		LOOKUP_NONE, false },
	{ "DNS is off for LMTP", "lmtp_dns_support_level = disabled", "lmtp",
		2525, false, LOOKUP_FOUND, false },
};

START_TEST(host_is_found_as_its_client_does)
{
	struct postconf_case p;
	struct network address;
	const struct hop hop = { .host = "127.0.0.7", .port = HOSTS[_i].port };
	const struct connector connector = { .kind = HOSTS[_i].kind };

	postconf_case_open(&p);
	struct instance *instance = postconf_case_read(&p,
		arena_printf(p.arena, "inet_interfaces = all\n%s\n",
			HOSTS[_i].main_cf),
		"", "127.0.0.7:2525 inet n - n - - smtpd\n");
	struct here *here = here_open(instance);

	ck_assert(network_of_client(&address, "127.0.0.7"));
	const struct dns_question addresses = {
		.lookup = HOSTS[_i].is_in_dns ? LOOKUP_FOUND : LOOKUP_NONE,
		.addresses = &address,
		.n_addresses = HOSTS[_i].is_in_dns,
	};
	struct smart_host host = { &connector, &hop, .addresses = &addresses };

	smart_host_settle(&host, instance, here);
	ck_assert_msg(host.lookup == HOSTS[_i].lookup, "%s: %d", HOSTS[_i].name,
		(int)host.lookup);
	ck_assert_msg(host.loops == HOSTS[_i].loops, "%s", HOSTS[_i].name);
	here_close(&here);
	instance_close(&instance);
	postconf_case_close(&p);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, only_names_are_collected);
	tcase_add_loop_test(
		tcase, host_is_found_as_its_client_does, 0, COUNT(HOSTS));
	return unit_run(suite_create("smart_hosts"), tcase);
}
