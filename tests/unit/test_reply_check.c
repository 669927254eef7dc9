/* What may go out to Postfix, and all that it would read as a permit. */
#include "policyd/reply_check.h"

#include "tests/unit/unit_main.h"

#include <string.h>

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct reply_case {
	const char *name;
	const char *reply;
	bool is_valid;
};

static const struct reply_case reply_cases[] = {
	{ "keyword", "DUNNO", true },
	{ "restriction", "reject_unverified_recipient", true },
	{ "reject", "550 5.1.1 User unknown", true },
	{ "defer", "450 4.3.0 Try again later", true },
	{ "long enhanced code", "550 5.123.456 x", true },
	{ "lowest and highest digits", "459 4.0.999 x", true },
	{ "empty is permit", "", false },
	{ "digits alone are permit", "550", false },
	{ "digits and a blank", "550 ", false },
	{ "no enhanced code", "550 User unknown", false },
	{ "no text", "550 5.1.1", false },
	{ "a blank for text", "550 5.1.1 ", false },
	{ "two blanks", "550 5.1.1  x", false },
	{ "classes differ", "550 4.1.1 x", false },
	{ "success", "250 2.1.5 ok", false },
	{ "smtpd hangs up after it", "421 4.3.0 x", false },
	{ "smtpd hangs up after it too", "521 5.3.0 x", false },
	{ "two digits", "55 5.1.1 x", false },
	{ "four digits", "5500 5.1.1 x", false },
	{ "letters in the code", "5a0 5.1.1 x", false },
	{ "what stands before the digits", "550 5./.1 x", false },
	{ "what stands behind them", "550 5.1.: x", false },
	{ "half an enhanced code", "550 5.1 x", false },
	{ "no detail", "550 5.1. x", false },
	{ "no subject", "550 5..1 x", false },
	{ "four digits of detail", "550 5.1.1234 x", false },
	{ "OK skips later checks", "OK", false },
	{ "RELAY", "RELAY", false },
	{ "REJECT says 554", "REJECT", false },
	{ "another spelling", "dunno", false },
	{ "a keyword and more", "DUNNO x", false },
	{ "a blank in front", " DUNNO", false },
	{ "line feed", "550 5.1.1 a\nb", false },
	{ "carriage return", "550 5.1.1 a\r", false },
	{ "delete", "550 5.1.1 a\x7f", false },
	{ "not ASCII", "550 5.1.1 \xc3\xa4", false },
	{ "400 bytes",
		"550 5.1.1 " A50 A50 A50 A50 A50 A50 A50
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		true },
	{ "401 bytes",
		"550 5.1.1 " A50 A50 A50 A50 A50 A50 A50
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		false },
};

START_TEST(only_whole_answers_are_valid)
{
	const struct reply_case *c = &reply_cases[_i];

	ck_assert_msg(reply_is_valid(c->reply) == c->is_valid, "%s: %s",
		c->name, c->reply);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_loop_test(
		tcase, only_whole_answers_are_valid, 0, COUNT(reply_cases));
	return unit_run(suite_create("reply_check"), tcase);
}
