/* Whether main.cf names our maps, sentence by sentence. */
#include "tests/unit/maps_case.h"
#include "tests/unit/unit_main.h"

static const struct maps_case cases[] = {
	{ "sound", NULL, NULL, NULL },
	{ "a foreign table behind",
		"virtual_alias_maps = "
		"cdb:S/current/virtual_alias, ldap:/x",
		NULL, NULL },
	{ "no relay_domains", "relay_domains =", NULL,
		"error relay-domains relay_domains: does not have "
		"cdb:S/routes/relay_domains: mail for the accepted domains is "
		"refused (554 Relay access denied)\n"
		"    postconf -e 'relay_domains = cdb:S/routes/relay_domains'"
		"\n" },
	{ "one of two", "transport_maps = cdb:S/routes/transport, ldap:/x",
		NULL,
		"error transport-maps transport_maps: does not have "
		"cdb:S/routes/transport_leaving: accepted mail goes to the MX "
		"instead of its connector, or what was removed lately loses "
		"its way\n"
		"    postconf -e 'transport_maps = cdb:S/routes/transport, "
		"cdb:S/routes/transport_leaving, ldap:/x'\n" },
	{ "both of two", "relay_recipient_maps = ldap:/x", NULL,
		"error relay-recipient-maps relay_recipient_maps: does not "
		"have cdb:S/current/relay_recipients and "
		"regexp:S/current/relay_recipients.regexp: nobody validates "
		"recipients, or real ones are refused\n"
		"    postconf -e 'relay_recipient_maps = ldap:/x, "
		"cdb:S/current/relay_recipients, "
		"regexp:S/current/relay_recipients.regexp'\n" },
	{ "no aliases", "virtual_alias_maps =", NULL,
		"error virtual-alias-maps virtual_alias_maps: does not have "
		"cdb:S/current/virtual_alias: contacts, secondary domains and "
		"catch-alls reach nobody\n"
		"    postconf -e 'virtual_alias_maps = "
		"cdb:S/current/virtual_alias'\n" },
	{ "no TLS", "smtp_tls_policy_maps =", NULL,
		"error smtp-tls-policy smtp_tls_policy_maps: does not have "
		"cdb:S/routes/tls_policy: \"tls\" of connectors has no effect: "
		"mail may leave in clear\n"
		"    postconf -e 'smtp_tls_policy_maps = "
		"cdb:S/routes/tls_policy'\n" },
	{ "no TLS for LMTP", "lmtp_tls_policy_maps =", NULL,
		"error lmtp-tls-policy lmtp_tls_policy_maps: does not have "
		"cdb:S/routes/tls_policy: \"tls\" of connectors has no effect: "
		"mail may leave in clear\n"
		"    postconf -e 'lmtp_tls_policy_maps = "
		"cdb:S/routes/tls_policy'\n" },
	{ "proxy", "virtual_alias_maps = proxy:cdb:S/current/virtual_alias",
		NULL,
		"error map-proxy virtual_alias_maps: has "
		"proxy:cdb:S/current/virtual_alias: by way of proxymap(8) a "
		"publishing is seen minutes late, and not in its order\n"
		"    postconf -e 'virtual_alias_maps = "
		"cdb:S/current/virtual_alias'\n" },
	{ "suffix", "relay_domains = !a.net, cdb:S/routes/relay_domains.cdb",
		NULL,
		"error map-suffix relay_domains: has "
		"cdb:S/routes/relay_domains.cdb: Postfix adds \".cdb\" itself "
		"and finds no such file, so everybody gets a 451\n"
		"    postconf -e 'relay_domains = !a.net, "
		"cdb:S/routes/relay_domains'\n" },
	{ "the other link", "relay_domains = cdb:S/current/relay_domains", NULL,
		"error map-link relay_domains: has "
		"cdb:S/current/relay_domains: the next publishing is not seen "
		"there, or recipients are accepted before their routes are in "
		"force\n"
		"    postconf -e 'relay_domains = "
		"cdb:S/routes/relay_domains'\n" },
	{ "a number", "relay_domains = cdb:S/generations/1/relay_domains", NULL,
		"error map-link relay_domains: has "
		"cdb:S/generations/1/relay_domains: the next publishing is not "
		"seen there, or recipients are accepted before their routes "
		"are in force\n"
		"    postconf -e 'relay_domains = "
		"cdb:S/routes/relay_domains'\n" },
	{ "another folder", "relay_domains = cdb:/o/routes/relay_domains", NULL,
		"error map-folder relay_domains: has "
		"cdb:/o/routes/relay_domains: this is another state folder "
		"than S, which is examined here; if it is the right one, give "
		"-s\n"
		"    postconf -e 'relay_domains = "
		"cdb:S/routes/relay_domains'\n" },
	{ "in the wrong order",
		"transport_maps = cdb:S/routes/transport_leaving, "
		"cdb:S/routes/transport",
		NULL,
		"warning transport-order transport_maps: our maps do not come "
		"first, transport before transport_leaving: whatever "
		"cdb:S/routes/transport has for our domains takes their mail\n"
		"    postconf -e 'transport_maps = cdb:S/routes/transport, "
		"cdb:S/routes/transport_leaving'\n" },
	{ "behind another",
		"transport_maps = ldap:/x, cdb:S/routes/transport, "
		"cdb:S/routes/transport_leaving",
		NULL,
		"warning transport-order transport_maps: our maps do not come "
		"first, transport before transport_leaving: whatever ldap:/x "
		"has for our domains takes their mail\n"
		"    postconf -e 'transport_maps = cdb:S/routes/transport, "
		"cdb:S/routes/transport_leaving, ldap:/x'\n" },
	{ "no such list", "mydestination = /none/such", NULL,
		"error map-opens /none/such: mydestination names it, and it "
		"does not open (/none/such: No such file or directory): "
		"everybody whom Postfix looks up there gets a 451; make it, or "
		"take it out\n" },
	{ "no such file", "canonical_maps = texthash:/none/such", NULL,
		"error map-opens texthash:/none/such: canonical_maps names it, "
		"and it does not open (/none/such: No such file or directory): "
		"everybody whom Postfix looks up there gets a 451; make it, or "
		"take it out\n" },
};

