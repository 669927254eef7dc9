/* What the checks of main.cf's maps find, sentence by sentence. */
#include "doctor/checks.h"

#include "doctor/findings_text.h"
#include "snapshot/cdb_file.h"
#include "tests/unit/model_case.h"
#include "tests/unit/postconf_case.h"
#include "tests/unit/unit_main.h"

static const char config[] =
	"accepted-domain 'd.example' {\n type = internal-relay\n"
	" recipient-filter = directories\n}\n"
	"accepted-domain '#exact.example' { type = authoritative }\n"
	"accepted-domain '#check.example' {\n type = external-relay\n"
	" recipient-filter = verify\n}\n"
	"accepted-domain '*.trust.example' {\n type = internal-relay\n"
	" accept-from = trusted\n}\n"
	"accepted-domain '#d\xc3\xbcrr.example' { type = authoritative }\n"
	"accepted-domain 'off.example' { enabled = no }\n"
	"connector ex {\n address-spaces = { 'd.example', 'exact.example',"
	" 'check.example', '*.trust.example', 'd\xc3\xbcrr.example', '*' }\n"
	" smart-hosts = '127.0.0.9:10026'\n tls = may\n}\n"
	"connector lists { transport = 'lmtp:[10.0.0.9]:24' tls = may }\n"
	"directory s { type = file path = 's' connector = 'ex' }\n"
	"directory l { type = file path = 'l' connector = 'lists' }\n"
	"extension = '+-'\n";

/* Sound; S is the state folder. */
static const char *const sound[] = {
	"relay_domains = cdb:S/routes/relay_domains",
	"transport_maps = cdb:S/routes/transport, "
	"cdb:S/routes/transport_leaving",
	"address_verify_transport_maps = cdb:S/routes/transport",
	"relay_recipient_maps = cdb:S/current/relay_recipients, "
	"regexp:S/current/relay_recipients.regexp",
	"virtual_alias_maps = cdb:S/current/virtual_alias",
	"smtp_tls_policy_maps = cdb:S/routes/tls_policy",
	"lmtp_tls_policy_maps = cdb:S/routes/tls_policy",
	"recipient_delimiter = -+",
	"smtputf8_enable = yes",
	"unknown_relay_recipient_reject_code = 550",
	"unverified_recipient_reject_code = 554",
	"unverified_recipient_reject_reason = Address unknown",
};

static const struct {
	const char *name;
	const char *line; /* instead of that of the same parameter */
	const char *keys; /* that any other table has, for grep -E */
	const char *says; /* NULL = nothing is found */
} cases[] = {
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
	{ "suffix", "relay_domains = a.net, cdb:S/routes/relay_domains.cdb",
		NULL,
		"error map-suffix relay_domains: has "
		"cdb:S/routes/relay_domains.cdb: Postfix adds \".cdb\" itself "
		"and finds no such file, so everybody gets a 451\n"
		"    postconf -e 'relay_domains = a.net, "
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
	{ "told too much", "unverified_recipient_reject_reason =", NULL,
		"warning verify-reason unverified_recipient_reject_reason: is "
		"empty: the reply of the system behind \"check.example\" is "
		"shown to strangers, with the names of hosts inside\n"
		"    postconf -e 'unverified_recipient_reject_reason = "
		"Address unknown'\n" },
	{ "no such file", "canonical_maps = texthash:/none/such", NULL,
		"error map-opens texthash:/none/such: canonical_maps names it, "
		"and it does not open (/none/such: No such file or directory): "
		"everybody whom Postfix looks up there gets a 451\n" },
};

/* Every "S" that stands alone before "/" or "," becomes the folder. */
static char *with_folder(const struct model_case *c, const char *text)
{
	struct text out;

	text_init(&out);
	text_adds(&out, "");
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == 'S' && (at[1] == '/' || at[1] == ','))
			text_adds(&out, c->folder);
		else
			text_add(&out, at, 1);
	}
	char *result = arena_strdup(c->arena, out.data == NULL ? "" : out.data);

	text_fini(&out);
	return result;
}

static bool is_same_parameter(const char *a, const char *b)
{
	const size_t len = strcspn(a, " ");

	return strcspn(b, " ") == len && strncmp(a, b, len) == 0;
}

/* What postconf says, with one line in place of the sound one. */
static const char *lines_of(const struct model_case *c, const char *line)
{
	const char *lines = line == NULL ? "" : line;

	for (int i = 0; i < COUNT(sound); i++)
		if (line == NULL || !is_same_parameter(line, sound[i]))
			lines = arena_printf(
				c->arena, "%s\n%s", sound[i], lines);
	return with_folder(c, arena_printf(c->arena, "%s\n", lines));
}

static const char *run_checks(const struct model_case *c,
	const struct instance *instance, struct generation *published)
{
	struct check_list checks = { .count = 0 };
	struct findings *findings = findings_open();
	struct examination examination = { .instance = instance,
		.ns = c->ns,
		.config = "namespace.conf",
		.state = c->folder,
		.published = published,
		.now = MODEL_NOW,
		.findings = findings,
		.arena = c->arena };
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	for (size_t i = 0; check_maps(i) != NULL; i++)
		checks.list[checks.count++] = check_maps(i);
	checks_run(&examination, &checks);
	findings_text(findings, checks.count, false, out);
	ck_assert_int_eq(fclose(out), 0);
	const char *result = arena_strdup(c->arena, printed);

	free(printed);
	findings_close(&findings);
	return result;
}

