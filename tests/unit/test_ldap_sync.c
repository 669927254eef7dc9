/*
 * Changes as RFC 4533 tells them, and as nobody should: what is not
 * understood is never left out, but casts doubt on all.
 */
#include "directory/ldap_sync.h"

#include "ldap_mark_case.h"

/* Entries and their ids: 00000000-...-01 is object 1. */
#define UUID(n) "00000000-0000-0000-0000-0000000000" n
#define ID(n) "000000000000000000000000000000" n
#define CSN "20261121082243.000000Z#000000#000#000000"
#define OLDER "20261121082242.000000Z#000000#000#000000"
#define NEWER "20261121082244.000000Z#000000#000#000000"
#define CONTEXT "dc=company,dc=example"

/* What a server said of itself: the context's id and what changed last. */
#define MARK_OF(witness) "csn rid=000,csn=" CSN "\n" witness "\n" CONTEXT
#define MARK MARK_OF(UUID("aa"))

/* syncStateValue: 0 present, 1 add, 2 modify, 3 delete. */
#define STATE(state, n) \
	"with " LDAP_CONTROL_SYNC_STATE " 30150a01" state "0410" ID(n) "\n"
/* syncDoneValue. */
#define DONE(hex) "with " LDAP_CONTROL_SYNC_DONE " " hex "\ndone"
#define DELETES_TOLD DONE("30030101ff")
#define THE_REST_IS_GONE DONE("3000")

static const unsigned char FIRST_ID[16] = { [15] = 0x31 };

#define ONE "before a@d.example\n"
#define TWO "before b@d.example\n"

static const struct whole_case {
	const char *name;
	const char *answers[4];
	const char *found;
	const char *mark; /* NULL: as it was */
} WHOLES[] = {
	{ "nothing", { DELETES_TOLD, "page" }, ONE TWO, NULL },
	{ "nobody is left", { THE_REST_IS_GONE, "page" }, "", NULL },
	{ "one is still there",
		{ STATE("00", "31") "entry cn=1\n" THE_REST_IS_GONE, "page" },
		ONE, NULL },
	{ "one more",
		{ STATE("01",
			  "33") "entry cn=3 | mail: c@d.example\n" DELETES_TOLD,
			"page" },
		ONE TWO "cn=3 c@d.example\n", NULL },
	{ "another address",
		{ STATE("02",
			  "31") "entry cn=1 | mail: x@d.example\n" DELETES_TOLD,
			"page" },
		"cn=1 x@d.example\n" TWO, NULL },
	{ "one deleted",
		{ STATE("03", "32") "entry cn=2\n" DELETES_TOLD, "page" }, ONE,
		NULL },
	{ "cookies on the way",
		{ "info 80026332\ninfo a100\n" DELETES_TOLD, "page" }, ONE TWO,
		NULL },
	{ "the end of those that are present",
		{ STATE("00", "31") "entry cn=1\ninfo a200\n" DELETES_TOLD,
			"page" },
		ONE, NULL },
	{ "a set of deleted ones",
		{ "info a317"
		  "0101ff"
		  "31120410" ID("32") "\n" DELETES_TOLD,
			"page" },
		ONE, NULL },
	{ "such a set with a cookie",
		{ "info a31b"
		  "04026332"
		  "0101ff"
		  "31120410" ID("32") "\n" DELETES_TOLD,
			"page" },
		ONE, NULL },
	{ "a set of those that are present",
		{ "info a314"
		  "31120410" ID("32") "\n" THE_REST_IS_GONE,
			"page" },
		TWO, NULL },
	{ "a cookie at the end", { DONE("3007040263320101ff"), "page" },
		ONE TWO, "csn c2\n" UUID("aa") "\n" CONTEXT },
	{ "what changed last",
		{ DELETES_TOLD,
			"entry cn=1 | entryUUID: " UUID(
				"31") " | entryCSN: " NEWER
				      "\nentry cn=2 | entryUUID: " UUID(
					      "32") " | entryCSN: " CSN
						    "\nentry cn=3\npage" },
		ONE TWO, MARK_OF(UUID("aa") " " UUID("31") " " NEWER) },
};

