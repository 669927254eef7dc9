/*
 * Recipients and messages that Postfix did not take after all, or not yet:
 * rejected, held, thrown away, or lost before they were whole.
 */
#include "verdicts/delivery.h"

#include "tests/unit/delivery_case.h"

static const struct delivery_case LOGS[] = {
	{ "policyd refused it",
		VERDICT("mx", "reject", "<a@c.example>", "-", ONE, "")
			REFUSED("NOQUEUE", "a@c.example"),
		"a@c.example\n" },
	{ "in shadow it was let in",
		VERDICT("mx", "reject", "<a@c.example>", "-", ONE,
			" shadow=yes") CLIENT("A0001") MESSAGE("A0001")
			SENT("A0001", "a@c.example"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "policyd refused it, having let it in before",
		IN("a@c.example", "-", ONE) CLIENT("A0001") VERDICT(
			"mx", "reject", "<a@c.example>", "A0001", ONE, "")
			REFUSED("A0001", "a@c.example") MESSAGE("A0001")
				SENT("A0001", "a@c.example"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"a@c.example A0001\n" },
	{ "smtpd refuses after policyd",
		IN("a@c.example", "-", ONE) REFUSED("NOQUEUE", "a@c.example")
			IN("b@c.example", "-", ONE) CLIENT("A0001")
				IN("c@c.example", "A0001", ONE) REFUSED(
					"A0001", "c@c.example") MESSAGE("A0001")
					SENT("A0001", "b@c.example"),
		"a@c.example A0001 reject to a@c.example 5.7.1  (554 5.7.1 "
		"<a@c.example>: Access denied)\n"
		"b@c.example A0001 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"c@c.example A0001 reject to c@c.example 5.7.1  (554 5.7.1 "
		"<c@c.example>: Access denied)\n" },
	{ "refused before policyd was asked",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			REFUSED("A0001", "x@foreign.example") MESSAGE("A0001")
				SENT("A0001", "a@c.example"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "a refusal that is logged late",
		IN("a@c.example", "-", ONE) IN("b@c.example", "-", ONE)
			REFUSED("NOQUEUE", "a@c.example") CLIENT("A0001"),
		"a@c.example A0001 reject to a@c.example 5.7.1  (554 5.7.1 "
		"<a@c.example>: Access denied)\n"
		"b@c.example A0001 queued\n" },
	{ "judged twice, refused once",
		IN("a@c.example", "-", ONE) IN("a@c.example", "-", ONE)
			REFUSED("NOQUEUE", "a@c.example"),
		"a@c.example reject to a@c.example 5.7.1  (554 5.7.1 "
		"<a@c.example>: Access denied)\n"
		"a@c.example reject to a@c.example 5.7.1  (554 5.7.1 "
		"<a@c.example>: Access denied)\n" },
	{ "all of it is refused at its end",
		IN("a@c.example", "-", ONE) CLIENT("A0001") IN(
			"b@c.example", "A0001", ONE) CLEANED("A0001")
			SMTPD("A0001: reject: END-OF-MESSAGE from "
			      "u[192.0.2.7]: 554 5.7.1 no; from=<s@e.example> "
			      "proto=ESMTP helo=<h>") GONE,
		"a@c.example A0001 reject 5.7.1  (554 5.7.1 no)\n"
		"b@c.example A0001 reject 5.7.1  (554 5.7.1 no)\n" },
	{ "its header is refused",
		IN("a@c.example", "-", ONE) CLIENT("A0001") CLEANUP(
			"A0001: reject: header Subject: x from u[192.0.2.7]; "
			"from=<s@e.example> to=<a@c.example> proto=SMTP "
			"helo=<h>: 5.7.1 no") GONE,
		"a@c.example A0001 reject 5.7.1  (header Subject: x from "
		"u[192.0.2.7]; from=<s@e.example> to=<a@c.example> proto=SMTP "
		"helo=<h>: 5.7.1 no)\n" },
	{ "on hold, and released",
		IN("a@c.example", "-", ONE) CLIENT("A0001") SMTPD(
			"A0001: hold: DATA from u[192.0.2.7]: x; "
			"from=<s@e.example> proto=SMTP helo=<h>")
			CLEANED("A0001") SMTPD(
				"disconnect from u[192.0.2.7] mail=1 rcpt=1 "
				"data=1") IN("b@c.example", "-",
				OTHER) LINE("mx postfix/smtpd[813]",
				"A0002: hold: RCPT from u[192.0.2.7]: y; "
				"from=<s@e.example> to=<b@c.example> "
				"proto=SMTP helo=<h>") OTHER_CLIENT("A0002")
				CLEANED("A0002") QUEUED("A0002")
					SENT("A0002", "b@c.example"),
		"a@c.example A0001 hold  (x)\n"
		"b@c.example A0002 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "thrown away",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			SMTPD("A0001: discard: DATA from u[192.0.2.7]: x; "
			      "from=<s@e.example> proto=SMTP helo=<h>") GONE,
		"a@c.example A0001 discard  (x)\n" },
	{ "the client went before the message",
		IN("a@c.example", "-", ONE) CLIENT("A0001") SMTPD(
			"lost connection after RCPT from u[192.0.2.7]") GONE,
		"a@c.example A0001 lost  (lost connection after RCPT from "
		"u[192.0.2.7])\n" },
	{ "the client went within the message",
		IN("a@c.example", "-", ONE) CLIENT("A0001") CLEANED("A0001")
			SMTPD("lost connection after DATA (3 bytes) from "
			      "u[192.0.2.7]") GONE,
		"a@c.example A0001 lost  (lost connection after DATA (3 "
		"bytes) from u[192.0.2.7])\n" },
	{ "the client went after the message",
		IN("a@c.example", "-", ONE) CLIENT("A0001") CLEANED(
			"A0001") SMTPD("lost connection after END-OF-MESSAGE "
				       "from u[192.0.2.7]")
			SMTPD("disconnect from u[192.0.2.7] mail=1 rcpt=1 "
			      "data=1") QUEUED("A0001")
				SENT("A0001", "a@c.example"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "only asked", IN("a@c.example", "-", ONE) CLIENT("A0001") GONE,
		"a@c.example A0001 lost  (disconnect from u[192.0.2.7] mail=1 "
		"rcpt=1 quit=1)\n" },
	{ "another transaction instead",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			IN("b@c.example", "-", NEXT) CLIENT("A0002")
				MESSAGE("A0002") SENT("A0002", "b@c.example"),
		"a@c.example A0001 lost\n"
		"b@c.example A0002 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "an end that is logged after the next session's verdicts",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			IN("b@c.example", "-", NEXT) SMTPD(
				"lost connection after RCPT from u[192.0.2.7]")
				GONE CLIENT("A0002") MESSAGE("A0002")
					SENT("A0002", "b@c.example"),
		"a@c.example A0001 lost\n"
		"b@c.example A0002 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "also where they have a name",
		IN("b@c.example", "-", NEXT) IN("c@c.example", "A0002", NEXT)
			SMTPD("lost connection after RCPT from u[192.0.2.7]")
				GONE CLIENT("A0002") MESSAGE("A0002")
					SENT("A0002", "c@c.example"),
		"b@c.example A0002 queued\n"
		"c@c.example A0002 sent to c@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "a refusal of the message after the next verdict",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			IN("b@c.example", "-", NEXT) CLEANED("A0001") CLEANUP(
				"A0001: reject: header X: y from u[192.0.2.7]; "
				"from=<s@e.example> to=<a@c.example> "
				"proto=SMTP helo=<h>: 5.7.1 no"),
		"a@c.example A0001 reject 5.7.1  (header X: y from "
		"u[192.0.2.7]; from=<s@e.example> to=<a@c.example> proto=SMTP "
		"helo=<h>: 5.7.1 no)\n"
		"b@c.example\n" },
	{ "a refusal at DATA after the next message has a name",
		IN("a@c.example", "-", ONE) CLIENT("A0001") IN("b@c.example",
			"-", NEXT) IN("c@c.example", "A0002", NEXT)
			SMTPD("A0001: reject: DATA from u[192.0.2.7]: 550 "
			      "5.7.1 no; from=<s@e.example> proto=SMTP "
			      "helo=<h>") CLIENT("A0002"),
		"a@c.example A0001 reject 5.7.1  (550 5.7.1 no)\n"
		"b@c.example A0002 queued\n"
		"c@c.example A0002 queued\n" },
	{ "the header comes after the next verdict, and no more",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			IN("b@c.example", "-", NEXT) CLEANED("A0001"),
		"a@c.example A0001 lost\nb@c.example\n" },
	{ "the header comes after the client went",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			SMTPD("lost connection after DATA (3 bytes) from "
			      "u[192.0.2.7]") CLEANED("A0001") GONE,
		"a@c.example A0001 lost  (lost connection after DATA (3 "
		"bytes) from u[192.0.2.7])\n" },
	{ "to be put on hold, and never whole",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			SMTPD("A0001: hold: RCPT from u[192.0.2.7]: x; "
			      "from=<s@e.example> to=<a@c.example> proto=SMTP "
			      "helo=<h>") GONE,
		"a@c.example A0001 lost  (disconnect from u[192.0.2.7] mail=1 "
		"rcpt=1 quit=1)\n" },
};

START_TEST(fates_are_found)
{
	delivery_case_check(&LOGS[_i]);
}
END_TEST

/* Whichever line is missing: nothing breaks, and no status is invented. */
START_TEST(missing_lines_are_borne)
{
	delivery_case_check_without_lines(&LOGS[_i]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, fates_are_found, 0, COUNT(LOGS));
	tcase_add_loop_test(tcase, missing_lines_are_borne, 0, COUNT(LOGS));
	return unit_run(suite_create("delivery_whole"), tcase);
}
