/* Each recipient of a message is counted once, whatever lines speak of it. */
#include "changes/observer.h"

#include "tests/unit/delivery_log.h"
#include "tests/unit/unit_main.h"

#include <limits.h>

struct observer_case {
	const char *name;
	const char *log; /* as delivery_log_take() has it */
	/* "RECIPIENT SOURCE VERDICT ..." for each, in groups: a message */
	const char *observed;
};

#define REJECTED(pid, id, to, words) \
	LINE("mx postfix/smtpd[" pid "]", \
		id ": reject: RCPT from u[192.0.2.7]: " words \
		   "; from=<s@e.example> to=<" to "> proto=ESMTP helo=<h>")
#define UNKNOWN(pid, to) \
	REJECTED(pid, "NOQUEUE", to, \
		"550 5.1.1 <" to ">: Recipient address rejected: User " \
		"unknown in relay recipient table")
#define NO(recipient, instance) \
	VERDICT("mx", "reject", "<" recipient ">", "-", instance, "")
#define VERIFY(recipient, id, instance) \
	"mx postfix/policyd[9]: verdict=relay reason=verify " \
	"recipient=<" recipient "> domain=c.example type=internal-relay " \
	"connector=one nexthop=smtp:[10.8.0.25]:25 directory=- " \
	"client=192.0.2.7 sender=<s@e.example> queue_id=" id \
	" instance=" instance " generation=1 " \
	"reply=reject_unverified_recipient us=5\n"
#define SHADOW(word, recipient, instance) \
	VERDICT("mx", word, "<" recipient ">", "-", instance, " shadow=yes")
#define BY_ONE " by one[10.8.0.25]:25"

