/* Single values and routes, sentence by sentence. */
#include "tests/unit/maps_case.h"
#include "tests/unit/unit_main.h"

static const struct maps_case cases[] = {
	{ "delimiter", "recipient_delimiter = +", NULL,
		"error delimiter recipient_delimiter: is \"+\", and "
		"\"extension\" in namespace.conf is \"+-\": Postfix and "
		"policyd take different addresses for the same recipient\n"
		"    postconf -e 'recipient_delimiter = +-'\n" },
	{ "ASCII alone", "smtputf8_enable = no", NULL,
		"error smtputf8 smtputf8_enable: is \"no\", and there are "
		"names that are not ASCII: their mail is refused, or not found "
		"in the maps for its upper case\n"
		"    postconf -e 'smtputf8_enable = yes'\n" },
	{ "unlisted", "smtpd_reject_unlisted_recipient = no", NULL,
		"error unlisted smtpd_reject_unlisted_recipient: is \"no\": "
		"without policyd nobody refuses addresses that nobody has, and "
		"they are bounced to senders who may be forged\n"
		"    postconf -X 'smtpd_reject_unlisted_recipient'\n" },
	{ "unlisted, behind a permit",
		"smtpd_reject_unlisted_recipient = no\n"
		"smtpd_recipient_restrictions = permit_mynetworks, "
		"reject_unlisted_recipient",
		NULL, "error unlisted smtpd_reject_unlisted_recipient: " },
	{ "unlisted, in the list",
		"smtpd_reject_unlisted_recipient = no\n"
		"smtpd_recipient_restrictions = reject_unlisted_recipient, "
		"permit_mynetworks",
		NULL, NULL },
	{ "put off", "unknown_relay_recipient_reject_code = 450", NULL,
		"warning unknown-code unknown_relay_recipient_reject_code: is "
		"450: without policyd an address that nobody has is put off "
		"and tried again for days, where it should be refused\n"
		"    postconf -X 'unknown_relay_recipient_reject_code'\n" },
	{ "soft", "soft_bounce = yes", NULL,
		"warning soft-bounce soft_bounce: is \"yes\", which is for "
		"tests: every refusal becomes a 4xx, and senders try again for "
		"days\n    postconf -X 'soft_bounce'\n" },
	{ "no mappings", "receive_override_options = no_address_mappings", NULL,
		"error address-mappings receive_override_options: has "
		"no_address_mappings, and there is no content filter behind "
		"which it would be made up for: contacts, secondary domains "
		"and catch-alls are accepted and never rewritten\n"
		"    postconf -e 'receive_override_options = '\n" },
	{ "verified elsewhere", "address_verify_transport_maps = ldap:/x", NULL,
		"error verify-route address_verify_transport_maps: does not "
		"have our routes (its default is $transport_maps): recipients "
		"of \"check.example\" are verified with another system than "
		"their own\n"
		"    postconf -X 'address_verify_transport_maps'\n" },
	{ "verified softly", "unverified_recipient_reject_code = 450", NULL,
		"warning verify-code unverified_recipient_reject_code: is 450: "
		"whom the system behind \"check.example\" refuses for good is "
		"put off and tried again for days\n"
		"    postconf -e 'unverified_recipient_reject_code = 550'\n" },
	{ "refused while it is down", "unverified_recipient_defer_code = 550",
		NULL,
		"error verify-code unverified_recipient_defer_code: is 550: "
		"while the system behind \"check.example\" can not be asked, "
		"everybody there is refused for good\n"
		"    postconf -X 'unverified_recipient_defer_code'\n" },
	{ "told too much", "unverified_recipient_reject_reason =", NULL,
		"warning verify-reason unverified_recipient_reject_reason: is "
		"empty: the reply of the system behind \"check.example\" is "
		"shown to strangers, with the names of hosts inside\n"
		"    postconf -e 'unverified_recipient_reject_reason = "
		"Address unknown'\n" },
};

START_TEST(finds)
{
	maps_case_run(&cases[_i]);
}
END_TEST

START_TEST(smart_host_is_ourselves)
{
	struct model_case c;
	struct postconf_case p;

	maps_case_open(&c, &p);
	const char *lines = maps_case_lines(&c, NULL);
	struct instance *instance = postconf_case_read(&p, lines, lines,
		"10026 inet n - n - - smtpd\n" MAPS_CASE_TRANSPORTS
		"rewrite unix - - n - - trivial-rewrite\n");
	const char *printed = maps_case_check(&c, instance, NULL);
	const char *place = arena_printf(c.arena,
		"name the other system's address (%s/namespace.conf:",
		c.folder);

	ck_assert_msg(
		text_starts(printed,
			"error smart-host ex: its smart host "
			"[127.0.0.9]:10026 is this machine, where this Postfix "
			"itself listens: mail would come straight back; "),
		"%s", printed);
	ck_assert_ptr_nonnull(strstr(printed, place));
	ck_assert_ptr_nonnull(strstr(printed, "\n1 error, 0 warnings\n"));
	instance_close(&instance);
	postconf_case_close(&p);
	model_case_close(&c);
}
END_TEST

/* smtpd(8) listens at a service of that name. */
START_TEST(transport_is_no_listener)
{
	struct model_case c;
	struct postconf_case p;

	maps_case_open(&c, &p);
	const char *lines = maps_case_lines(&c, NULL);
	struct instance *instance = postconf_case_read(&p, lines, lines,
		"smtp inet n - n - - smtpd\n"
		"lmtp unix - - n - - lmtp\n"
		"verify unix - - n - 1 verify\n");
	const char *printed = maps_case_check(&c, instance, NULL);

	ck_assert_msg(text_starts(printed,
			      "error transport-service ex: master.cf has no "
			      "transport \"smtp\", so all its mail is "
			      "deferred; "),
		"%s", printed);
	ck_assert_ptr_nonnull(strstr(printed, "\n1 error, 0 warnings\n"));
	instance_close(&instance);
	postconf_case_close(&p);
	model_case_close(&c);
}
END_TEST

START_TEST(override_takes_the_routes_away)
{
	services_case_run(&(struct services_case){ "",
		MAPS_CASE_TRANSPORTS "rewrite unix - - n - - trivial-rewrite\n",
		"rewrite/unix/transport_maps = ldap:/x", NULL,
		"error route-override rewrite/unix/transport_maps: is "
		"\"ldap:/x\" in master.cf, so that trivial-rewrite(8) does "
		"not have our map: mail goes elsewhere than to its connector, "
		"or is refused\n"
		"    postconf -PX 'rewrite/unix/transport_maps'\n" });
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("check_maps_settings");

	tcase_add_loop_test(tcase, finds, 0, COUNT(cases));
	tcase_add_test(tcase, smart_host_is_ourselves);
	tcase_add_test(tcase, transport_is_no_listener);
	tcase_add_test(tcase, override_takes_the_routes_away);
	return unit_run(suite_create("check_maps_settings"), tcase);
}
