/* The words of verdicts and reasons; answers that Postfix can not misread. */
#include "namespace/resolver.h"

#include "tests/unit/unit_main.h"

#include <ctype.h>
#include <string.h>

static const struct {
	enum verdict verdict;
	enum reason reason;
	const char *words; /* "verdict reason" */
	const char *reply; /* how it begins */
} cases[] = {
	{ VERDICT_ACCEPT, REASON_LISTED, "accept listed", "DUNNO" },
	{ VERDICT_ACCEPT, REASON_CONTACT, "accept contact", "DUNNO" },
	{ VERDICT_ACCEPT, REASON_POSTMASTER, "accept postmaster", "DUNNO" },
	{ VERDICT_ACCEPT, REASON_SECONDARY, "accept secondary", "DUNNO" },
	{ VERDICT_ACCEPT, REASON_CATCH_ALL, "accept catch-all", "DUNNO" },
	{ VERDICT_RELAY, REASON_UNLISTED, "relay unlisted", "DUNNO" },
	{ VERDICT_RELAY, REASON_VERIFY, "relay verify",
		"reject_unverified_recipient" },
	{ VERDICT_ACCEPT, REASON_VERIFY, "accept verify",
		"reject_unverified_recipient" },
	{ VERDICT_REJECT, REASON_UNKNOWN, "reject unknown", "550 5.1.1 " },
	{ VERDICT_REJECT, REASON_LOOP, "reject loop", "550 5.4.6 " },
	{ VERDICT_DEFER, REASON_DIRECTORY_STALE, "defer directory-stale",
		"450 4.3.0 A directory " },
	{ VERDICT_DEFER, REASON_LOOKUP_FAILED, "defer lookup-failed",
		"450 4.3.0 The address " },
	{ VERDICT_PASS, REASON_NOT_OURS, "pass not-ours", "DUNNO" },
	{ VERDICT_PASS, REASON_NOT_AN_ADDRESS, "pass not-an-address", "DUNNO" },
};

START_TEST(has_its_words_and_its_reply)
{
	const struct resolution r = { .verdict = cases[_i].verdict,
		.reason = cases[_i].reason };
	const char *reply = reply_format(&r);
	const char *words = cases[_i].words;
	const size_t len = strlen(verdict_format(r.verdict));

	ck_assert_int_eq(strncmp(words, verdict_format(r.verdict), len), 0);
	ck_assert_str_eq(words + len + 1, reason_format(r.reason));
	ck_assert_msg(
		strncmp(reply, cases[_i].reply, strlen(cases[_i].reply)) == 0,
		"%s: %s", words, reply);
}
END_TEST

START_TEST(a_reply_is_one_short_line_of_ascii)
{
	const struct resolution r = { .verdict = cases[_i].verdict,
		.reason = cases[_i].reason };
	const char *reply = reply_format(&r);

	ck_assert_uint_lt(strlen(reply), 200);
	ck_assert_uint_gt(strlen(reply), 0);
	for (const char *c = reply; *c != '\0'; c++)
		ck_assert(isprint((unsigned char)*c));
	/* A bare number would mean leave to go on. */
	if (isdigit((unsigned char)reply[0]))
		ck_assert(reply[3] == ' ' && strlen(reply) > 12);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("reply");

	tcase_add_loop_test(
		tcase, has_its_words_and_its_reply, 0, COUNT(cases));
	tcase_add_loop_test(
		tcase, a_reply_is_one_short_line_of_ascii, 0, COUNT(cases));
	return unit_run(suite_create("reply"), tcase);
}
