/* A connector's words and clients. */
#include "namespace/connector.h"

#include "tests/unit/unit_main.h"

START_TEST(tls_levels_are_postfix_words)
{
	ck_assert_str_eq(tls_format(TLS_UNSET), "");
	ck_assert_str_eq(tls_format(TLS_NONE), "none");
	ck_assert_str_eq(tls_format(TLS_MAY), "may");
	ck_assert_str_eq(tls_format(TLS_ENCRYPT), "encrypt");
	ck_assert_str_eq(tls_format(TLS_VERIFY), "verify");
	ck_assert_str_eq(tls_format(TLS_SECURE), "secure");
}
END_TEST

START_TEST(clients_are_found_in_any_network)
{
	struct network clients[2];
	const struct connector connector = { .clients = clients,
		.n_clients = 2 };
	static const struct {
		const char *text;
		bool is_ours;
	} cases[] = {
		{ "10.8.0.25", true },
		{ "10.8.0.26", false },
		{ "2001:db8::7", true },
		{ "2001:db9::7", false },
	};

	ck_assert(network_parse(&clients[0], "10.8.0.25", NULL));
	ck_assert(network_parse(&clients[1], "2001:db8::/32", NULL));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct network client;

		ck_assert(network_of_client(&client, cases[i].text));
		ck_assert_msg(connector_has_client(&connector, &client) ==
				cases[i].is_ours,
			"%s", cases[i].text);
	}
}
END_TEST

START_TEST(without_clients_nobody_is_one)
{
	const struct connector connector = { .n_clients = 0 };
	struct network client;

	ck_assert(network_of_client(&client, "10.8.0.25"));
	ck_assert(!connector_has_client(&connector, &client));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("connector");

	tcase_add_test(tcase, tls_levels_are_postfix_words);
	tcase_add_test(tcase, clients_are_found_in_any_network);
	tcase_add_test(tcase, without_clients_nobody_is_one);
	return unit_run(suite_create("connector"), tcase);
}