static const struct observer_case LOGS[] = {
	{ "a delivery alone",
		CLIENT("A0001") MESSAGE("A0001") SENT("A0001", "a@c.example")
			REMOVED("A0001"),
		"1 a@c.example delivery accept u to a@c.example" BY_ONE "\n" },
	{ "a verdict alone", IN("a@c.example", "-", ONE),
		"1 a@c.example verdict accept u\n" },
	{ "what the doctor asked is nobody's mail",
		NO("postshare-doctor@c.example", "doctor"), "" },
	{ "a verdict covers its delivery",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001")
			SENT("A0001", "a@c.example") REMOVED("A0001"),
		"1 a@c.example verdict accept u to a@c.example" BY_ONE "\n" },
	{ "and not that of others",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001")
			SENT("A0001", "a@c.example")
				SENT("A0001", "b@c.example") REMOVED("A0001"),
		"1 a@c.example verdict accept u to a@c.example" BY_ONE "\n"
		"1 b@c.example delivery accept u to b@c.example" BY_ONE "\n" },
	{ "several recipients are one message",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			IN("b@c.example", "A0001", ONE) MESSAGE("A0001")
				SENT("A0001", "a@c.example")
					SENT("A0001", "b@c.example"),
		"1 a@c.example verdict accept u to a@c.example" BY_ONE "\n"
		"1 b@c.example verdict accept u to b@c.example" BY_ONE "\n" },
	{ "verdicts alone know their message",
		IN("a@c.example", "-", ONE) IN("b@c.example", "A0001", ONE)
			IN("c@c.example", "-", NEXT),
		"1 c@c.example verdict accept u\n"
		"2 a@c.example verdict accept u\n"
		"2 b@c.example verdict accept u\n" },
	{ "by the address that the client gave",
		CLIENT("A0001") MESSAGE("A0001")
			SENT("A0001", "z@s.example>, orig_to=<A@c.example"),
		"1 a@c.example delivery accept u to z@s.example" BY_ONE "\n" },
	{ "attempts are one delivery",
		CLIENT("A0001") MESSAGE("A0001") DEFERRED(
			"A0001", "a@c.example") "+4000\n" QUEUED("A0001")
			SENT("A0001", "a@c.example") REMOVED("A0001"),
		"1 a@c.example delivery accept u to a@c.example" BY_ONE "\n" },
	{ "an alias for several is one recipient",
		CLIENT("A0001") MESSAGE("A0001") SENT(
			"A0001", "x@c.example>, orig_to=<a@c.example")
			SENT("A0001", "y@c.example>, orig_to=<a@c.example"),
		"1 a@c.example delivery accept u several\n" },
	{ "bounced by the system behind",
		CLIENT("A0001") MESSAGE("A0001") TRIED(
			"A0001", "a@c.example", "5.1.1, status=bounced (no)"),
		"1 a@c.example delivery accept u bounced to a@c.example" BY_ONE
		"\n" },
	{ "bounced by an Exchange behind",
		CLIENT("A0001") MESSAGE("A0001") TRIED(
			"A0001", "a@c.example", "5.1.10, status=bounced (no)"),
		"1 a@c.example delivery accept u bounced to a@c.example" BY_ONE
		"\n" },
	{ "bounced for another reason",
		CLIENT("A0001") MESSAGE("A0001") TRIED(
			"A0001", "a@c.example", "5.7.1, status=bounced (no)"),
		"1 a@c.example delivery accept u to a@c.example" BY_ONE "\n" },
	{ "the log begins in the middle", SENT("A0001", "a@c.example"),
		"1 a@c.example delivery accept to a@c.example" BY_ONE "\n" },
	{ "a probe is no delivery",
		TRIED("A0001", "a@c.example", "2.1.5, status=deliverable (ok)"),
		"" },
	{ "a refusal alone", UNKNOWN("812", "a@c.example"),
		"1 a@c.example refusal reject unknown u\n" },
	{ "a verdict covers its refusal",
		NO("a@c.example", ONE) UNKNOWN("812", "a@c.example"),
		"1 a@c.example verdict reject u\n" },
	{ "each its own",
		NO("a@c.example", ONE) UNKNOWN("812", "a@c.example")
			NO("a@c.example", ONE) UNKNOWN("812", "a@c.example"),
		"1 a@c.example verdict reject u\n"
		"2 a@c.example verdict reject u\n" },
	{ "of that process alone",
		NO("a@c.example", ONE) UNKNOWN("813", "a@c.example"),
		"1 a@c.example verdict reject u\n"
		"2 a@c.example refusal reject unknown u\n" },
	{ "of that host alone",
		NO("a@c.example", ONE) LINE("mx2 postfix/smtpd[812]",
			"NOQUEUE: reject: RCPT from u[192.0.2.7]: 550 5.1.1 "
			"<a@c.example>: Recipient address rejected: User "
			"unknown in relay recipient table; "
			"from=<s@e.example> to=<a@c.example> proto=ESMTP "
			"helo=<h>"),
		"1 a@c.example verdict reject u\n"
		"2 a@c.example refusal reject unknown u\n" },
	{ "and once",
		NO("a@c.example", ONE) UNKNOWN("812", "a@c.example")
			UNKNOWN("812", "a@c.example"),
		"1 a@c.example verdict reject u\n"
		"2 a@c.example refusal reject unknown u\n" },
	{ "the refusal was logged first",
		UNKNOWN("812", "a@c.example") NO("a@c.example", ONE),
		"1 a@c.example verdict reject u\n" },
	{ "the system behind was asked, and refused",
		VERIFY("A@c.example", "-", ONE) REJECTED("812", "NOQUEUE",
			"a@c.example",
			"550 5.1.1 <a@c.example>: Recipient address rejected: "
			"undeliverable address: no"),
		"1 A@c.example verdict reject u\n" },
	{ "the second one was asked for, and refused for now",
		IN("b@c.example", "-", ONE) CLIENT("A0001")
			VERIFY("a@c.example", "A0001", ONE)
				REJECTED("812", "A0001", "a@c.example",
					"450 4.1.1 <a@c.example>: Recipient "
					"address rejected: undeliverable "
					"address: no"),
		"1 b@c.example verdict accept u\n"
		"1 a@c.example verdict defer u\n" },
	{ "the system behind was asked, and a list refused",
		VERIFY("a@c.example", "-", ONE)
			REJECTED("812", "NOQUEUE", "a@c.example",
				"554 5.7.1 <a@c.example>: Access denied"),
		"1 a@c.example verdict relay u\n" },
	{ "before policyd came",
		UNKNOWN("812", "a@c.example") "+60\n" NO("a@c.example", ONE),
		"1 a@c.example verdict reject u\n"
		"2 a@c.example refusal reject unknown u\n" },
	{ "the refusal comes after the next verdict",
		NO("a@c.example", ONE) IN("b@c.example", "-", NEXT)
			UNKNOWN("812", "a@c.example"),
		"1 a@c.example verdict reject u\n"
		"2 b@c.example verdict accept u\n" },
	{ "the refusal comes long after the next verdict",
		NO("a@c.example", ONE) IN("b@c.example", "-",
			NEXT) "+60\n" UNKNOWN("812", "a@c.example"),
		"1 a@c.example verdict reject u\n"
		"2 a@c.example refusal reject unknown u\n"
		"3 b@c.example verdict accept u\n" },
	{ "not ours",
		REJECTED("812", "NOQUEUE", "a@c.example",
			"554 5.7.1 <a@c.example>: Relay access denied"),
		"1 a@c.example refusal pass not-ours u\n" },
	{ "for another reason",
		REJECTED("812", "NOQUEUE", "a@c.example",
			"554 5.7.1 <a@c.example>: Access denied"),
		"1 a@c.example nothing u\n" },
	{ "for another reason, after a verdict",
		IN("a@c.example", "-", ONE)
			REJECTED("812", "NOQUEUE", "a@c.example",
				"554 5.7.1 <a@c.example>: Access denied"),
		"1 a@c.example verdict accept u\n" },
	{ "a shadow that would have refused",
		SHADOW("reject", "a@c.example", ONE) CLIENT("A0001") MESSAGE(
			"A0001") SENT("A0001", "a@c.example") REMOVED("A0001"),
		"1 a@c.example verdict reject u to a@c.example" BY_ONE "\n" },
	{ "behind a filter",
		CLIENT("A0001") MESSAGE("A0001") REINJECTED(
			"A0002", "filter[127.0.0.1]") MESSAGE("A0002")
			PASSED("A0001", "a@c.example", "A0002") REMOVED("A0001")
				SENT("A0002", "a@c.example") REMOVED("A0002"),
		"1 a@c.example delivery accept u to a@c.example" BY_ONE "\n" },
	{ "behind a filter, told late",
		CLIENT("A0001") MESSAGE("A0001") REINJECTED(
			"A0002", "filter[127.0.0.1]") MESSAGE("A0002")
			SENT("A0002", "z@s.example>, orig_to=<a@c.example")
				REMOVED("A0002") PASSED("A0001", "a@c.example",
					"A0002") REMOVED("A0001"),
		"1 a@c.example delivery accept u to z@s.example" BY_ONE "\n" },
	{ "a verdict, behind a filter",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001")
			REINJECTED("A0002", "filter[127.0.0.1]") MESSAGE(
				"A0002") PASSED("A0001",
				"z@s.example>, orig_to=<a@c.example", "A0002")
				REMOVED("A0001") SENT("A0002", "z@s.example")
					REMOVED("A0002"),
		"1 a@c.example verdict accept u to z@s.example" BY_ONE "\n" },
	{ "behind a filter, and what its smtpd is asked next",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001")
			REINJECTED("A0002", "filter[127.0.0.1]") MESSAGE(
				"A0002") PASSED("A0001", "a@c.example", "A0002")
				IN("b@c.example", "-", "384." T0 ".1.1")
					SENT("A0002", "a@c.example"),
		"1 b@c.example verdict accept u\n"
		"2 a@c.example verdict accept u to a@c.example" BY_ONE "\n" },
	{ "a message from before is behind no filter",
		CLIENT("A0002") MESSAGE("A0002") "+10\n" CLIENT("A0001")
			MESSAGE("A0001") PASSED("A0001", "a@c.example", "A0002")
				SENT("A0002", "b@c.example"),
		"1 a@c.example delivery accept u to a@c.example" BY_ONE "\n"
		"2 b@c.example delivery accept u to b@c.example" BY_ONE "\n" },
	{ "several of an alias, behind a filter",
		CLIENT("A0001") MESSAGE("A0001") REINJECTED("A0002",
			"filter[127.0.0.1]") MESSAGE("A0002") PASSED("A0001",
			"x@c.example>, orig_to=<a@c.example", "A0002")
			PASSED("A0001", "y@c.example>, orig_to=<a@c.example",
				"A0002") SENT("A0002", "x@c.example")
				SENT("A0002", "y@c.example"),
		"1 a@c.example delivery accept u to x@c.example" BY_ONE "\n" },
	{ "a filter before the queue",
		IN("a@c.example", "-", ONE) SMTPD(
			"NOQUEUE: client=u[192.0.2.7]") REINJECTED("A0002",
			"f[127.0.0.1]") MESSAGE("A0002")
			SMTPD("proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: "
			      "queued as A0002; from=<s@e.example> "
			      "to=<a@c.example> proto=ESMTP helo=<h>")
				SENT("A0002", "a@c.example"),
		"1 a@c.example verdict accept u to a@c.example" BY_ONE "\n" },
	{ "a filter before the queue has the client",
		SMTPD("NOQUEUE: client=u[192.0.2.7]") REINJECTED(
			"A0002", "f[unknown]") MESSAGE("A0002")
			SMTPD("proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: "
			      "queued as A0002; from=<s@e.example> "
			      "to=<a@c.example> proto=ESMTP helo=<h>")
				SENT("A0002", "a@c.example"),
		"1 a@c.example delivery accept u to a@c.example" BY_ONE "\n" },
	{ "forwarded here",
		CLIENT("A0001") MESSAGE("A0001") MESSAGE("A0002") TRIED("A0001",
			"a@c.example",
			"2.0.0, status=sent (forwarded as A0002)")
			SENT("A0002", "b@c.example>, orig_to=<a@c.example"),
		"1 a@c.example delivery accept u to b@c.example" BY_ONE "\n" },
	{ "requeued by hand",
		CLIENT("A0001") MESSAGE("A0001") DEFERRED(
			"A0001", "a@c.example") LINE("mx postfix/pickup[3]",
			"A0003: uid=0 from=<s@e.example> orig_id=A0001")
			MESSAGE("A0003") SENT("A0003", "a@c.example"),
		"1 a@c.example delivery accept u to a@c.example" BY_ONE "\n" },
	{ "a queue ID comes again",
		CLIENT("A0001") MESSAGE("A0001") SENT("A0001", "a@c.example")
			REMOVED("A0001") CLIENT("A0001") MESSAGE("A0001")
				SENT("A0001", "a@c.example"),
		"1 a@c.example delivery accept u to a@c.example" BY_ONE "\n"
		"2 a@c.example delivery accept u to a@c.example" BY_ONE "\n" },
	{ "a queue ID comes again, of which the log has no beginning",
		SENT("A0001", "a@c.example") REMOVED("A0001") CLIENT("A0001")
			MESSAGE("A0001") SENT("A0001", "b@c.example"),
		"1 a@c.example delivery accept to a@c.example" BY_ONE "\n"
		"2 b@c.example delivery accept u to b@c.example" BY_ONE "\n" },
	{ "a queue ID comes again, long after",
		CLIENT("A0001") MESSAGE("A0001") SENT("A0001", "a@c.example")
			REMOVED("A0001") "+61\n" CLEANED("A0002")
				SENT("A0001", "b@c.example"),
		"1 a@c.example delivery accept u to a@c.example" BY_ONE "\n"
		"2 b@c.example delivery accept to b@c.example" BY_ONE "\n" },
	{ "a client that goes before its message is whole",
		CLIENT("A0001") GONE IN("b@c.example", "-", ONE)
			SENT("A0001", "a@c.example"),
		"1 b@c.example verdict accept u\n"
		"2 a@c.example delivery accept u to a@c.example" BY_ONE "\n" },
	{ "the name was logged before the verdict",
		CLIENT("A0001") IN("a@c.example", "-", ONE) MESSAGE("A0001")
			SENT("A0001", "a@c.example"),
		"1 a@c.example verdict accept u to a@c.example" BY_ONE "\n" },
	{ "bytes that Postfix does not show",
		VERDICT("mx", "accept", "\"<a\\x07b@c.example>\"", "-", ONE, "")
			CLIENT("A0001") MESSAGE("A0001")
				SENT("A0001", "\"a?b\"@c.example"),
		"1 a\ab@c.example verdict accept u to a?b@c.example" BY_ONE
		"\n" },
	{ "no more than its beginning",
		VERDICT("mx", "accept", "\"<long@c>\"...", "-", ONE, "")
			CLIENT("A0001") MESSAGE("A0001")
				SENT("A0001", "long@c.example"),
		"1 long@c verdict accept cut u to long@c.example" BY_ONE "\n" },
};

