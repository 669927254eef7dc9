/* What else answers, and lists of domains, sentence by sentence. */
#include "tests/unit/maps_case.h"
#include "tests/unit/unit_main.h"

static const struct maps_case cases[] = {
	{ "behind one that has a domain",
		"transport_maps = inline:{x=y}, cdb:S/routes/transport, "
		"cdb:S/routes/transport_leaving",
		"^\\.d\\.example$",
		"error transport-shadowed transport_maps: inline:{x=y} stands "
		"before our maps and has a route for \".d.example\": that mail "
		"does not go to its connector\n"
		"    postconf -e 'transport_maps = cdb:S/routes/transport, "
		"cdb:S/routes/transport_leaving, inline:{x=y}'\n" },
	{ "before one that has a domain",
		"transport_maps = cdb:S/routes/transport, "
		"cdb:S/routes/transport_leaving, inline:{x=y}",
		"^d\\.example$", NULL },
	{ "before one that has a recipient",
		"transport_maps = cdb:S/routes/transport, "
		"cdb:S/routes/transport_leaving, inline:{x=y}",
		"^ann@d\\.example$",
		"error transport-shadowed transport_maps: inline:{x=y} has a "
		"route for ann@d.example, whichever table comes first: that "
		"mail does not go to its connector; take the entry out of that "
		"table\n" },
	{ "a way out before ours",
		"transport_maps = inline:{x=y}, cdb:S/routes/transport, "
		"cdb:S/routes/transport_leaving",
		"^[*]$",
		"error transport-shadowed transport_maps: inline:{x=y} stands "
		"before our maps and has a route for \"*\": that mail does not "
		"go to its connector\n"
		"    postconf -e 'transport_maps = cdb:S/routes/transport, "
		"cdb:S/routes/transport_leaving, inline:{x=y}'\n" },
	{ "below an exact domain",
		"relay_domains = cdb:S/routes/relay_domains, .exact.example",
		NULL,
		"error relay-domains-opened relay_domains: .exact.example has "
		"\".exact.example\", which lets in what namespace.conf keeps "
		"out (accepted-domain \"#exact.example\")\n"
		"    postconf -e 'relay_domains = "
		"cdb:S/routes/relay_domains'\n" },
	{ "a trusted domain in a table",
		"relay_domains = cdb:S/routes/relay_domains, inline:{x=y}",
		"^\\.trust\\.example$",
		"error relay-domains-opened relay_domains: inline:{x=y} has "
		"\".trust.example\", which lets in what namespace.conf keeps "
		"out (accepted-domain \"*.trust.example\", accept-from = "
		"trusted); take it out of that table\n" },
	{ "names that are accepted anyway",
		"relay_domains = cdb:S/routes/relay_domains, d.example, "
		".d.example, exact.example",
		NULL, NULL },
	{ "everybody exists",
		"relay_recipient_maps = "
		"cdb:S/current/relay_recipients, static:x, "
		"regexp:S/current/relay_recipients.regexp",
		".",
		"error wildcard relay_recipient_maps: static:x answers for "
		"@d.example, and so for addresses that nobody has: they are "
		"accepted, and bounced to senders who may be forged; take that "
		"entry out\n"
		"    postconf -e 'relay_recipient_maps = "
		"cdb:S/current/relay_recipients, "
		"regexp:S/current/relay_recipients.regexp'\n" },
	{ "a pattern", "canonical_maps = regexp:S/namespace.conf", "@exact",
		"error wildcard canonical_maps: regexp:S/namespace.conf "
		"answers for nobody-has-this-address@exact.example, and so for "
		"addresses that nobody has: they are accepted, and bounced to "
		"senders who may be forged; take that entry out\n" },
	{ "a wildcard where nobody is validated",
		"canonical_maps = inline:{x=y}", "@(check|.*trust|off)\\.",
		NULL },
	{ "in mydestination again and again",
		"mydestination = a.net, d.example, d.example, d.example, "
		"d.example, d.example, d.example, d.example, d.example, "
		"d.example, d.example",
		NULL,
		"error address-class mydestination: has d.example, d.example, "
		"d.example, d.example, d.example, d.example, d.example, "
		"d.example and 2 more too, and comes before relay_domains: the "
		"maps are void for it\n"
		"    postconf -e 'mydestination = a.net'\n" },
	{ "in mydestination", "mydestination = a.net, d.example, exact.example",
		NULL,
		"error address-class mydestination: has d.example, "
		"exact.example too, and comes before relay_domains: the maps "
		"are void for it\n"
		"    postconf -e 'mydestination = a.net'\n" },
	{ "in a table of mailboxes", "virtual_mailbox_domains = inline:{x=y}",
		"^exact",
		"error address-class virtual_mailbox_domains: has "
		"exact.example (inline:{x=y}) too, and comes before "
		"relay_domains: the maps are void for it; take it out of that "
		"table\n" },
	{ "matches subdomains",
		"parent_domain_matches_subdomains = relay_domains, mynetworks, "
		"transport_maps",
		NULL,
		"error parent-domains parent_domain_matches_subdomains: has "
		"relay_domains and transport_maps: subdomains are matched "
		"there that namespace.conf does not accept, or never by their "
		"own routes\n"
		"    postconf -e 'parent_domain_matches_subdomains = "
		"mynetworks'\n" },
	{ "aliases as domains",
		"virtual_alias_domains = cdb:S/current/virtual_alias", NULL,
		"error virtual-alias-domains virtual_alias_domains: has our "
		"virtual_alias map (its default is $virtual_alias_maps): a "
		"domain among the aliases would become one of another class, "
		"and our maps void for it\n"
		"    postconf -e 'virtual_alias_domains = '\n" },
	{ "fast flush",
		"fast_flush_domains = cdb:S/routes/relay_domains, a.net", NULL,
		"warning fast-flush fast_flush_domains: has our relay_domains "
		"map (its default is $relay_domains): qmgr(8) reads it too and "
		"restarts at every publishing\n"
		"    postconf -e 'fast_flush_domains = a.net'\n" },
};

START_TEST(finds)
{
	maps_case_run(&cases[_i]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("check_maps_shadow");

	tcase_add_loop_test(tcase, finds, 0, COUNT(cases));
	return unit_run(suite_create("check_maps_shadow"), tcase);
}
