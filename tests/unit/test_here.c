#include "doctor/here.h"

#include "tests/unit/postconf_case.h"
#include "tests/unit/unit_main.h"

static const struct {
	const char *name, *address;
	uint16_t port;
	bool is_here;
} ADDRESSES[] = {
	{ "a listener", "127.0.0.7", 2525, true },
	{ "another port of it", "127.0.0.7", 25, false },
	{ "another address", "127.0.0.8", 2525, false },
	{ "NAT", "192.0.2.25", 25, true },
	{ "NAT, IPv6 in brackets", "2001:db8::25", 25, true },
	{ "NAT, the last", "192.0.2.26", 25, true },
	{ "NAT, another port", "192.0.2.25", 2525, false },
	{ "nowhere", "192.0.2.27", 25, false },
};

START_TEST(here_is_where_mail_comes)
{
	struct postconf_case p;
	struct network address;

	postconf_case_open(&p);
	struct instance *instance = postconf_case_read(&p,
		"inet_interfaces = all\n"
		"proxy_interfaces = 192.0.2.25, [2001:db8::25] 192.0.2.26\n",
		"", "127.0.0.7:2525 inet n - n - - smtpd\n");
	struct here *here = here_open(instance);

	ck_assert(network_of_client(&address, ADDRESSES[_i].address));
	ck_assert_msg(here_has(here, &address, ADDRESSES[_i].port) ==
			ADDRESSES[_i].is_here,
		"%s", ADDRESSES[_i].name);
	here_close(&here);
	here_close(&here);
	instance_close(&instance);
	postconf_case_close(&p);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("here");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(
		tcase, here_is_where_mail_comes, 0, COUNT(ADDRESSES));
	return unit_run(suite, tcase);
}