struct seen {
	struct text text;
	unsigned long message, number;
};

static const char *const SOURCES[] = { "verdict", "refusal", "delivery" };

static void see(
	void *context, const struct observed *observed, unsigned long message)
{
	struct seen *seen = context;
	struct text *text = &seen->text;

	seen->number += seen->message != message;
	seen->message = message;
	text_addf(text, "%lu ", seen->number);
	text_add(text, observed->recipient, observed->len);
	if (observed->says_nothing)
		text_adds(text, " nothing");
	else
		text_addf(text, " %s %s", SOURCES[observed->source],
			verdict_format(observed->verdict));
	if (observed->source == OBSERVED_REFUSAL && !observed->says_nothing)
		text_addf(text, " %s", reason_format(observed->reason));
	if (observed->is_cut)
		text_adds(text, " cut");
	if (observed->client.is_known)
		text_adds(text, " u");
	if (observed->is_bounced)
		text_adds(text, " bounced");
	if (observed->is_several)
		text_adds(text, " several");
	else if (observed->to != NULL)
		text_addf(text, " to %s by %s", observed->to, observed->relay);
	text_adds(text, "\n");
}

static void hear(struct observer *observer, const char *line, int64_t time_us)
{
	char *whole;

	ck_assert_int_gt(asprintf(&whole, "Nov 21 06:00:32 %.*s",
				 (int)strcspn(line, "\n"), line),
		0);
	struct record record = { .time_us = time_us, .line = slice_of(whole) };

	ck_assert_msg(log_line_parse(&record.log, record.line), "%s", whole);
	if (!verdict_begins(record.log.message)) {
		observer_line(observer, time_us, &record.log);
	} else {
		ck_assert_msg(
			verdict_parse(&record.verdict, record.log.message),
			"%s", whole);
		ck_assert(observer_verdict(observer, &record));
	}
	free(whole);
}

