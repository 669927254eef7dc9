/*
 * A verdict is joined to the message that it let in, and to what became of
 * each recipient.  test_delivery_whole.c: messages that Postfix did not take;
 * test_delivery_filters.c: those that passed a filter or were requeued.
 */
#include "verdicts/delivery.h"

#include "tests/unit/delivery_case.h"
#include "verdicts/filter.h"

static const struct delivery_case LOGS[] = {
	{ "one recipient",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001")
			SENT("A0001", "a@c.example") REMOVED("A0001"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "nothing has happened yet",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001"),
		"a@c.example A0001 queued\n" },
	{ "of a time that is none",
		IN("a@c.example", "-", "32c.7fffffffffffffff.1.0") GONE,
		"a@c.example\n" },
	{ "nothing more is in the log", IN("a@c.example", "-", ONE),
		"a@c.example\n" },
	{ "no more than its name is in the log",
		IN("a@c.example", "A0001", ONE), "a@c.example A0001\n" },
	{ "Postfix's lines begin later",
		IN("a@c.example", "A0001", ONE) QUEUED("A0001")
			SENT("A0001", "a@c.example"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "each recipient its own",
		IN("a@c.example", "-", ONE) CLIENT("A0001") IN("b@c.example",
			"A0001", ONE) IN("c@c.example", "A0001", ONE)
			MESSAGE("A0001") SENT("A0001", "b@c.example")
				DEFERRED("A0001", "a@c.example"),
		"a@c.example A0001 deferred to a@c.example 4.4.1 "
		"one[10.8.0.25]:25 (later)\n"
		"b@c.example A0001 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"c@c.example A0001 queued\n" },
	{ "deferred, then sent",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001")
			DEFERRED("A0001", "a@c.example") "+4000\n" QUEUED(
				"A0001") SENT("A0001", "a@c.example")
				REMOVED("A0001"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "too old",
		IN("a@c.example", "-", ONE) CLIENT("A0001") IN("b@c.example",
			"A0001",
			ONE) MESSAGE("A0001") SENT("A0001", "b@c.example")
			DEFERRED("A0001", "a@c.example") "+432000\n" QMGR(
				"A0001: from=<s@e.example>, status=expired, "
				"returned to sender") REMOVED("A0001"),
		"a@c.example A0001 expired to a@c.example 4.4.1 "
		"one[10.8.0.25]:25 (later)\n"
		"b@c.example A0001 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "deleted by hand",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001")
			DEFERRED("A0001", "a@c.example") LINE(
				"mx postfix/postsuper[7]", "A0001: removed"),
		"a@c.example A0001 deleted to a@c.example 4.4.1 "
		"one[10.8.0.25]:25 (later)\n" },
	{ "under another name, to several",
		IN("a@old.example", "-", ONE) CLIENT("A0001") IN("x@c.example",
			"A0001", ONE) MESSAGE("A0001") SENT("A0001",
			"x@c.example") SENT("A0001",
			"y@c.example>, orig_to=<a@old.example")
			SENT("A0001", "x@c.example>, orig_to=<A@OLD.example"),
		"a@old.example A0001 sent to y@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"a@old.example A0001 sent to x@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"x@c.example A0001 sent to x@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "in other letters, quotes and controls",
		IN("B@C.Example", "-", ONE) CLIENT("A0001") VERDICT("mx",
			"accept", "\"<a \\\"\\x01@c.example>\"", "A0001", ONE,
			"") IN("J\xc3\x96@c.example.", "A0001", ONE)
			MESSAGE("A0001") SENT("A0001", "b@c.example")
				SENT("A0001", "\"a \\\"?\"@c.example")
					SENT("A0001", "j\xc3\xb6@c.example"),
		"B@C.Example A0001 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"a \"\x01@c.example A0001 sent to \"a \\\"?\"@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"J\xc3\x96@c.example. A0001 sent to j\xc3\xb6@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "a recipient too long for a verdict",
		VERDICT("mx", "accept", "\"<aaa>\"...", "-", ONE, "") CLIENT(
			"A0001") MESSAGE("A0001") SENT("A0001", "b@c.example")
			SENT("A0001", "aaaa@c.example"),
		"aaa A0001 sent to aaaa@c.example 2.0.0 one[10.8.0.25]:25 "
		"(250 ok)\n" },
	{ "no line of smtpd is there",
		IN("a@c.example", "-", ONE) IN("b@c.example", "A0001", ONE)
			IN("c@c.example", "-", NEXT),
		"a@c.example A0001\n"
		"b@c.example A0001\n"
		"c@c.example\n" },
	{ "several messages in a session",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001") IN(
			"b@c.example", "-", NEXT) SENT("A0001", "a@c.example")
			CLIENT("A0002") MESSAGE("A0002") REMOVED("A0001")
				DEFERRED("A0002", "b@c.example"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"b@c.example A0002 deferred to b@c.example 4.4.1 "
		"one[10.8.0.25]:25 (later)\n" },
	{ "two sessions at a time",
		IN("a@c.example", "-", ONE) IN("a@c.example", "-", OTHER)
			OTHER_CLIENT("A0002") CLIENT("A0001") MESSAGE("A0001")
				MESSAGE("A0002") SENT("A0001", "a@c.example")
					DEFERRED("A0002", "a@c.example"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"a@c.example A0002 deferred to a@c.example 4.4.1 "
		"one[10.8.0.25]:25 (later)\n" },
	{ "a queue ID used again",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE(
			"A0001") SENT("A0001", "a@c.example") REMOVED("A0001")
			IN("a@c.example", "-", NEXT) CLIENT("A0001") MESSAGE(
				"A0001") DEFERRED("A0001", "a@c.example"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"a@c.example A0001 deferred to a@c.example 4.4.1 "
		"one[10.8.0.25]:25 (later)\n" },
	{ "used again by what nobody judged",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001")
			REMOVED("A0001") SENT("A0001", "a@c.example"),
		"a@c.example A0001\n" },
	{ "the same ID on two hosts",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE(
			"A0001") LINE("my postfix/smtp[6]",
			"A0001: to=<a@c.example>, relay=x, delay=1, "
			"delays=0/0/0/0, dsn=5.0.0, status=bounced (no)")
			LINE("my postfix/qmgr[6]", "A0001: removed"),
		"a@c.example A0001 queued\n" },
	{ "the same ID in two instances",
		IN("a@c.example", "-", ONE) LINE("mx postfix-in/smtpd[812]",
			"A0001: client=u[192.0.2.7]")
			LINE("mx postfix-in/qmgr[3]",
				"A0001: from=<s@e.example>, size=3, nrcpt=1 "
				"(queue "
				"active)") LINE("mx postfix-out/smtpd[44]",
				"A0001: client=u[127.0.0.1]")
				SENT("A0001", "a@c.example"),
		"a@c.example A0001 queued\n" },
	{ "a service with a name of its own",
		IN("a@c.example", "-", ONE) LINE("mx submission/smtpd[812]",
			"A0001: client=u[192.0.2.7]") MESSAGE("A0001")
			SENT("A0001", "a@c.example"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "the verdict is logged after the message's name",
		CLIENT("00A01") IN("a@c.example", "-", ONE) MESSAGE("00A01")
			SENT("00A01", "a@c.example"),
		"a@c.example 00A01 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "a message that policyd was not asked about",
		CLIENT("A0001") MESSAGE("A0001") IN("a@c.example", "-", ONE)
			SENT("A0001", "a@c.example") CLIENT("A0002")
				MESSAGE("A0002"),
		"a@c.example A0002 queued\n" },
	{ "an earlier one that was not asked about",
		"-2\n" CLIENT("A0001") "+2\n" IN("a@c.example", "-", ONE)
			CLIENT("A0002") MESSAGE("A0002"),
		"a@c.example A0002 queued\n" },
	{ "a name that is logged after the next verdict",
		IN("a@c.example", "-", "32c." T0 ".40141.1")
			IN("a@c.example", "-", "32c." T0 ".496b4.2")
				CLIENT("417A9AC1") CLIENT("4A56EAC1")
					MESSAGE("417A9AC1") MESSAGE("4A56EAC1")
						SENT("417A9AC1", "a@c.example"),
		"a@c.example 417A9AC1 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"a@c.example 4A56EAC1 queued\n" },
	{ "a name that was never logged",
		IN("a@c.example", "-", "32c." T0 ".40141.1") IN("a@c.example",
			"-", "32c." T0 ".496b4.2") CLIENT("4A56EAC1"),
		"a@c.example\na@c.example 4A56EAC1 queued\n" },
	{ "the next verdict comes before the header was read",
		IN("a@c.example", "-", ONE) CLIENT("A0001") IN("b@c.example",
			"-", NEXT) MESSAGE("A0001") CLIENT("A0002")
			SENT("A0001", "a@c.example") REMOVED("A0001"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"b@c.example A0002 queued\n" },
	{ "the next two verdicts come before the name",
		IN("a@c.example", "-", ONE) IN("b@c.example", "A0001", ONE)
			IN("c@c.example", "-", NEXT) CLIENT("A0001")
				MESSAGE("A0001") SENT("A0001", "b@c.example")
					CLIENT("A0002"),
		"a@c.example A0001 queued\n"
		"b@c.example A0001 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"c@c.example A0002 queued\n" },
	{ "a late name, and never whole",
		IN("a@c.example", "-", "32c." T0 ".40141.1")
			IN("a@c.example", "-", "32c." T0 ".496b4.2")
				CLIENT("417A9AC1") CLIENT("4A56EAC1"),
		"a@c.example 417A9AC1 lost\na@c.example 4A56EAC1 queued\n" },
	{ "after a message that nobody was asked about, and that was given up",
		CLIENT("7B6C2AC1") IN("a@c.example", "-", "32c." T0 ".7caf9.1")
			CLIENT("87924AC1") MESSAGE("87924AC1"),
		"a@c.example 87924AC1 queued\n" },
	{ "a late name of one that is not asked for",
		"!" IN("a@c.example", "-", "32c." T0 ".40141.1")
			IN("b@c.example", "-", "32c." T0 ".496b4.2")
				CLIENT("417A9AC1") CLIENT("4A56EAC1")
					MESSAGE("4A56EAC1"),
		"b@c.example 4A56EAC1 queued\n" },
	{ "a slow client after a refusal",
		VERDICT("mx", "reject", "<x@c.example>", "-",
			"32c." T0 ".100.1", "") IN("b@c.example", "-",
			"32c." T0 ".496b4.2") "+1\n" CLIENT("2A56EAC1")
			MESSAGE("2A56EAC1"),
		"x@c.example\nb@c.example 2A56EAC1 queued\n" },
	/* time(2) lags behind gettimeofday(2) by a tick */
	{ "a name of the next second, logged in this one",
		IN("a@c.example", "-", "32c." T0 ".40141.1") CLIENT("417A9AC1")
			MESSAGE("417A9AC1")
				IN("b@c.example", "-", "32c." T0 ".f42ea.2")
					CLIENT("000DFAC1") MESSAGE("000DFAC1"),
		"a@c.example 417A9AC1 queued\nb@c.example 000DFAC1 queued\n" },
	{ "VRFY", IN("a@c.example", "-", "-") CLIENT("A0001"),
		"a@c.example\n" },
	{ "an instance that is none",
		IN("a@c.example", "-", "zz") IN("b@c.example", "-", "32c")
			IN("c@c.example", "-", "32c.x"),
		"a@c.example\nb@c.example\nc@c.example\n" },
	{ "some are not asked for",
		"!" IN("a@c.example", "-", ONE) CLIENT("A0001")
			IN("b@c.example", "A0001", ONE) "!" IN("c@c.example",
				"A0001", ONE) REFUSED("A0001", "c@c.example")
				MESSAGE("A0001") SENT("A0001", "a@c.example")
					SENT("A0001", "b@c.example"),
		"b@c.example A0001 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "a message that was never heard of again",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE(
			"A0001") DEFERRED("A0001",
			"a@c.example") "+800000\n"
				       "!" IN("b@c.example", "-", OTHER)
					       OTHER_CLIENT("A0002") SENT(
						       "A0001", "a@c.example"),
		"a@c.example A0001 deferred to a@c.example 4.4.1 "
		"one[10.8.0.25]:25 (later)\n" },
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

/* Message by message, while the log is read. */
START_TEST(the_last_are_kept)
{
	struct delivery *delivery = delivery_open();
	enum { ALL = 2000, KEPT = 3 };

	for (unsigned i = 0; i < ALL; i++) {
		char log[1024];

		snprintf(log, sizeof log,
			IN("a%u@c.example", "-", "32c." T0 ".%x.0")
				CLIENT("A%04u") MESSAGE("A%04u")
					SENT("A%04u", "a%u@c.example"),
			i, i, i, i, i, i, i);
		delivery_log_take(delivery, log);
		delivery_keep_last(delivery, KEPT);
	}
	ck_assert_uint_eq(delivery_count(delivery), KEPT);
	for (unsigned i = 0; i < KEPT; i++) {
		const struct record *record = delivery_record(delivery, i);
		char id[8];

		snprintf(id, sizeof id, "A%04u", ALL - KEPT + i);
		ck_assert(
			slice_is(record->verdict.written[FIELD_QUEUE_ID], id));
		ck_assert_uint_eq(record->n_fates, 1);
		ck_assert_str_eq(record->fates[0].status, "sent");
	}
	delivery_keep_last(delivery, KEPT + 1);
	ck_assert_uint_eq(delivery_count(delivery), KEPT);
	delivery_keep_last(delivery, 0);
	ck_assert_uint_eq(delivery_count(delivery), 0);
	delivery_close(&delivery);
}
END_TEST

/* Each line finds its address, and each verdict its line. */
START_TEST(many_recipients_are_told_apart)
{
	struct delivery *delivery = delivery_open();
	enum { MANY = 3000 };

	delivery_log_take(
		delivery, IN("a@c.example", "-", ONE) CLIENT("A0001"));
	for (unsigned i = 0; i < MANY; i++) {
		char log[512];

		snprintf(log, sizeof log, IN("a%u@c.example", "A0001", ONE), i);
		delivery_log_take(delivery, log);
	}
	for (unsigned i = MANY; i-- > 0;) {
		char log[512];

		snprintf(log, sizeof log,
			TRIED("A0001", "a%u@c.example",
				"2.0.0, status=sent (%u)"),
			i, i);
		delivery_log_take(delivery, log);
	}
	ck_assert_uint_eq(delivery_count(delivery), MANY + 1);
	ck_assert_str_eq(
		delivery_record(delivery, 0)->fates[0].status, "queued");
	for (unsigned i = 0; i < MANY; i++) {
		const struct record *record = delivery_record(delivery, i + 1);

		ck_assert_uint_eq(record->n_fates, 1);
		ck_assert_uint_eq(strtoul(record->fates[0].said, NULL, 10), i);
	}
	delivery_close(&delivery);
}
END_TEST

/* One of them was asked for, by its name: the others do not stay. */
START_TEST(a_message_is_found_by_its_queue_id)
{
	struct delivery *delivery = delivery_open();
	struct filter *filter = filter_open();
	enum { ALL = 2000, ASKED = 700 };
	struct text out;

	text_init(&out);
	ck_assert(filter_add(filter, FIELD_QUEUE_ID, "A0700", NULL));
	delivery_set_filter(delivery, filter);
	for (unsigned i = 0; i < ALL; i++) {
		char log[2048];

		snprintf(log, sizeof log,
			VERDICT("mx", "reject", "<no@c.example>", "-",
				"32c." T0 ".%x.0", "") IN("a@c.example", "-",
				"32c." T0 ".%x.0") CLIENT("A%04u")
				MESSAGE("A%04u") SENT("A%04u", "a@c.example"),
			i, i, i, i, i, i);
		delivery_log_take(delivery, log);
	}
	delivery_log_take(delivery, IN("b@c.example", "-", OTHER));
	ck_assert_uint_eq(delivery_count(delivery), 2 * ALL + 1);
	for (unsigned i = 0; i < 2 * ALL + 1; i++) {
		const struct record *record = delivery_record(delivery, i);

		ck_assert((record != NULL) == (i / 2 == ASKED));
		if (record != NULL)
			delivery_case_add_record(&out, record);
	}
	ck_assert_str_eq(text_of(&out),
		"no@c.example A0700\n"
		"a@c.example A0700 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n");
	text_fini(&out);
	delivery_close(&delivery);
	filter_close(&filter);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, fates_are_found, 0, COUNT(LOGS));
	tcase_add_loop_test(tcase, missing_lines_are_borne, 0, COUNT(LOGS));
	tcase_add_test(tcase, the_last_are_kept);
	tcase_add_test(tcase, many_recipients_are_told_apart);
	tcase_add_test(tcase, a_message_is_found_by_its_queue_id);
	return unit_run(suite_create("delivery"), tcase);
}
