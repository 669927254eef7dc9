/* What a resolver's name may be; answers are of tests/e2e. */
#include "doctor/dns.h"

#include "base/arena.h"
#include "unit_main.h"

#include <string.h>

static const struct {
	const char *name, *resolver, *err; /* NULL: it opens */
} RESOLVERS[] = {
	{ "the system's", NULL, NULL },
	{ "an address", "192.0.2.53", NULL },
	{ "an address with a port", "192.0.2.53:5353", NULL },
	{ "IPv6", "2001:db8::53", NULL },
	{ "IPv6 in brackets", "[2001:db8::53]", NULL },
	{ "IPv6 with a port", "[2001:db8::53]:5353", NULL },
	{ "empty", "",
		"resolver \"\": HOST or HOST:PORT is wanted, such as "
		"192.0.2.53:53" },
	{ "no host", ":53",
		"resolver \":53\": HOST or HOST:PORT is wanted, such as "
		"192.0.2.53:53" },
	{ "no port", "192.0.2.53:",
		"resolver \"192.0.2.53:\": HOST or HOST:PORT is wanted, such "
		"as 192.0.2.53:53" },
	{ "port 0", "192.0.2.53:0",
		"resolver \"192.0.2.53:0\": HOST or HOST:PORT is wanted, such "
		"as 192.0.2.53:53" },
	{ "port too great", "192.0.2.53:65536",
		"resolver \"192.0.2.53:65536\": HOST or HOST:PORT is wanted, "
		"such as 192.0.2.53:53" },
	{ "open bracket", "[2001:db8::53",
		"resolver \"[2001:db8::53\": HOST or HOST:PORT is wanted, "
		"such as 192.0.2.53:53" },
	{ "text behind brackets", "[::1]x",
		"resolver \"[::1]x\": HOST or HOST:PORT is wanted, such as "
		"192.0.2.53:53" },
};

START_TEST(resolver_is_understood)
{
	struct err err = { 0 };
	struct dns *dns = dns_open(RESOLVERS[_i].resolver, &err);

	ck_assert_msg((dns != NULL) == (RESOLVERS[_i].err == NULL), "%s: %s",
		RESOLVERS[_i].name, err.text);
	ck_assert_msg(dns != NULL || strcmp(err.text, RESOLVERS[_i].err) == 0,
		"%s: %s", RESOLVERS[_i].name, err.text);
	dns_close(&dns);
	ck_assert_ptr_null(dns);
}
END_TEST

START_TEST(no_question_is_none)
{
	struct err err = { 0 };
	struct arena *arena = arena_open();
	struct dns *dns = dns_open("192.0.2.53", &err);

	dns_ask(dns, NULL, 0, arena);
	dns_close(&dns);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dns");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, resolver_is_understood, 0, COUNT(RESOLVERS));
	tcase_add_test(tcase, no_question_is_none);
	return unit_run(suite, tcase);
}