static void open_case(struct model_case *c, struct postconf_case *p)
{
	model_case_sound(c, config, "s ann@d.example\nl lee@d.example");
	model_case_write(c, 1);
	const char *leaving = arena_printf(
		c->arena, "%s/routes/transport_leaving.cdb", c->folder);
	struct cdb_writer *writer = cdb_writer_open(leaving, NULL);

	ck_assert_ptr_nonnull(writer);
	ck_assert(cdb_writer_close(&writer, NULL));
	postconf_case_open(p);
}

START_TEST(finds)
{
	struct model_case c;
	struct postconf_case p;
	const char *says = cases[_i].says;

	open_case(&c, &p);
	postconf_case_program(&p, "postmap",
		cases[_i].keys == NULL
			? "exit 1\n"
			: arena_printf(c.arena,
				  "/bin/grep -E '%s' | /bin/sed 's/$/\\tx/'\n",
				  cases[_i].keys));
	const char *lines = lines_of(&c, cases[_i].line);
	struct instance *instance = postconf_case_read(
		&p, lines, lines, "smtp inet n - n - - smtpd\n");
	struct generation *published = model_case_generation(&c);
	const char *printed = run_checks(&c, instance, published);

	if (says == NULL)
		ck_assert_msg(text_starts(printed, "nothing is wrong: "),
			"%s:\n%s", cases[_i].name, printed);
	else
		ck_assert_msg(text_starts(printed, with_folder(&c, says)),
			"%s:\n%sbut expected:\n%s", cases[_i].name, printed,
			says);
	if (says != NULL)
		ck_assert_msg(
			strstr(printed,
				says[0] == 'e'
					? "\n1 error, 0 warnings\n"
					: "\n0 errors, 1 warning\n") != NULL,
			"%s:\n%s", cases[_i].name, printed);
	generation_close(&published);
	instance_close(&instance);
	postconf_case_close(&p);
	model_case_close(&c);
}
END_TEST

START_TEST(smart_host_is_ourselves)
{
	struct model_case c;
	struct postconf_case p;

	open_case(&c, &p);
	const char *lines = lines_of(&c, NULL);
	struct instance *instance = postconf_case_read(&p, lines, lines,
		"10026 inet n - n - - smtpd\n"
		"rewrite unix - - n - - trivial-rewrite\n");
	const char *printed = run_checks(&c, instance, NULL);
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

/* One finding of an instance that is sound but for the services and types. */
static void find_one(const char *services, const char *types, const char *says)
{
	struct model_case c;
	struct postconf_case p;

	open_case(&c, &p);
	const char *lines = lines_of(&c, NULL);

	postconf_case_write(&p, lines, lines, services);
	setenv("OVERRIDES", "rewrite/unix/transport_maps = ldap:/x", 1);
	setenv("MAP_TYPES", types, 1);
	struct instance *instance = instance_read(NULL);
	const char *printed = run_checks(&c, instance, NULL);

	ck_assert_str_eq(printed,
		arena_printf(c.arena, "%s1 error, 0 warnings\n", says));
	unsetenv("OVERRIDES");
	unsetenv("MAP_TYPES");
	instance_close(&instance);
	postconf_case_close(&p);
	model_case_close(&c);
}

START_TEST(override_takes_the_routes_away)
{
	find_one("rewrite unix - - n - - trivial-rewrite -o "
		 "transport_maps=ldap:/x\n",
		"cdb",
		"error route-override rewrite/unix/transport_maps: is "
		"\"ldap:/x\" in master.cf, so that trivial-rewrite(8) does "
		"not have our map: mail goes elsewhere than to its connector, "
		"or is refused\n"
		"    postconf -PX 'rewrite/unix/transport_maps'\n");
}
END_TEST

START_TEST(cdb_is_missing)
{
	find_one("", "hash",
		"error cdb cdb: this Postfix knows no maps of type cdb, so it "
		"can open none of ours and answers 451 to everybody\n"
		"    apt-get install postfix-cdb\n");
}
END_TEST

/* What its writer made of it is named, and what makes it again. */
START_TEST(damaged_map_does_not_open)
{
	struct model_case c;
	struct postconf_case p;

	open_case(&c, &p);
	const char *path =
		arena_printf(c.arena, "%s/routes/tls_policy.cdb", c.folder);

	test_write(path, "short", 5);
	const char *lines = lines_of(&c, NULL);
	struct instance *instance = postconf_case_read(&p, lines, lines, "");
	const char *printed = run_checks(&c, instance, NULL);

	ck_assert_msg(
		text_starts(printed,
			with_folder(&c,
				"error map-opens cdb:S/routes/tls_policy: "
				"smtp_tls_policy_maps names it, and it does "
				"not open (")),
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
	TCase *tcase = tcase_create("check_maps");

	tcase_add_loop_test(tcase, finds, 0, COUNT(cases));
	tcase_add_test(tcase, smart_host_is_ourselves);
	tcase_add_test(tcase, override_takes_the_routes_away);
	tcase_add_test(tcase, cdb_is_missing);
	tcase_add_test(tcase, damaged_map_does_not_open);
	return unit_run(suite_create("check_maps"), tcase);
}