START_TEST(changes_are_taken)
{
	const struct whole_case *w = &WHOLES[_i];
	struct delta_case c;

	delta_case_init(&c, w->answers, FIRST_ID, MARK);
	text_adds(&c.now, MARK);
	ck_assert_msg(ldap_sync_run(&c.delta, &c.now, &c.ldap.err) ==
			LDAP_DELTA_WHOLE,
		"%s: %s", w->name, c.ldap.err.text);
	ck_assert_str_eq(delta_case_found(&c), w->found);
	ck_assert_str_eq(delta_case_mark(&c), w->mark == NULL ? MARK : w->mark);
	delta_case_can_go_on(&c);
	delta_case_fini(&c);
}
END_TEST

/* What a server may say, then all of it has to be read. */
static const struct doubtful_case {
	const char *name;
	const char *answers[3];
} DOUBTFUL[] = {
	{ "one is there that we do not have",
		{ STATE("00", "39") "entry cn=9\n" DELETES_TOLD } },
	{ "an entry without a state", { "entry cn=3\n" DELETES_TOLD } },
	{ "an unknown state",
		{ STATE("07", "31") "entry cn=1\n" DELETES_TOLD } },
	{ "a short id",
		{ "with " LDAP_CONTROL_SYNC_STATE
		  " 300a0a010104050102030405\nentry cn=1\n" DELETES_TOLD } },
	{ "a state that is none",
		{ "with " LDAP_CONTROL_SYNC_STATE
		  " 0400\nentry cn=1\n" DELETES_TOLD } },
	{ "an entry that is none",
		{ STATE("01", "33") "op 6403010100\n" DELETES_TOLD } },
	{ "values that are missing",
		{ STATE("01", "33") "entry cn=3 | mail;range=1-*: x@d.example"
				    "\n" DELETES_TOLD } },
	{ "a short id in a set",
		{ "info a309"
		  "31070405"
		  "0102030405"
		  "\n" DELETES_TOLD } },
	{ "a set that is none", { "info a3020405\n" DELETES_TOLD } },
	{ "a set whose cookie is none",
		{ "info a304"
		  "04056332"
		  "\n" DELETES_TOLD } },
	{ "a set whose flag is none",
		{ "info a307"
		  "0105"
		  "0000000000"
		  "\n" DELETES_TOLD } },
	{ "unknown information", { "info a400\n" DELETES_TOLD } },
	{ "empty information", { "info\n" DELETES_TOLD } },
	{ "another intermediate answer",
		{ "op 79088003312e32810100\n" DELETES_TOLD } },
	{ "one without a value",
		{ "op 791a8018312e332e362e312e342e312e343230332e312e392e312e34"
		  "\n" DELETES_TOLD } },
	{ "a part that another server has",
		{ "reference ldap://b.example/\n" DELETES_TOLD } },
	{ "an end without the control", { "done" } },
	{ "an end whose cookie is none", { DONE("300404056332") } },
	{ "an end whose flag is none", { DONE("300701050000000000") } },
	{ "an end with something else", { DONE("3003020101") } },
	{ "an end that is none", { "op 6503010100" } },
	{ "the server wants all to be read", { "done 4096" } },
	{ "a parent was changed",
		{ DELETES_TOLD,
			"entry ou=x | hasSubordinates: TRUE | entryCSN: " NEWER
			"\npage" } },
	{ "a parent whose change is hidden",
		{ DELETES_TOLD, "entry ou=x | hasSubordinates: TRUE\npage" } },
};