static void hear_all(
	struct observer *observer, const char *log, unsigned left_out)
{
	int64_t time_us = NOON * (int64_t)1000000;

	for (unsigned i = 0; *log != '\0'; i++) {
		if (*log == '+')
			time_us += strtol(log, NULL, 10) * 1000000;
		else if (i != left_out)
			hear(observer, log, time_us);
		log = strchr(log, '\n') + 1;
	}
}

static void observe(struct seen *seen, const char *log, unsigned left_out)
{
	const struct observed_sink sink = { see, seen };
	struct observer *observer = observer_open(&sink);

	*seen = (struct seen){ .number = 0 };
	text_init(&seen->text);
	hear_all(observer, log, left_out);
	observer_finish(observer);
	observer_close(&observer);
	ck_assert_ptr_null(observer);
	observer_close(&observer);
}

START_TEST(a_recipient_is_counted_once)
{
	const struct observer_case *c = &LOGS[_i];
	struct seen seen;

	observe(&seen, c->log, UINT_MAX);
	ck_assert_msg(strcmp(text_of(&seen.text), c->observed) == 0,
		"%s:\n%s---\n%s", c->name, text_of(&seen.text), c->observed);
	text_fini(&seen.text);
}
END_TEST

/* Nothing is lost or broken where any one line is not there. */
START_TEST(a_line_may_be_missing)
{
	const char *log = LOGS[_i].log;
	unsigned n_lines = 0;

	for (const char *at = log; *at != '\0'; at++)
		n_lines += *at == '\n';
	for (unsigned i = 0; i < n_lines; i++) {
		struct seen seen;

		observe(&seen, log, i);
		text_fini(&seen.text);
	}
}
END_TEST

