/* What must hold of the configuration before anything is published. */
#include "namespace/prove.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define EX "connector ex { smart-hosts = h address-spaces = '*' }\n"
#define EXACT \
	"accepted-domain '#d.example' { type = internal-relay\n" \
	"recipient-filter = directories }\n"
#define BOUNCES(name) \
	"2: advice: mail for unknown recipients of " name " is accepted, " \
	"refused by connector \"ex\" and bounced to senders that are mostly " \
	"forged: recipient-filter = directories (every system has one) or " \
	"verify cures it\n"

static const struct {
	const char *name, *config, *expect;
} cases[] = {
	{ "sound", EX EXACT, "" },
	{ "a relay domain without a connector", EXACT,
		"1: error: no connector serves d.example (internal-relay): put "
		"the address space \"#d.example\" on a connector\n" },
	{ "the names below it",
		"connector ex { smart-hosts = h address-spaces = '#d.example' "
		"}\naccepted-domain 'd.example' { type = external-relay "
		"recipient-filter = directories }\n"
		"accepted-domain '#x.d.example' { }\n"
		"postmaster = 'pm@far.example'\n",
		"2: error: no connector serves the names below d.example "
		"(external-relay): put the address space \"d.example\" on a "
		"connector\n" },
	{ "authoritative and verified",
		"accepted-domain '#d.example' { recipient-filter = verify }\n",
		"1: error: no connector serves d.example (authoritative): put "
		"the address space \"#d.example\" on a connector\n" },
	{ "authoritative needs none",
		"accepted-domain '#d.example' { }\n"
		"postmaster = 'pm@far.example'\n",
		"" },
	{ "but somebody takes the postmaster's mail",
		"accepted-domain '#d.example' { }\n",
		"1: error: nobody takes the mail of postmaster@d.example, "
		"which no domain may refuse: set postmaster, or put the "
		"address space \"#d.example\" on a connector\n" },
	{ "a directory's connector does",
		"accepted-domain '#d.example' { }\n"
		"connector a { smart-hosts = h }\n"
		"directory ad { path = p connector = a }\n",
		"" },
	{ "a directory without a way",
		"accepted-domain '#d.example' { }\n"
		"postmaster = 'pm@far.example'\n"
		"directory ad { path = p }\n",
		"3: error: directory \"ad\" may list recipients of d.example, "
		"but neither has a connector: give one to the directory, or to "
		"the domain by an address space\n" },
	{ "a directory for an accepted domain",
		EX EXACT
		"directory ad { path = p domains = { 'd.example' } }\n",
		"" },
	{ "a directory for nobody",
		EX EXACT
		"directory ad { path = p domains = { 'e.example' } }\n",
		"4: advice: directory \"ad\" may list recipients of no "
		"accepted domain: its domains are all elsewhere\n" },
	{ "filter off, and the system refuses",
		EX "accepted-domain '#d.example' { type = internal-relay }\n",
		BOUNCES("d.example") },
	{ "verify cures it",
		EX "accepted-domain '#d.example' { type = internal-relay\n"
		   "recipient-filter = verify }\n",
		"" },
	{ "names below too",
		EX "accepted-domain '*.d.example' { type = internal-relay }\n",
		BOUNCES("the names below d.example") },
	{ "a ring with the other system",
		"connector ex { smart-hosts = h address-spaces = '*' unknowns "
		"= return }\n"
		"accepted-domain '#d.example' { type = internal-relay }\n",
		"2: error: nobody refuses unknown recipients of d.example: "
		"they run in a ring, this Postfix -> ex -> this Postfix; "
		"either set recipient-filter = directories here, or let one "
		"of these systems refuse them (unknowns = reject on its "
		"connector)\n" },
	{ "a ring past us",
		"connector ex { smart-hosts = h address-spaces = '*' unknowns "
		"= ey }\n"
		"accepted-domain '#d.example' { type = internal-relay }\n"
		"connector ey { smart-hosts = i address-spaces = 'y.example' "
		"unknowns = ex }\n",
		"2: error: nobody refuses unknown recipients of d.example: "
		"they run in a ring, this Postfix -> ex -> ey -> ex; "
		"either set recipient-filter = directories here, or let one "
		"of these systems refuse them (unknowns = reject on its "
		"connector)\n" },
	{ "a ring of names below that go another way",
		EX "accepted-domain 'd.example' { type = internal-relay\n"
		   "recipient-filter = verify }\n"
		   "accepted-domain '#a.d.example' { }\n"
		   "connector ey { smart-hosts = i unknowns = return\n"
		   "address-spaces = { '#b.a.d.example', '*.c.d.example' } }\n",
		"2: error: nobody refuses unknown recipients of b.a.d.example: "
		"they run in a ring, this Postfix -> ey -> this Postfix; "
		"either set recipient-filter = directories here, or let one "
		"of these systems refuse them (unknowns = reject on its "
		"connector)\n"
		"2: error: nobody refuses unknown recipients of the names "
		"below c.d.example: they run in a ring, this Postfix -> ey -> "
		"this Postfix; either set recipient-filter = directories here, "
		"or let one of these systems refuse them (unknowns = reject on "
		"its connector)\n" },
	{ "handed on to one that refuses",
		"connector ex { smart-hosts = h address-spaces = '*' unknowns "
		"= ey }\n"
		"accepted-domain '#d.example' { type = internal-relay }\n"
		"connector ey { smart-hosts = i address-spaces = 'y.example' "
		"}\n",
		"" },
	{ "a ring that nobody unknown enters",
		"connector ex { smart-hosts = h address-spaces = '*' unknowns "
		"= return }\n" EXACT,
		"" },
	{ "trusted below one open to anyone",
		EX "accepted-domain 'd.example' { }\n"
		   "accepted-domain '#b.d.example' { accept-from = trusted }\n",
		"3: error: accept-from = trusted can not be held shut below "
		"\"d.example\" (FILE:2), which takes mail for its subdomains "
		"from anyone: write that one as \"#d.example\", or let it be "
		"trusted too\n" },
	{ "trusted subdomains of one open to anyone",
		EX "accepted-domain '#d.example' { }\n"
		   "accepted-domain '*.b.d.example' { accept-from = trusted }\n"
		   "accepted-domain '*.d.example' { }\n",
		"3: error: accept-from = trusted can not be held shut below "
		"\"*.d.example\" (FILE:4), which takes mail for its subdomains "
		"from anyone: write that one as \"#d.example\", or let it be "
		"trusted too\n" },
	{ "trusted below a trusted one",
		EX "accepted-domain 'd.example' { accept-from = trusted }\n"
		   "accepted-domain '#b.d.example' { accept-from = trusted }\n",
		"" },
	{ "trusted below an exact one",
		EX "accepted-domain '#d.example' { }\n"
		   "accepted-domain '#b.d.example' { accept-from = trusted }\n",
		"" },
	{ "an inclusive one in doubt", EX "accepted-domain 'd.example' { }\n",
		"2: advice: \"d.example\" takes mail for every name below it "
		"too, such as mail.d.example; if only the name itself is "
		"meant, write \"#d.example\"\n" },
	{ "names below that stand for one another",
		EX "accepted-domain '#d.example' { }\n"
		   "accepted-domain '*.d.example' { secondary-of = 'e.example' "
		   "}\n"
		   "accepted-domain '#e.example' { }\n"
		   "accepted-domain '*.e.example' { secondary-of = 'd.example' "
		   "}\n",
		"3: error: names below d.example stand for names below "
		"e.example, and these for the former again: write one of the "
		"two with #, or name another primary\n"
		"5: error: names below e.example stand for names below "
		"d.example, and these for the former again: write one of the "
		"two with #, or name another primary\n" },
	{ "names below that stand for themselves",
		EX "accepted-domain '#d.example' { }\n"
		   "accepted-domain '*.d.example' { secondary-of = 'd.example' "
		   "}\n",
		"3: error: names below d.example stand for names below "
		"d.example, and these for the former again: write one of the "
		"two with #, or name another primary\n" },
	{ "a chain of names below",
		EX "accepted-domain 'd.example' { }\n"
		   "accepted-domain '*.e.example' { secondary-of = 'd.example' "
		   "}\n"
		   "accepted-domain '#x.d.example' { }\n",
		"" },
	{ "a connector that nothing uses",
		EX EXACT "connector a { smart-hosts = i }\n",
		"4: advice: connector \"a\" is used by nothing: it has no "
		"address space, and no directory or connector names "
		"it\n" },
	{ "a connector whose system gets what another one hands on",
		EX EXACT "connector a { smart-hosts = i }\n"
			 "connector b { smart-hosts = j unknowns = 'a'\n"
			 "address-spaces = 'far.example' }\n",
		"" },
	{ "a connector that never gets mail",
		EX EXACT "connector zz { smart-hosts = i address-spaces = { '*'"
			 ",\n'far.example', 'd.example;2' } }\n"
			 "connector a { smart-hosts = j address-spaces = "
			 "'d.example' }\n",
		"4: advice: connector \"zz\" never gets mail by its address "
		"space \"*\": a cheaper one, or at equal cost the first by "
		"name, has it; backup = yes would make it the failover\n"
		"4: advice: connector \"zz\" never gets mail by its address "
		"space \"d.example\": a cheaper one, or at equal cost the "
		"first by name, has it; backup = yes would make it the "
		"failover\n" },
	{ "a connector that gets the mail of the subdomains alone",
		EX EXACT "connector zz { smart-hosts = i address-spaces = "
			 "'d.example;2' }\n"
			 "connector a { smart-hosts = j address-spaces = "
			 "'#d.example' }\n",
		"" },
	{ "two tls levels",
		"connector a { smart-hosts = 'h:26' address-spaces = '*'\n"
		"tls = may }\n" EXACT
		"connector b { smart-hosts = { 'i', 'h:26' }\n"
		"address-spaces = 'far.example' tls = encrypt }\n",
		"5: error: smart host [h]:26 has another tls level on "
		"connector \"a\" (FILE:1): Postfix keeps one level for each "
		"next hop\n" },
	{ "one tls level",
		"connector a { smart-hosts = h address-spaces = '*' tls = may "
		"}\n" EXACT "connector b { smart-hosts = h tls = may\n"
		"address-spaces = 'far.example' }\n",
		"" },
};

