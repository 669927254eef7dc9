/* Changes as a domain controller tells them, and what it may leave out. */
#include "directory/ldap_usn.h"

#include "ldap_mark_case.h"

#define GUID(n) " | objectGUID: 000000000000000" n
#define INVOCATION "30313233343536373839616263646566"
#define DOMAIN "dc=company,dc=example"
#define LINES "\n" DOMAIN "\ncn=deleted," DOMAIN
#define MARK "usn " INVOCATION " 5" LINES
#define NOW "usn " INVOCATION " 7" LINES
#define BASE ": base \"" DOMAIN "\": "

#define ONE "before a@d.example\n"
#define TWO "before b@d.example\n"

static const unsigned char FIRST_ID[] = "0000000000000001";

static const struct changes_case {
	const char *name;
	const char *answers[4]; /* who changed, is listed, was deleted */
	enum ldap_delta_end end;
	const char *found; /* where it is whole; or the sentence */
} CHANGES[] = {
	{ "nothing", { "page", "page", "page" }, LDAP_DELTA_WHOLE, ONE TWO },
	{ "one that is no more listed",
		{ "entry cn=1" GUID("1") " | objectClass: user\npage", "page",
			"page" },
		LDAP_DELTA_WHOLE, TWO },
	{ "another address",
		{ "entry cn=1" GUID("1") "\npage",
			"entry cn=1" GUID("1") " | mail: x@d.example\npage",
			"page" },
		LDAP_DELTA_WHOLE, "cn=1 x@d.example\n" TWO },
	{ "one more, between two of the searches",
		{ "page", "entry cn=3" GUID("3") " | mail: c@d.example\npage",
			"page" },
		LDAP_DELTA_WHOLE, ONE TWO "cn=3 c@d.example\n" },
	{ "one deleted", { "page", "page", "entry cn=2" GUID("2") "\npage" },
		LDAP_DELTA_WHOLE, ONE },
	{ "a partition of its own",
		{ "page",
			"reference ldap://DomainDnsZones.a.example/"
			"DC=DomainDnsZones,DC=a,DC=example\npage",
			"page" },
		LDAP_DELTA_WHOLE, ONE TWO },
	{ "a part that another server has",
		{ "page", "reference ldap://b.example/dc=b\npage", "page" },
		LDAP_DELTA_DOUBTFUL, "" },
	{ "a unit changed",
		{ "entry ou=x" GUID("8") " | objectClass: top & "
					 "ORGANIZATIONALUNIT\npage" },
		LDAP_DELTA_DOUBTFUL, "" },
	{ "a container changed",
		{ "entry cn=x" GUID("8") " | objectClass: container\npage" },
		LDAP_DELTA_DOUBTFUL, "" },
	{ "one changed that hides its id", { "entry cn=1\npage" },
		LDAP_DELTA_DOUBTFUL, "" },
	{ "one listed that hides its id",
		{ "page", "entry cn=1 | mail: x@d.example\npage", "page" },
		LDAP_DELTA_DOUBTFUL, "" },
	{ "one deleted whose id is none",
		{ "page", "page", "entry cn=1 | objectGUID: short\npage" },
		LDAP_DELTA_DOUBTFUL, "" },
	{ "changes are not told", { "done 52" }, LDAP_DELTA_FAILED,
		BASE "the server is shutting down or off line" },
	{ "the listed are not told", { "page", "done 51" }, LDAP_DELTA_FAILED,
		BASE "the server is busy" },
	{ "the deleted are not told",
		{ "entry cn=1" GUID("1") "\npage", "page", "close" },
		LDAP_DELTA_FAILED,
		": base \"cn=deleted," DOMAIN "\": the connection was lost" },
};

START_TEST(changes_are_taken_or_in_doubt)
{
	const struct changes_case *k = &CHANGES[_i];
	struct delta_case c;

	delta_case_init(&c, k->answers, FIRST_ID, MARK);
	text_adds(&c.now, NOW);
	ck_assert_msg(ldap_usn_run(&c.delta, &c.now, &c.ldap.err) == k->end,
		"%s: %s", k->name, c.ldap.err.text);
	if (k->end == LDAP_DELTA_WHOLE) {
		ck_assert_str_eq(delta_case_found(&c), k->found);
		ck_assert_str_eq(delta_case_mark(&c), NOW);
	} else {
		ck_assert_str_eq(ldap_case_why(&c.ldap), k->found);
	}
	if (k->end != LDAP_DELTA_FAILED)
		delta_case_can_go_on(&c);
	delta_case_fini(&c);
}
END_TEST

static const struct stranger_case {
	const char *name, *mark, *now;
} STRANGERS[] = {
	{ "none", NULL, NOW },
	{ "another kind", "csn rid=000\n-\n" DOMAIN, NOW },
	{ "of two lines", "usn " INVOCATION " 5\n" DOMAIN, NOW },
	{ "another kind now", MARK, "csn rid=000\n-\n" DOMAIN },
	{ "a controller restored from a backup", MARK,
		"usn 40313233343536373839616263646566 7" LINES },
	{ "a controller that counts back", MARK, "usn " INVOCATION " 4" LINES },
};

START_TEST(mark_of_another_casts_doubt)
{
	static const char *const none[] = { NULL };
	const struct stranger_case *s = &STRANGERS[_i];
	struct delta_case c;

	delta_case_init(&c, none, FIRST_ID, s->mark);
	text_adds(&c.now, s->now);
	ck_assert_msg(ldap_usn_run(&c.delta, &c.now, &c.ldap.err) ==
			LDAP_DELTA_DOUBTFUL,
		"%s", s->name);
	ck_assert_str_eq(ldap_case_heard(&c.ldap), "");
	delta_case_fini(&c);
}
END_TEST