START_TEST(nothing_is_handed_out_unasked)
{
	struct seen seen = { .number = 0 };
	const struct observed_sink sink = { see, &seen };
	struct observer *observer = observer_open(&sink);

	text_init(&seen.text);
	hear_all(observer,
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			UNKNOWN("813", "b@c.example"),
		UINT_MAX);
	observer_close(&observer);
	ck_assert_str_eq(text_of(&seen.text), "");
	text_fini(&seen.text);
}
END_TEST

START_TEST(words_that_are_none_are_refused)
{
	struct seen seen = { .number = 0 };
	const struct observed_sink sink = { see, &seen };
	struct observer *observer = observer_open(&sink);
	struct record record = {
		.line = slice_of("Nov 21 06:00:32 " VERDICT(
			"mx", "adopt", "<a@c.example>", "-", ONE, ""))
	};

	record.line.len--;
	ck_assert(log_line_parse(&record.log, record.line));
	ck_assert(verdict_parse(&record.verdict, record.log.message));
	ck_assert(!observer_verdict(observer, &record));
	observer_close(&observer);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("observer");

	tcase_add_loop_test(tcase, a_recipient_is_counted_once, 0, COUNT(LOGS));
	tcase_add_loop_test(tcase, a_line_may_be_missing, 0, COUNT(LOGS));
	tcase_add_test(tcase, nothing_is_handed_out_unasked);
	tcase_add_test(tcase, words_that_are_none_are_refused);
	return unit_run(suite_create("observer"), tcase);
}