/* Marks that are not of this server, or none. */
static const struct stranger_case {
	const char *name;
	const char *answers[3];
	const char *mark, *now; /* NULL: as ever */
} STRANGERS[] = {
	{ .name = "a cookie without a time",
		.answers = { DELETES_TOLD },
		.mark = "csn rid=000\n" UUID("aa") "\n" CONTEXT },
	{ .name = "another kind of mark",
		.answers = { NULL },
		.mark = "usn 00 1\nx\ny" },
	{ .name = "a mark cut off", .answers = { NULL }, .mark = "csn" },
	{ .name = "a mark of two lines",
		.answers = { NULL },
		.mark = "csn rid=000\nx" },
	{ .name = "another kind of mark now",
		.answers = { NULL },
		.now = "usn 00 1\nx\ny" },
	{ .name = "another context",
		.answers = { NULL },
		.now = MARK_OF(UUID("ab")) },
	{ .name = "a context of a longer id",
		.answers = { NULL },
		.now = MARK_OF(UUID("aa0")) },
	{ .name = "a witness without a time",
		.answers = { NULL },
		.mark = MARK_OF(UUID("aa") " " UUID("31")) },
	{ .name = "a witness that is gone",
		.answers = { "page" },
		.mark = MARK_OF(UUID("aa") " " UUID("31") " " CSN) },
	{ .name = "a witness that is older than it was",
		.answers = { "entry cn=1 | entryUUID: " UUID(
			"31") " | entryCSN: " OLDER "\npage" },
		.mark = MARK_OF(UUID("aa") " " UUID("31") " " CSN) },
};

static void expect_doubt(const char *name, const char *const *answers,
	const char *mark, const char *now)
{
	struct delta_case c;

	delta_case_init(&c, answers, FIRST_ID, mark);
	text_adds(&c.now, now);
	ck_assert_msg(ldap_sync_run(&c.delta, &c.now, &c.ldap.err) ==
			LDAP_DELTA_DOUBTFUL,
		"%s: %s", name, c.ldap.err.text);
	ck_assert_str_eq(delta_case_mark(&c), mark);
	delta_case_can_go_on(&c);
	delta_case_fini(&c);
}

START_TEST(what_is_not_understood_casts_doubt)
{
	const struct doubtful_case *d = &DOUBTFUL[_i];

	expect_doubt(d->name, d->answers, MARK, MARK);
}
END_TEST

START_TEST(mark_of_another_casts_doubt)
{
	const struct stranger_case *s = &STRANGERS[_i];

	expect_doubt(s->name, s->answers, s->mark == NULL ? MARK : s->mark,
		s->now == NULL ? MARK : s->now);
}
END_TEST

START_TEST(no_mark_casts_doubt)
{
	static const char *const none[] = { NULL };
	struct delta_case c;

	delta_case_init(&c, none, FIRST_ID, NULL);
	text_adds(&c.now, MARK);
	ck_assert_int_eq(ldap_sync_run(&c.delta, &c.now, &c.ldap.err),
		LDAP_DELTA_DOUBTFUL);
	ck_assert_str_eq(ldap_case_heard(&c.ldap), "");
	delta_case_fini(&c);
}
END_TEST

static const struct failed_case {
	const char *name;
	const char *answers[4];
	const char *mark, *err;
} FAILED[] = {
	{ "lost among the changes", { STATE("03", "32") "entry cn=2\nclose" },
		MARK, ": read changes: the connection was lost" },
	{ "the witness is not told", { "done 52 off" },
		MARK_OF(UUID("aa") " " UUID("31") " " CSN),
		": base \"" CONTEXT "\": the server is shutting down or off "
		"line (off)" },
	{ "what changed last is not told", { DELETES_TOLD, "done 51" }, MARK,
		": base \"" CONTEXT "\": the server is busy" },
};

START_TEST(what_is_not_answered_has_failed)
{
	const struct failed_case *f = &FAILED[_i];
	struct delta_case c;

	delta_case_init(&c, f->answers, FIRST_ID, f->mark);
	text_adds(&c.now, MARK);
	ck_assert_msg(ldap_sync_run(&c.delta, &c.now, &c.ldap.err) ==
			LDAP_DELTA_FAILED,
		"%s", f->name);
	ck_assert_str_eq(ldap_case_why(&c.ldap), f->err);
	ck_assert_str_eq(delta_case_mark(&c), f->mark);
	delta_case_fini(&c);
}
END_TEST

