/* What is made of DNS's answers; that they are asked for is of tests/e2e. */
#include "doctor/lookups.h"

#include "tests/unit/findings_case.h"
#include "tests/unit/unit_main.h"

static const struct dns_question FOUND = { .lookup = LOOKUP_FOUND };
static const struct dns_question ALIAS = { .lookup = LOOKUP_FOUND,
	.is_alias = true };
static const struct dns_question NONE = { .lookup = LOOKUP_NONE };
static const struct dns_question UNNAMED = { .lookup = LOOKUP_NONE,
	.is_unnamed = true };
static const struct dns_question FAILED = { .lookup = LOOKUP_FAILED,
	.why = "the server failed (SERVFAIL)" };

enum { EXCHANGES_MAX = 6 };

static const struct {
	const char *name;
	const struct dns_question *mx;
	struct exchange exchanges[EXCHANGES_MAX]; /* up to one without host */
	const char *says;
} DOMAINS[] = {
	{ "ours", &FOUND, { { "mx.d.example", 10, &FOUND, true } }, "" },
	{ "itself", &NONE, { { "d.example", 0, &FOUND, true } }, "" },
	{ "one beside us that sorts first", &FOUND,
		{ { "a.example", 10, &FOUND, false },
			{ "mx.d.example", 10, &FOUND, true } },
		"" },
	{ "one before us", &FOUND,
		{ { "a.example", 5, &FOUND, false },
			{ "b.example", 6, &FOUND, false },
			{ "mx.d.example", 10, &FOUND, true } },
		"warning mx-backup d.example: this Postfix is but the backup "
		"of d.example: mail goes to a.example (preference 5) before it "
		"comes to mx.d.example (preference 10)\n" },
	{ "one before us that can not be asked", &FOUND,
		{ { "a.example", 5, &FAILED, false },
			{ "mx.d.example", 10, &FOUND, true } },
		"" },
	{ "others", &FOUND,
		{ { "a.example", 10, &FOUND, false },
			{ "b.example", 10, &FOUND, false },
			{ "c.example", 10, &FOUND, false },
			{ "d.example", 10, &FOUND, false },
			{ "e.example", 10, &FOUND, false } },
		"warning mx-elsewhere d.example: mail for d.example goes to "
		"a.example, b.example, c.example, d.example, ..., and none of "
		"its addresses is one where this Postfix takes mail on port "
		"25; where NAT leads here, set proxy_interfaces to the outer "
		"address; where a filter stands in front, --skip "
		"mx-elsewhere\n" },
	{ "another, and who knows", &FOUND,
		{ { "a.example", 10, &FOUND, false },
			{ "b.example", 20, &FAILED, false } },
		"" },
	{ "no name", &UNNAMED, { { NULL, 0, NULL, false } },
		"error mx-missing d.example: there is no d.example in DNS: "
		"nobody outside can write to it; publish its MX, or --skip "
		"mx-missing where it is for inside alone\n" },
	{ "neither MX nor address", &NONE, { { "d.example", 0, &NONE, false } },
		"error mx-missing d.example: DNS has neither an MX nor an "
		"address of d.example: nobody outside can write to it; publish "
		"an MX that names this Postfix\n" },
	{ "no MX, and who knows", &NONE, { { "d.example", 0, &FAILED, false } },
		"" },
	{ "who knows", &FAILED, { { NULL, 0, NULL, false } }, "" },
	{ "null MX", &FOUND, { { NULL, 0, NULL, false } },
		"error mx-null d.example: d.example has the MX \".\", which "
		"says that it takes no mail (RFC 7505): nobody outside can "
		"write to it; publish an MX that names this Postfix\n" },
	{ "CNAME", &FOUND, { { "mx.d.example", 10, &ALIAS, true } },
		"warning mx-alias d.example: the MX mx.d.example is a CNAME, "
		"which an MX must not name (RFC 2181 10.3): some systems "
		"refuse to send there; name the host itself\n" },
	{ "CNAME without MX", &NONE, { { "d.example", 0, &ALIAS, true } }, "" },
	{ "MX without address", &FOUND,
		{ { "mx.d.example", 10, &NONE, false } },
		"error mx-unresolved d.example: the MX mx.d.example has no "
		"address in DNS: nobody outside can write to the domain\n" },
	{ "one of two", &FOUND,
		{ { "a.example", 10, &NONE, false },
			{ "mx.d.example", 20, &FOUND, true } },
		"warning mx-unresolved d.example: the MX a.example has no "
		"address in DNS: senders go on to another\n" },
};

