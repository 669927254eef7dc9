/* What is not of the namespace, sentence by sentence. */
#include "tests/unit/maps_case.h"
#include "tests/unit/unit_main.h"

#define OURS "relay_domains = cdb:S/routes/relay_domains, "
#define PARTNER \
	"of whom relay_recipient_maps has nobody: all its recipients are " \
	"refused (550 5.1.1); make it an accepted domain in namespace.conf, " \
	"or add a table with \"@partner.example\" or its recipients\n"

#define HAS "error relay-others relay_domains: has "

static const struct maps_case cases[] = {
	{ "a partner", OURS "partner.example", NULL,
		HAS "partner.example, " PARTNER },
	{ "below a partner", OURS ".partner.example", NULL,
		HAS ".partner.example, " PARTNER },
	{ "ours once more", OURS "D.example", NULL, NULL },
	{ "below an exact one", OURS ".EXACT.example", NULL,
		"error relay-domains-opened relay_domains: " },
	{ "this machine's own",
		OURS "partner.example\nmydestination = Partner.example", NULL,
		NULL },
	{ "an exception", OURS "!no.d.example", NULL, NULL },
	{ "everybody", "mynetworks = 127.0.0.0/8, 0.0.0.0/0, ::/0", NULL,
		"error mynetworks mynetworks: has 0.0.0.0/0: everybody is an "
		"insider, may relay to anywhere and write to domains with "
		"accept-from = trusted\n"
		"    postconf -e 'mynetworks = 127.0.0.0/8'\n" },
	{ "some", "mynetworks = 10.0.0.0/8, [2001:db8::]/32", NULL, NULL },
	{ "another level",
		"smtp_tls_policy_maps = static:none, cdb:S/routes/tls_policy",
		"10026",
		"error tls-shadowed smtp_tls_policy_maps: static:none stands "
		"before our map and has [127.0.0.9]:10026: that level counts "
		"there, and not \"tls\" of the connector\n"
		"    postconf -e 'smtp_tls_policy_maps = "
		"cdb:S/routes/tls_policy, static:none'\n" },
	{ "behind ours",
		"smtp_tls_policy_maps = cdb:S/routes/tls_policy, static:none",
		"10026", NULL },
};

START_TEST(finds)
{
	maps_case_run(&cases[_i]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("check_maps_others");

	tcase_add_loop_test(tcase, finds, 0, COUNT(cases));
	return unit_run(suite_create("check_maps_others"), tcase);
}