#define OFFERED "entry  | supportedControl: " LDAP_CONTROL_SYNC "\ndone"
#define HEAD(more) \
	"entry " CONTEXT " | contextCSN: " CSN " | entryCSN: " CSN more "\ndone"

static const struct delta_mark_case MARKS[] = {
	{ "with what changed last",
		{ OFFERED, HEAD(" | entryUUID: " UUID("aa")),
			"entry cn=1 | entryUUID: " UUID(
				"31") " | entryCSN: " CSN "\npage" },
		LOOKUP_FOUND, MARK_OF(UUID("aa") " " UUID("31") " " CSN) },
	{ "without, for it is gone",
		{ OFFERED, HEAD(" | entryUUID: " UUID("aa")), "page" },
		LOOKUP_FOUND, MARK },
	{ "of a context that hides its id", { OFFERED, HEAD("") }, LOOKUP_FOUND,
		MARK_OF("-") },
	{ "of a context whose id is none", { OFFERED, HEAD(" | entryUUID: x") },
		LOOKUP_FOUND, MARK_OF("-") },
	{ "of a context above the base",
		{ OFFERED, "done 32",
			"entry dc=example | contextCSN: " CSN
			" | entryCSN: " CSN "\ndone" },
		LOOKUP_FOUND, "csn rid=000,csn=" CSN "\n-\ndc=example" },
	{ "not offered", { "entry  | supportedControl: 1.2.3\ndone" },
		LOOKUP_NONE, "" },
	{ "nothing is offered", { "entry \ndone" }, LOOKUP_NONE, "" },
	{ "no root", { "done 32" }, LOOKUP_NONE, "" },
	{ "no context", { OFFERED, "entry " CONTEXT "\ndone", "done 32" },
		LOOKUP_NONE, "" },
	{ "times of changes are hidden",
		{ OFFERED, "entry " CONTEXT " | contextCSN: " CSN "\ndone" },
		LOOKUP_NONE, "" },
	{ "a time that is none",
		{ OFFERED,
			"entry " CONTEXT
			" | contextCSN: yesterday | entryCSN: " CSN "\ndone" },
		LOOKUP_NONE, "" },
	{ "the root is not told", { "done 52" }, LOOKUP_FAILED,
		": root DSE: the server is shutting down or off line" },
	{ "the context is not told", { OFFERED, "close" }, LOOKUP_FAILED,
		": base \"" CONTEXT "\": the connection was lost" },
	{ "what changed last is not told",
		{ OFFERED, HEAD(" | entryUUID: " UUID("aa")), "done 51" },
		LOOKUP_FAILED, ": base \"" CONTEXT "\": the server is busy" },
};

START_TEST(mark_is_of_this_server_and_now)
{
	struct delta_case c;

	delta_case_init(&c, MARKS[_i].answers, FIRST_ID, MARK);
	delta_mark_check(
		&c, &MARKS[_i], ldap_sync_mark(&c.delta, &c.now, &c.ldap.err));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("ldap_sync");

	tcase_add_loop_test(tcase, changes_are_taken, 0, COUNT(WHOLES));
	tcase_add_loop_test(
		tcase, what_is_not_understood_casts_doubt, 0, COUNT(DOUBTFUL));
	tcase_add_loop_test(
		tcase, mark_of_another_casts_doubt, 0, COUNT(STRANGERS));
	tcase_add_test(tcase, no_mark_casts_doubt);
	tcase_add_loop_test(
		tcase, what_is_not_answered_has_failed, 0, COUNT(FAILED));
	tcase_add_loop_test(
		tcase, mark_is_of_this_server_and_now, 0, COUNT(MARKS));
	return unit_run(suite_create("ldap_sync"), tcase);
}