static const char *run(const struct lookups *lookups, const char *resolver,
	struct arena *arena)
{
	return findings_case_run(
		&(struct examination){ .config = "namespace.conf",
			.resolver = resolver,
			.arena = arena,
			.lookups = lookups },
		check_dns);
}

START_TEST(domain_is_judged)
{
	struct arena *arena = arena_open();
	struct mail_domain domain = { .name = "d.example",
		.mx = DOMAINS[_i].mx,
		.exchanges = (struct exchange *)DOMAINS[_i].exchanges };

	while (domain.n_exchanges < EXCHANGES_MAX &&
		domain.exchanges[domain.n_exchanges].host != NULL)
		domain.n_exchanges++;
	struct lookups lookups = { .n_domains = 1 };

	lookups.domains = &domain;
	findings_case_expect(
		DOMAINS[_i].name, run(&lookups, NULL, arena), DOMAINS[_i].says);
	arena_close(&arena);
}
END_TEST

START_TEST(smart_hosts_are_judged)
{
	struct arena *arena = arena_open();
	const struct connector connector = { .name = "ex" };
	const struct hop gone = { .text = "[gone.example]" };
	const struct hop here = { .text = "[here.example]" };
	const struct hop sound = { .text = "[mail.example]" };
	struct smart_host hosts[] = {
		{ &connector, &sound, &FOUND, LOOKUP_FOUND, false },
		{ &connector, &gone, &NONE, LOOKUP_NONE, false },
		{ &connector, &sound, &FAILED, LOOKUP_FAILED, false },
		{ &connector, &here, &FOUND, LOOKUP_FOUND, true },
	};

	findings_case_expect("smart hosts",
		run(&(struct lookups){ .hosts = hosts, .n_hosts = 4 }, NULL,
			arena),
		"error smart-host-unresolved [gone.example]: smart host "
		"[gone.example] of connector \"ex\" has no address: its mail "
		"is deferred, and bounced where DNS has no such name; mend the "
		"name in namespace.conf, or in DNS\n"
		"error smart-host-loop [here.example]: smart host "
		"[here.example] of connector \"ex\" is this Postfix by its "
		"address: mail would come straight back; name the other system "
		"in namespace.conf\n");
	arena_close(&arena);
}
END_TEST

/* One finding for all that failed alike. */
START_TEST(what_is_not_answered_is_unknown)
{
	struct arena *arena = arena_open();
	const struct dns_question mx[] = {
		{ DNS_MX, "a.example", .lookup = LOOKUP_FAILED, .why = "slow" },
		{ DNS_MX, "b.example", .lookup = LOOKUP_FOUND },
		{ DNS_MX, "c.example", .lookup = LOOKUP_FAILED, .why = "down" },
		{ DNS_MX, "d.example", .lookup = LOOKUP_FAILED, .why = "slow" },
	};
	const struct dns_question addresses[] = { { DNS_ADDRESSES, "mx.example",
		.lookup = LOOKUP_FAILED, .why = "slow" } };
	const struct lookups lookups = { .questions = { mx, addresses },
		.n_questions = { 4, 1 } };

	findings_case_expect("resolv.conf", run(&lookups, NULL, arena),
		"unknown dns-unanswered resolv.conf: the MX of a.example and 1 "
		"more can not be looked up: slow\n"
		"unknown dns-unanswered resolv.conf: the MX of c.example can "
		"not be looked up: down\n"
		"unknown dns-unanswered resolv.conf: the addresses of "
		"mx.example can not be looked up: slow\n");
	findings_case_expect("nothing was asked",
		run(&(struct lookups){ .trouble = "no such host" }, "x:1",
			arena),
		"unknown dns-unanswered resolver: nothing can be looked up: no "
		"such host\n");
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, domain_is_judged, 0, COUNT(DOMAINS));
	tcase_add_test(tcase, smart_hosts_are_judged);
	tcase_add_test(tcase, what_is_not_answered_is_unknown);
	return unit_run(suite_create("check_dns"), tcase);
}