#define CAN_DO \
	"entry  | supportedCapabilities: 1.2.840.113556.1.4.800" \
	" | supportedControl: 1.2.3 & 1.2.840.113556.1.4.417"
#define SERVES " | dsServiceName: cn=service"
#define COUNTS " | highestCommittedUSN: 7"
#define HAS(domain) " | defaultNamingContext: " domain "\ndone"
#define ROOT CAN_DO SERVES COUNTS HAS(DOMAIN)
#define INVOKED "entry cn=service | invocationId: 0123456789abcdef\ndone"
#define WELL_KNOWN " | wellKnownObjects: B:32:A9D1CA15768811D1ADED00C04FD8D5CD:"
#define HEAD \
	"entry " DOMAIN " | uSNChanged: 3" WELL_KNOWN "cn=users," DOMAIN \
	" & B:32:18E2EA80684F11D2B9AA00C04F79F805:cn=deleted," DOMAIN "\ndone"

static const struct delta_mark_case MARKS[] = {
	{ "a controller",
		{ ROOT, INVOKED, HEAD,
			"entry cn=x" GUID("9") "\nentry cn=y\npage" },
		LOOKUP_FOUND, NOW },
	{ "another kind of server",
		{ "entry  | supportedControl: 1.2.840.113556.1.4.417" SERVES
				COUNTS HAS(DOMAIN) },
		LOOKUP_NONE, "" },
	{ "one that can not show who was deleted",
		{ "entry  | supportedCapabilities: "
		  "1.2.840.113556.1.4.800" SERVES COUNTS HAS(DOMAIN) },
		LOOKUP_NONE, "" },
	{ "no service", { CAN_DO COUNTS HAS(DOMAIN) }, LOOKUP_NONE, "" },
	{ "no number", { CAN_DO SERVES HAS(DOMAIN) }, LOOKUP_NONE, "" },
	{ "a number that is none",
		{ CAN_DO SERVES " | highestCommittedUSN: 7x" HAS(DOMAIN) },
		LOOKUP_NONE, "" },
	{ "no domain", { CAN_DO SERVES COUNTS "\ndone" }, LOOKUP_NONE, "" },
	{ "a base outside its domain",
		{ CAN_DO SERVES COUNTS HAS("dc=other,dc=example") },
		LOOKUP_NONE, "" },
	{ "no root", { "done 32" }, LOOKUP_NONE, "" },
	{ "the service is hidden", { ROOT, "done 32" }, LOOKUP_NONE, "" },
	{ "its id is hidden", { ROOT, "entry cn=service\ndone" }, LOOKUP_NONE,
		"" },
	{ "its id is none",
		{ ROOT, "entry cn=service | invocationId: short\ndone" },
		LOOKUP_NONE, "" },
	{ "the domain is hidden", { ROOT, INVOKED, "done 32" }, LOOKUP_NONE,
		"" },
	{ "what it knows is hidden",
		{ ROOT, INVOKED, "entry " DOMAIN " | uSNChanged: 3\ndone" },
		LOOKUP_NONE, "" },
	{ "its number is hidden",
		{ ROOT, INVOKED,
			"entry " DOMAIN WELL_KNOWN "cn=users," DOMAIN
			"\ndone" },
		LOOKUP_NONE, "" },
	{ "no place for who was deleted",
		{ ROOT, INVOKED,
			"entry " DOMAIN " | uSNChanged: 3" WELL_KNOWN
			"cn=users," DOMAIN "\ndone" },
		LOOKUP_NONE, "" },
	{ "nobody deleted is shown", { ROOT, INVOKED, HEAD, "page" },
		LOOKUP_NONE, "" },
	{ "ids of who was deleted are hidden",
		{ ROOT, INVOKED, HEAD, "entry cn=x\npage" }, LOOKUP_NONE, "" },
	{ "the root is not told", { "done 52" }, LOOKUP_FAILED,
		": root DSE: the server is shutting down or off line" },
	{ "the service is not told", { ROOT, "done 51" }, LOOKUP_FAILED,
		": base \"cn=service\": the server is busy" },
	{ "the domain is not told", { ROOT, INVOKED, "close" }, LOOKUP_FAILED,
		BASE "the connection was lost" },
	{ "who was deleted is refused",
		{ ROOT, INVOKED, HEAD, "done 50 not for you" }, LOOKUP_FAILED,
		": base \"cn=deleted," DOMAIN
		"\": this account may not read it (not for you)" },
};

START_TEST(mark_is_of_this_controller_and_now)
{
	struct delta_case c;

	delta_case_init(&c, MARKS[_i].answers, FIRST_ID, MARK);
	delta_mark_check(
		&c, &MARKS[_i], ldap_usn_mark(&c.delta, &c.now, &c.ldap.err));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("ldap_usn");

	tcase_add_loop_test(
		tcase, changes_are_taken_or_in_doubt, 0, COUNT(CHANGES));
	tcase_add_loop_test(
		tcase, mark_of_another_casts_doubt, 0, COUNT(STRANGERS));
	tcase_add_loop_test(
		tcase, mark_is_of_this_controller_and_now, 0, COUNT(MARKS));
	return unit_run(suite_create("ldap_usn"), tcase);
}
