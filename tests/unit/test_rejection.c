#include "changes/rejection.h"

#include "tests/unit/unit_main.h"
#include "verdicts/postfix_line.h"

#include <stdio.h>

struct rejection_case {
	const char *name;
	const char *said; /* behind the client */
	enum rejection expected;
	bool is_lasting;
};

#define TAIL "; from=<s@e.example> to=<a@c.example> proto=ESMTP helo=<h>"
#define OF(codes, words) codes " <a@c.example>: " words TAIL

static const struct rejection_case CASES[] = {
	{ "no relay recipient",
		OF("550 5.1.1",
			"Recipient address rejected: User unknown in relay "
			"recipient table"),
		REJECTION_UNKNOWN, true },
	{ "no virtual mailbox",
		OF("550 5.1.1",
			"Recipient address rejected: User unknown in virtual "
			"mailbox table"),
		REJECTION_UNKNOWN, true },
	{ "the table is not told, by 450",
		OF("450 4.1.1", "Recipient address rejected: User unknown"),
		REJECTION_UNKNOWN, false },
	{ "in the words of a policy",
		OF("550 5.1.1", "Recipient address rejected: no such person"),
		REJECTION_UNKNOWN, true },
	{ "not ours", OF("554 5.7.1", "Relay access denied"),
		REJECTION_NOT_OURS, true },
	{ "not ours, for now", OF("454 4.7.1", "Relay access denied"),
		REJECTION_NOT_OURS, false },
	{ "the system behind does not have it",
		OF("550 5.1.1",
			"Recipient address rejected: undeliverable address: "
			"host mx[10.8.0.25] said: 550 no"),
		REJECTION_UNDELIVERABLE, true },
	{ "in the status of the system behind",
		OF("550 5.7.1",
			"Recipient address rejected: undeliverable address: "
			"host mx[10.8.0.25] said: 550 5.7.1 no"),
		REJECTION_UNDELIVERABLE, true },
	{ "the system behind was not asked to the end",
		OF("450 4.1.1",
			"Recipient address rejected: unverified address: "
			"Address verification in progress"),
		REJECTION_OTHER, false },
	{ "greylisted",
		OF("450 4.2.0", "Recipient address rejected: Greylisted"),
		REJECTION_OTHER, false },
	{ "a table of recipients",
		OF("554 5.7.1", "Recipient address rejected: Access denied"),
		REJECTION_OTHER, true },
	{ "a list of clients",
		"554 5.7.1 Service unavailable; Client host [192.0.2.7] "
		"blocked using bl.example" TAIL,
		REJECTION_OTHER, true },
	{ "its HELO",
		"504 5.5.2 <h>: Helo command rejected: need fully-qualified "
		"hostname" TAIL,
		REJECTION_OTHER, true },
	{ "its sender",
		"450 4.1.8 <s@e.example>: Sender address rejected: Domain not "
		"found" TAIL,
		REJECTION_OTHER, false },
	{ "a sender that speaks of recipients",
		"450 4.1.8 <x>: Recipient address rejected: User unknown@e>: "
		"Sender address rejected: no; from=<\"x>: Recipient address "
		"rejected: User unknown\"@e> to=<a@c.example> proto=ESMTP "
		"helo=<h>",
		REJECTION_OTHER, false },
	{ "quoted in to= alone",
		"550 5.1.1 <a b@c.example>: Recipient address rejected: User "
		"unknown in relay recipient table; from=<> to=<\"a "
		"b\"@c.example> proto=ESMTP helo=<h>",
		REJECTION_UNKNOWN, true },
	{ "without an enhanced status",
		"550 <a@c.example>: Recipient address rejected: User "
		"unknown" TAIL,
		REJECTION_UNKNOWN, true },
};

START_TEST(a_refusal_is_read)
{
	const struct rejection_case *c = &CASES[_i];
	struct postfix_line line;
	char text[1024];
	bool is_lasting;

	snprintf(text, sizeof text,
		"NOQUEUE: reject: RCPT from u[192.0.2.7]: %s", c->said);
	const struct log_line log = { .program = slice_of("postfix/smtpd"),
		.message = slice_of(text) };

	ck_assert_msg(postfix_line_parse(&line, &log), "%s", c->name);
	ck_assert_msg(
		rejection_of(&line, &is_lasting) == c->expected, "%s", c->name);
	ck_assert_msg(is_lasting == c->is_lasting, "%s", c->name);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("rejection");

	tcase_add_loop_test(tcase, a_refusal_is_read, 0, COUNT(CASES));
	return unit_run(suite_create("rejection"), tcase);
}
