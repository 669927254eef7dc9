/* What is made of what mail systems said; asking them is of tests/e2e. */
#include "doctor/probes.h"

#include "tests/unit/findings_case.h"
#include "tests/unit/unit_main.h"

#define NOBODY_TAKEN \
	"[10.8.0.25] of connector \"ex\" takes mail for whom nobody has in " \
	"d.example, though its unknowns is reject: "

static const struct domain OPEN = { .pattern.name.ascii = "d.example",
	.filter = FILTER_OFF };
static const struct domain FILTERED = { .pattern.name.ascii = "d.example",
	.filter = FILTER_DIRECTORIES };

/* Of a system that is polite: to the sender, to ann, to nobody. */
static const struct {
	const char *name;
	struct smtp_probe asked;
	const struct domain *domain;
	enum unknowns unknowns;
	uint16_t port;
	const char *beyond_ascii;
	const char *says;
} SYSTEMS[] = {
	{ "sound",
		{ .sender = { 250, "250" },
			.to_known = { 250, "250" },
			.to_unknown = { { 550, "550 5.1.1 no" } } },
		&OPEN, UNKNOWNS_REJECT, 25, NULL, "" },
	{ "nothing to ask for", { .sender = { 250, "250" } }, &OPEN,
		UNKNOWNS_REJECT, 25, NULL, "" },
	{ "not reached", { .trouble = "connect to it: no answer in time" },
		&OPEN, UNKNOWNS_REJECT, 25, "j\xc3\xb6rg@d.example",
		"unknown probe-unreachable [10.8.0.25]: [10.8.0.25] of "
		"connector \"ex\" can not be asked: connect to it: no answer "
		"in time\n" },
	{ "ourselves", { .is_ourselves = true, .myhostname = "mx.d.example" },
		&OPEN, UNKNOWNS_REJECT, 25, NULL,
		"error probe-ourselves [10.8.0.25]: [10.8.0.25] of connector "
		"\"ex\" calls itself mx.d.example, as this Postfix does: mail "
		"bounces, \"loops back to myself\"; where it is another "
		"system, give each a name of its own (myhostname), and if it "
		"is this one, mend the smart host in namespace.conf\n" },
	{ "ourselves, not noticed",
		{ .is_ourselves = true, .myhostname = "mx.d.example" }, &OPEN,
		UNKNOWNS_REJECT, 587, NULL,
		"warning probe-ourselves [10.8.0.25]: [10.8.0.25] of connector "
		"\"ex\" calls itself mx.d.example, as this Postfix does: if it "
		"is this one, mail goes round until it has passed too many "
		"hops; where it is another system, give each a name of its own "
		"(myhostname), and if it is this one, mend the smart host in "
		"namespace.conf\n" },
	{ "no TLS", { .tls_trouble = "it does not offer STARTTLS" }, &OPEN,
		UNKNOWNS_REJECT, 25, "j\xc3\xb6rg@d.example",
		"error probe-tls [10.8.0.25]: [10.8.0.25] of connector \"ex\" "
		"must speak TLS, and it does not offer STARTTLS: all its mail "
		"is deferred\n" },
	{ "no certificate",
		{ .tls_trouble = "its certificate is refused: no",
			.trust.is_verified = true },
		&OPEN, UNKNOWNS_REJECT, 25, NULL,
		"error probe-tls [10.8.0.25]: [10.8.0.25] of connector \"ex\" "
		"must speak TLS with a certificate that is verified, and its "
		"certificate is refused: no: all its mail is deferred\n" },
	{ "sender later", { .sender = { 450, "450 4.7.1 later" } }, &OPEN,
		UNKNOWNS_REJECT, 25, NULL,
		"unknown probe-sender [10.8.0.25]: [10.8.0.25] of connector "
		"\"ex\" can not be asked: at MAIL FROM: it answers 450 4.7.1 "
		"later\n" },
	{ "sender never", { .sender = { 550, "550 5.7.1 no" } }, &OPEN,
		UNKNOWNS_REJECT, 25, NULL,
		"error probe-sender [10.8.0.25]: [10.8.0.25] of connector "
		"\"ex\" refuses the empty sender: notices of mail that could "
		"not be delivered are lost (RFC 5321 6.1); at MAIL FROM:<> it "
		"answers 550 5.7.1 no\n" },
	{ "ann later",
		{ .sender = { 250, "250" },
			.known = "ann@d.example",
			.to_known = { 451, "451 later" } },
		&OPEN, UNKNOWNS_REJECT, 25, NULL,
		"unknown probe-listed [10.8.0.25]: [10.8.0.25] of connector "
		"\"ex\" takes ann@d.example later or never: it answers 451 "
		"later\n" },
	{ "ann by no answer to RCPT",
		{ .sender = { 250, "250" },
			.known = "ann@d.example",
			.to_known = { 354, "354 go on" } },
		&OPEN, UNKNOWNS_REJECT, 25, NULL,
		"unknown probe-listed [10.8.0.25]: [10.8.0.25] of connector "
		"\"ex\" takes ann@d.example later or never: it answers 354 "
		"go on\n" },
	{ "ann never",
		{ .sender = { 250, "250" },
			.known = "ann@d.example",
			.to_known = { 550, "550 no" } },
		&OPEN, UNKNOWNS_REJECT, 25, NULL,
		"error probe-listed [10.8.0.25]: [10.8.0.25] of connector "
		"\"ex\" refuses ann@d.example, whom a directory lists there: "
		"we accept the mail and bounce it; it answers 550 no\n" },
	{ "nobody taken",
		{ .sender = { 250, "250" },
			.to_unknown = { { 250, "250 ok" } } },
		&OPEN, UNKNOWNS_REJECT, 25, NULL,
		"error probe-unlisted [10.8.0.25]: " NOBODY_TAKEN
		"what is accepted there is bounced to forged senders; have it "
		"refuse unknown recipients at RCPT and set recipient-filter = "
		"verify, or directories\n" },
	{ "nobody taken, filtered",
		{ .sender = { 250, "250" },
			.to_unknown = { { 250, "250 ok" } } },
		&FILTERED, UNKNOWNS_REJECT, 25, NULL,
		"warning probe-unlisted [10.8.0.25]: " NOBODY_TAKEN
		"whoever it has lost and a directory still lists gets a bounce "
		"and the sender no refusal; have it refuse unknown recipients "
		"at RCPT\n" },
	{ "nobody later",
		{ .sender = { 250, "250" },
			.to_unknown = { { 451, "451 grey" } } },
		&OPEN, UNKNOWNS_RETURN, 25, NULL,
		"unknown probe-unlisted [10.8.0.25]: whether [10.8.0.25] of "
		"connector \"ex\" refuses whom nobody has in d.example is not "
		"to be known: it answers 451 grey\n" },
	{ "nobody handed on",
		{ .sender = { 250, "250" },
			.to_unknown = { { 250, "250 ok" } } },
		&OPEN, UNKNOWNS_FORWARD, 25, NULL, "" },
	{ "nobody handed on by nobody",
		{ .sender = { 250, "250" },
			.to_unknown = { { 550, "550 no" } } },
		&OPEN, UNKNOWNS_FORWARD, 25, NULL,
		"warning probe-unknowns [10.8.0.25]: [10.8.0.25] of connector "
		"\"ex\" refuses whom nobody has in d.example, though its "
		"unknowns says that it hands them on: unknowns = reject would "
		"be the truth in namespace.conf; it answers 550 no\n" },
	{ "no SMTPUTF8", { .sender = { 250, "250" } }, &OPEN, UNKNOWNS_REJECT,
		25, "j\xc3\xb6rg@d.example",
		"warning probe-smtputf8 [10.8.0.25]: [10.8.0.25] of connector "
		"\"ex\" does not offer SMTPUTF8, and a directory lists "
		"j\xc3\xb6rg@d.example there: mail that was sent with SMTPUTF8 "
		"is accepted and then bounced (5.6.7); have the system offer "
		"it, or give such recipients ASCII addresses\n" },
	{ "SMTPUTF8", { .sender = { 250, "250" }, .has_utf8 = true }, &OPEN,
		UNKNOWNS_REJECT, 25, "j\xc3\xb6rg@d.example", "" },
};

START_TEST(system_is_judged)
{
	struct arena *arena = arena_open();
	const struct connector connector = { .name = "ex",
		.unknowns = SYSTEMS[_i].unknowns };
	const struct hop hop = { .text = "[10.8.0.25]",
		.port = SYSTEMS[_i].port };
	struct probe probe = { .connector = &connector,
		.hop = &hop,
		.asked = SYSTEMS[_i].asked,
		.domains = { SYSTEMS[_i].domain },
		.beyond_ascii = SYSTEMS[_i].beyond_ascii };
	const struct probes probes = { &probe, 1 };

	probe.asked.unknown[0] = "postshare-probe-0@d.example";
	probe.asked.n_unknown = 1;
	findings_case_expect(SYSTEMS[_i].name,
		findings_case_run(
			&(struct examination){ .config = "namespace.conf",
				.arena = arena,
				.probes = &probes },
			check_probe),
		SYSTEMS[_i].says);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, system_is_judged, 0, COUNT(SYSTEMS));
	return unit_run(suite_create("check_probe"), tcase);
}
