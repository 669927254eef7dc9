/* Messages that get another queue ID: by a filter, or requeued by hand. */
#include "verdicts/delivery.h"

#include "tests/unit/delivery_case.h"

static const struct delivery_case LOGS[] = {
	{ "behind a filter",
		IN("a@c.example", "-", ONE) CLIENT("A0001") IN("b@c.example",
			"A0001", ONE) MESSAGE("A0001") REINJECTED("A0002",
			"filter[127.0.0.1]") MESSAGE("A0002") PASSED("A0001",
			"a@c.example", "A0002") PASSED("A0001", "b@c.example",
			"A0002") REMOVED("A0001")
			SENT("A0002", "z@c.example>, orig_to=<a@c.example")
				DEFERRED("A0002", "b@c.example"),
		"a@c.example A0001 sent to z@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"b@c.example A0001 deferred to b@c.example 4.4.1 "
		"one[10.8.0.25]:25 (later)\n" },
	{ "behind a filter, told late",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001")
			REINJECTED("A0002", "filter[127.0.0.1]") MESSAGE(
				"A0002") TRIED("A0002", "a@c.example",
				"5.1.1, status=bounced (no)") REMOVED("A0002")
				PASSED("A0001", "a@c.example", "A0002")
					REMOVED("A0001"),
		"a@c.example A0001 bounced to a@c.example 5.1.1 "
		"one[10.8.0.25]:25 (no)\n" },
	{ "behind a filter, not yet out",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001")
			REINJECTED("A0002", "filter[127.0.0.1]") PASSED("A0001",
				"a@c.example", "A0002") REMOVED("A0001"),
		"a@c.example A0001 queued\n" },
	{ "the next system's queue ID is not ours",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001")
			PASSED("A0001", "a@c.example", "A0002"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 2.0.0 Ok: queued as A0002)\n" },
	{ "an answer names an older message",
		REINJECTED("A0002", "x[127.0.0.1]") "+5\n" IN(
			"a@c.example", "-", ONE) CLIENT("A0001")
			MESSAGE("A0001") TRIED("A0001", "a@c.example",
				"2.0.0, status=sent (250 queued as A0002)"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 queued as A0002)\n" },
	{ "a filter before the queue",
		IN("a@c.example", "-", ONE) SMTPD(
			"NOQUEUE: client=u[192.0.2.7]") REINJECTED("A0002",
			"u[192.0.2.7]") MESSAGE("A0002")
			SMTPD("proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: "
			      "queued as A0002; from=<s@e.example> "
			      "to=<a@c.example> proto=ESMTP helo=<h>")
				SENT("A0002", "a@c.example"),
		"a@c.example A0002 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "a filter before the queue refuses",
		IN("a@c.example", "-", ONE) SMTPD(
			"NOQUEUE: client=u[192.0.2.7]")
			SMTPD("proxy-reject: END-OF-MESSAGE: 554 5.7.1 no; "
			      "from=<s@e.example> to=<a@c.example> proto=ESMTP "
			      "helo=<h>") GONE,
		"a@c.example reject 5.7.1  (554 5.7.1 no)\n" },
	{ "requeued by hand",
		IN("a@c.example", "-", ONE) CLIENT("A0001") IN("b@c.example",
			"A0001", ONE) MESSAGE("A0001") SENT("A0001",
			"a@c.example") DEFERRED("A0001",
			"b@c.example") LINE("mx postfix/pickup[7]",
			"B0002: uid=102 from=<s@e.example> orig_id=A0001")
			IN("c@c.example", "-", OTHER) OTHER_CLIENT("A0001")
				MESSAGE("B0002") SENT("B0002", "b@c.example")
					REMOVED("B0002"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"b@c.example A0001 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"c@c.example A0001 queued\n" },
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
	return unit_run(suite_create("delivery_filters"), tcase);
}
