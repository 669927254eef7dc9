/*
 * Lines of a log without their time, as Postfix and policyd on "mx" write
 * them.  id: a queue ID; to, recipient: bare addresses.
 */
#ifndef TESTS_UNIT_DELIVERY_LOG_H
#define TESTS_UNIT_DELIVERY_LOG_H

#include "tests/unit/sink_text.h"
#include "verdicts/delivery.h"

/* 2025-11-21 06:00:32 UTC, and in instances. */
#define NOON 1763704832
#define T0 "69200000"

/* smtpd[812] and smtpd[813], their transactions. */
#define ONE "32c." T0 ".1.0"
#define NEXT "32c." T0 ".2.1"
#define OTHER "32d." T0 ".1.0"

#define VERDICT(host, word, recipient, id, instance, more) \
	host " postfix/policyd[9]: verdict=" word \
	     " reason=listed recipient=" recipient \
	     " domain=c.example type=authoritative connector=one " \
	     "nexthop=smtp:[10.8.0.25]:25 directory=one client=192.0.2.7 " \
	     "sender=<s@e.example> queue_id=" id " instance=" instance \
	     " generation=1 reply=DUNNO us=5" more "\n"
#define IN(recipient, id, instance) \
	VERDICT("mx", "accept", "<" recipient ">", id, instance, "")

#define LINE(tag, text) tag ": " text "\n"
#define SMTPD(text) LINE("mx postfix/smtpd[812]", text)
#define CLEANUP(text) LINE("mx postfix/cleanup[5]", text)
#define QMGR(text) LINE("mx postfix/qmgr[2]", text)

#define CLIENT(id) SMTPD(id ": client=u[192.0.2.7]")
#define OTHER_CLIENT(id) \
	LINE("mx postfix/smtpd[813]", id ": client=u[192.0.2.7]")
/* Given back by a filter, or passed on by it. */
#define REINJECTED(id, client) \
	LINE("mx postfix/smtpd[900]", id ": client=" client)
#define CLEANED(id) CLEANUP(id ": message-id=<1@e.example>")
#define QUEUED(id) \
	QMGR(id ": from=<s@e.example>, size=3, nrcpt=1 (queue active)")
#define MESSAGE(id) CLEANED(id) QUEUED(id)
#define REMOVED(id) QMGR(id ": removed")

#define TRIED(id, to, end) \
	LINE("mx postfix/smtp[6]", \
		id ": to=<" to ">, relay=one[10.8.0.25]:25, delay=1, " \
		   "delays=1/0/0/0, dsn=" end)
#define SENT(id, to) TRIED(id, to, "2.0.0, status=sent (250 ok)")
#define DEFERRED(id, to) TRIED(id, to, "4.4.1, status=deferred (later)")
/* To a filter, or to a system whose name for it is next. */
#define PASSED(id, to, next) \
	TRIED(id, to, "2.0.0, status=sent (250 2.0.0 Ok: queued as " next ")")

#define REFUSED(id, to) \
	SMTPD(id ": reject: RCPT from u[192.0.2.7]: 554 5.7.1 <" to \
		 ">: Access denied; from=<s@e.example> to=<" to \
		 "> proto=ESMTP helo=<h>")
#define GONE SMTPD("disconnect from u[192.0.2.7] mail=1 rcpt=1 quit=1")

HELPER void delivery_log_line(
	struct delivery *delivery, const char *line, int64_t time_us)
{
	const bool wanted = *line != '!';
	char *whole;

	ck_assert_int_gt(
		asprintf(&whole, "Nov 21 06:00:32 %.*s",
			(int)strcspn(line + !wanted, "\n"), line + !wanted),
		0);
	struct record record = {
		.time_us = time_us,
		.line = slice_of(whole),
	};

	ck_assert_msg(log_line_parse(&record.log, record.line), "%s", whole);
	if (!verdict_begins(record.log.message)) {
		delivery_line(delivery, time_us, &record.log);
	} else {
		ck_assert_msg(
			verdict_parse(&record.verdict, record.log.message),
			"%s", whole);
		delivery_verdict(delivery, &record, wanted);
	}
	free(whole);
}

/*
 * The lines of log, from NOON on.  "+N" or "-N" lets N seconds pass; "!"
 * before a verdict: nobody asked for it.
 */
HELPER void delivery_log_take(struct delivery *delivery, const char *log)
{
	int64_t time_us = NOON * (int64_t)1000000;

	while (*log != '\0') {
		if (*log == '+' || *log == '-')
			time_us += strtol(log, NULL, 10) * 1000000;
		else
			delivery_log_line(delivery, log, time_us);
		log = strchr(log, '\n') + 1;
	}
}

#endif
