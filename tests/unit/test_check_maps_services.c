/* What master.cf makes of the maps, sentence by sentence. */
#include "tests/unit/maps_case.h"
#include "tests/unit/unit_main.h"

#define SMTP "smtp unix - - n - - smtp\n"
#define LMTP "lmtp unix - - n - - lmtp\n"
#define VERIFY "verify unix - - n - 1 verify\n"
#define SMTPD "25 inet n - n - - smtpd\n"
#define CLEANUP "cleanup unix n - n - 0 cleanup\n"
#define BACK "127.0.0.1:10025 inet n - n - - smtpd\n"

static const struct services_case cases[] = {
	{ "all there", SMTP LMTP VERIFY, "", NULL, NULL },
	{ "no verify", SMTP LMTP, "", NULL,
		"error transport-service verify: master.cf has no service "
		"verify(8), so every recipient of a domain with "
		"recipient-filter = verify is deferred; put it into "
		"master.cf\n" },
	{ "smtpd asks others", SMTP LMTP VERIFY SMTPD,
		"25/inet/relay_recipient_maps = hash:/x", NULL,
		"error map-override 25/inet/relay_recipient_maps: is "
		"\"hash:/x\" in master.cf, without our map: it refuses those "
		"who are there, or takes mail for whom nobody has\n"
		"    postconf -PX '25/inet/relay_recipient_maps'\n" },
	{ "smtpd knows no aliases", SMTP LMTP VERIFY SMTPD,
		"25/inet/virtual_alias_maps =", NULL,
		"error map-override 25/inet/virtual_alias_maps: is \"\" in "
		"master.cf, without our map: it refuses contacts, secondary "
		"domains and catch-alls\n"
		"    postconf -PX '25/inet/virtual_alias_maps'\n" },
	{ "cleanup knows no aliases", SMTP LMTP VERIFY CLEANUP,
		"cleanup/unix/virtual_alias_maps =", NULL,
		"error map-override cleanup/unix/virtual_alias_maps: is \"\" "
		"in master.cf, without our map: contacts, secondary domains "
		"and catch-alls are accepted and never rewritten\n"
		"    postconf -PX 'cleanup/unix/virtual_alias_maps'\n" },
	{ "another cleanup", SMTP LMTP VERIFY "pre unix n - n - 0 cleanup\n",
		"pre/unix/virtual_alias_maps =", NULL, NULL },
	{ "TLS of another map", SMTP LMTP VERIFY,
		"smtp/unix/smtp_tls_policy_maps = hash:/x", NULL,
		"error map-override smtp/unix/smtp_tls_policy_maps: is "
		"\"hash:/x\" in master.cf, without our map: \"tls\" of "
		"connectors has no effect: mail may leave in clear\n"
		"    postconf -PX 'smtp/unix/smtp_tls_policy_maps'\n" },
	{ "TLS of lmtp", SMTP LMTP VERIFY,
		"lmtp/unix/lmtp_tls_policy_maps =", NULL,
		"error map-override lmtp/unix/lmtp_tls_policy_maps: is \"\" "
		"in master.cf, without our map: \"tls\" of connectors has no "
		"effect: mail may leave in clear\n"
		"    postconf -PX 'lmtp/unix/lmtp_tls_policy_maps'\n" },
	{ "TLS of no connector", SMTP LMTP VERIFY "x unix - - n - - smtp\n",
		"x/unix/smtp_tls_policy_maps =", NULL, NULL },
};

START_TEST(finds)
{
	services_case_run(&cases[_i]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("check_maps_services");

	tcase_add_loop_test(tcase, finds, 0, COUNT(cases));
	return unit_run(suite_create("check_maps_services"), tcase);
}