static const char *faults_text(const struct model_case *c)
{
	struct text out;
	const char *file =
		arena_printf(c->arena, "%s/namespace.conf:", c->folder);

	text_init(&out);
	text_adds(&out, "");
	for (size_t i = 0; i < faults_count(c->faults); i++) {
		const struct fault *fault = faults_get(c->faults, i);
		const char *text = fault->text;
		const char *named;

		text_addf(&out, "%u: %s: ", fault->place.line,
			fault->kind == FAULT_ERROR ? "error" : "advice");
		while ((named = strstr(text, file)) != NULL) {
			text_add(&out, text, (size_t)(named - text));
			text_adds(&out, "FILE:");
			text = named + strlen(file);
		}
		text_addf(&out, "%s\n", text);
	}
	const char *result = arena_strdup(c->arena, out.data);

	text_fini(&out);
	return result;
}

START_TEST(proves)
{
	struct model_case c;

	model_case_sound(&c, cases[_i].config, "");
	prove_namespace(c.ns, c.model, c.faults);
	const char *said = faults_text(&c);

	ck_assert_msg(strcmp(said, cases[_i].expect) == 0,
		"%s:\n%sbut expected:\n%s", cases[_i].name, said,
		cases[_i].expect);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("prove");

	tcase_add_loop_test(tcase, proves, 0, COUNT(cases));
	return unit_run(suite_create("prove"), tcase);
}