START_TEST(finds)
{
	maps_case_run(&cases[_i]);
}
END_TEST

/* Then the map of the other client is no more than advice. */
START_TEST(tls_of_lmtp_alone_is_no_less)
{
	struct model_case c;
	struct postconf_case p;

	maps_case_open(&c, &p);
	postconf_case_program(&p, "postmap", "exit 1\n");
	for (size_t i = 0; i < c.ns->n_connectors; i++)
		if (strcmp(c.ns->connectors[i].kind, "smtp") == 0)
			c.ns->connectors[i].tls = TLS_UNSET;
	const char *lines = maps_case_lines(&c, "lmtp_tls_policy_maps =");
	struct instance *instance = postconf_case_read(&p, lines, lines,
		"smtp inet n - n - - smtpd\n" MAPS_CASE_TRANSPORTS);
	const char *printed = maps_case_check(&c, instance, NULL);

	ck_assert_msg(
		text_starts(printed, "error lmtp-tls-policy "), "%s", printed);
	instance_close(&instance);
	postconf_case_close(&p);
	model_case_close(&c);
}
END_TEST

START_TEST(cdb_is_missing)
{
	services_case_run(&(struct services_case){ "no cdb",
		MAPS_CASE_TRANSPORTS, "", "hash",
		"error cdb cdb: this Postfix knows no maps of type cdb, so it "
		"can open none of ours and answers 451 to everybody\n"
		"    apt-get install postfix-cdb\n" });
}
END_TEST

static const struct {
	const char *file;
	const char *word; /* that names it */
	const char *parameter;
} damaged[] = {
	{ "routes/tls_policy.cdb", "cdb:S/routes/tls_policy",
		"smtp_tls_policy_maps" },
	{ "current/recipient_access.cdb", "cdb:S/current/recipient_access",
		"smtpd_recipient_restrictions" },
};

/* It is named, and what makes it again. */
START_TEST(damaged_map_does_not_open)
{
	struct model_case c;
	struct postconf_case p;

	maps_case_open(&c, &p);
	test_write(arena_printf(c.arena, "%s/%s", c.folder, damaged[_i].file),
		"short", 5);
	const char *lines = maps_case_lines(&c,
		"smtpd_recipient_restrictions = check_policy_service { a }, "
		"check_recipient_access cdb:S/current/recipient_access");
	struct instance *instance =
		postconf_case_read(&p, lines, lines, MAPS_CASE_TRANSPORTS);
	const char *printed = maps_case_check(&c, instance, NULL);
	const char *says = arena_printf(c.arena,
		"error map-opens %s: %s names it, and it does not open (",
		damaged[_i].word, damaged[_i].parameter);

	ck_assert_msg(text_starts(printed, maps_case_with_folder(&c, says)),
		"%s", printed);
	ck_assert_ptr_nonnull(strstr(printed,
		arena_printf(c.arena,
			"\n    transport-map-gen -c 'namespace.conf' -s '%s' "
			"build\n1 error, 0 warnings\n",
			c.folder)));
	instance_close(&instance);
	postconf_case_close(&p);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("check_maps_named");

	tcase_add_loop_test(tcase, finds, 0, COUNT(cases));
	tcase_add_test(tcase, tls_of_lmtp_alone_is_no_less);
	tcase_add_test(tcase, cdb_is_missing);
	tcase_add_loop_test(
		tcase, damaged_map_does_not_open, 0, COUNT(damaged));
	return unit_run(suite_create("check_maps_named"), tcase);
}
