#include "verdicts/delivery.h"

#include "base/text.h"
#include "sink_text.h"
#include "unit_main.h"
#include "verdicts/filter.h"

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

#define SMTPD "mx postfix/smtpd[812]: "
#define CLIENT(id) SMTPD id ": client=u[192.0.2.7]\n"
#define CLEANED(id) "mx postfix/cleanup[5]: " id ": message-id=<1@e.example>\n"
#define QUEUED(id) \
	"mx postfix/qmgr[2]: " id \
	": from=<s@e.example>, size=3, nrcpt=1 (queue active)\n"
#define REMOVED(id) "mx postfix/qmgr[2]: " id ": removed\n"
#define TRIED(id, to, end) \
	"mx postfix/smtp[6]: " id ": to=<" to \
	">, relay=one[10.8.0.25]:25, delay=1, delays=1/0/0/0, dsn=" end "\n"
#define SENT(id, to) TRIED(id, to, "2.0.0, status=sent (250 ok)")
#define DEFERRED(id, to) TRIED(id, to, "4.4.1, status=deferred (later)")
#define REFUSED(id, to) \
	SMTPD id ": reject: RCPT from u[192.0.2.7]: 554 5.7.1 <" to \
		 ">: Access denied; from=<s@e.example> to=<" to \
		 "> proto=ESMTP helo=<h>\n"
#define MESSAGE(id) CLEANED(id) QUEUED(id)
#define GONE SMTPD "disconnect from u[192.0.2.7] mail=1 rcpt=1 quit=1\n"

/* "+N" lets N seconds pass; "!" before a verdict: nobody asked for it. */
static const struct log_case {
	const char *name, *log, *fates;
} LOGS[] = {
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
			"A0001", ONE) MESSAGE("A0001") SENT("A0001",
			"b@c.example") DEFERRED("A0001",
			"a@c.example") "+432000\n"
				       "mx postfix/qmgr[2]: A0001: from=<s@e.example>, "
				       "status=expired, returned to sender\n" REMOVED(
					       "A0001"),
		"a@c.example A0001 expired to a@c.example 4.4.1 "
		"one[10.8.0.25]:25 (later)\n"
		"b@c.example A0001 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "deleted by hand",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE(
			"A0001") DEFERRED("A0001",
			"a@c.example") "mx postfix/postsuper[7]: A0001: removed\n",
		"a@c.example A0001 deleted to a@c.example 4.4.1 "
		"one[10.8.0.25]:25 (later)\n" },
	{ "under another name, to several",
		IN("a@old.example", "-", ONE) CLIENT("A0001")
			IN("x@c.example", "A0001", ONE) MESSAGE("A0001")
				SENT("A0001", "x@c.example") SENT("A0001",
					"y@c.example>, orig_to=<a@old.example")
					SENT("A0001",
						"x@c.example>, "
						"orig_to=<A@OLD.example"),
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
	{ "no line of smtpd is there",
		IN("a@c.example", "-", ONE) IN("b@c.example", "A0001", ONE)
			IN("c@c.example", "-", NEXT),
		"a@c.example A0001\n"
		"b@c.example A0001\n"
		"c@c.example\n" },
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
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			IN("b@c.example", "A0001", ONE) CLEANED("A0001") SMTPD
		"A0001: reject: END-OF-MESSAGE from u[192.0.2.7]: 554 5.7.1 "
		"no; from=<s@e.example> proto=ESMTP helo=<h>\n" GONE,
		"a@c.example A0001 reject 5.7.1  (554 5.7.1 no)\n"
		"b@c.example A0001 reject 5.7.1  (554 5.7.1 no)\n" },
	{ "its header is refused",
		IN("a@c.example", "-", ONE) CLIENT(
			"A0001") "mx postfix/cleanup[5]: A0001: reject: header Subject: x from "
				 "u[192.0.2.7]; from=<s@e.example> to=<a@c.example> proto=SMTP "
				 "helo=<h>: 5.7.1 no\n" GONE,
		"a@c.example A0001 reject 5.7.1  (header Subject: x from "
		"u[192.0.2.7]; from=<s@e.example> to=<a@c.example> proto=SMTP "
		"helo=<h>: 5.7.1 no)\n" },
	{ "on hold, and released",
		IN("a@c.example", "-", ONE) CLIENT("A0001") SMTPD
		"A0001: hold: DATA from u[192.0.2.7]: x; from=<s@e.example> "
		"proto=SMTP helo=<h>\n" CLEANED("A0001") SMTPD
		"disconnect from u[192.0.2.7] mail=1 rcpt=1 data=1\n" IN(
			"b@c.example", "-",
			OTHER) "mx postfix/smtpd[813]: A0002: hold: RCPT from u[192.0.2.7]: "
			       "y; from=<s@e.example> to=<b@c.example> proto=SMTP helo=<h>\n"
			       "mx postfix/smtpd[813]: A0002: client=u[192.0.2.7]\n" CLEANED(
				       "A0002") QUEUED("A0002")
				       SENT("A0002", "b@c.example"),
		"a@c.example A0001 hold  (x)\n"
		"b@c.example A0002 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "thrown away",
		IN("a@c.example", "-", ONE) CLIENT("A0001") SMTPD
		"A0001: discard: DATA from u[192.0.2.7]: x; "
		"from=<s@e.example> proto=SMTP helo=<h>\n" GONE,
		"a@c.example A0001 discard  (x)\n" },
	{ "the client went before the message",
		IN("a@c.example", "-", ONE) CLIENT("A0001") SMTPD
		"lost connection after RCPT from u[192.0.2.7]\n" GONE,
		"a@c.example A0001 lost  (lost connection after RCPT from "
		"u[192.0.2.7])\n" },
	{ "the client went within the message",
		IN("a@c.example", "-", ONE) CLIENT("A0001") CLEANED("A0001")
			SMTPD "lost connection after DATA (3 bytes) from "
			      "u[192.0.2.7]\n" GONE,
		"a@c.example A0001 lost  (lost connection after DATA (3 "
		"bytes) from u[192.0.2.7])\n" },
	{ "the client went after the message",
		IN("a@c.example", "-", ONE) CLIENT("A0001") CLEANED("A0001")
			SMTPD
		"lost connection after END-OF-MESSAGE from u[192.0.2.7]\n" SMTPD
		"disconnect from u[192.0.2.7] mail=1 rcpt=1 data=1\n" QUEUED(
			"A0001") SENT("A0001", "a@c.example"),
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
		IN("a@c.example", "-", ONE) IN("a@c.example", "-",
			OTHER) "mx postfix/smtpd[813]: A0002: client=u[192.0.2.7]\n" CLIENT("A0001")
			MESSAGE("A0001") MESSAGE("A0002") SENT("A0001",
				"a@c.example") DEFERRED("A0002", "a@c.example"),
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
			"A0001") "my postfix/smtp[6]: A0001: to=<a@c.example>, relay=x, "
				 "delay=1, delays=0/0/0/0, dsn=5.0.0, status=bounced (no)\n"
				 "my postfix/qmgr[6]: A0001: removed\n",
		"a@c.example A0001 queued\n" },
	{ "the same ID in two instances",
		IN("a@c.example", "-",
			ONE) "mx postfix-in/smtpd[812]: A0001: client=u[192.0.2.7]\n"
			     "mx postfix-in/qmgr[3]: A0001: from=<s@e.example>, size=3, "
			     "nrcpt=1 (queue active)\n"
			     "mx postfix-out/smtpd[44]: A0001: client=u[127.0.0.1]\n" SENT(
				     "A0001", "a@c.example"),
		"a@c.example A0001 queued\n" },
	{ "a service with a name of its own",
		IN("a@c.example", "-",
			ONE) "mx submission/smtpd[812]: A0001: client=u[192.0.2.7]\n" MESSAGE("A0001")
			SENT("A0001", "a@c.example"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "behind a filter",
		IN("a@c.example", "-", ONE) CLIENT("A0001") IN(
			"b@c.example", "A0001", ONE)
			MESSAGE("A0001") "mx postfix/smtpd[900]: A0002: client=filter[127.0.0.1]\n" MESSAGE(
				"A0002") TRIED("A0001", "a@c.example",
				"2.0.0, status=sent (250 2.0.0 Ok: "
				"queued as A0002)") TRIED("A0001",
				"b@c.example",
				"2.0.0, status=sent (250 "
				"2.0.0 Ok: queued as A0002)") REMOVED("A0001")
				SENT("A0002",
					"z@c.example>, "
					"orig_to=<a@c.example")
					DEFERRED("A0002", "b@c.example"),
		"a@c.example A0001 sent to z@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"b@c.example A0001 deferred to b@c.example 4.4.1 "
		"one[10.8.0.25]:25 (later)\n" },
	{ "behind a filter, told late",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			MESSAGE("A0001") "mx postfix/smtpd[900]: A0002: client=filter[127.0.0.1]\n" MESSAGE(
				"A0002") TRIED("A0002", "a@c.example",
				"5.1.1, status=bounced (no)") REMOVED("A0002")
				TRIED("A0001", "a@c.example",
					"2.0.0, status=sent (250 2.0.0 Ok: "
					"queued as A0002)") REMOVED("A0001"),
		"a@c.example A0001 bounced to a@c.example 5.1.1 "
		"one[10.8.0.25]:25 (no)\n" },
	{ "behind a filter, not yet out",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			MESSAGE("A0001") "mx postfix/smtpd[900]: A0002: client=filter[127.0.0.1]\n" TRIED(
				"A0001", "a@c.example",
				"2.0.0, status=sent (250 2.0.0 Ok: queued as "
				"A0002)") REMOVED("A0001"),
		"a@c.example A0001 queued\n" },
	{ "the next system's queue ID is not ours",
		IN("a@c.example", "-", ONE) CLIENT("A0001") MESSAGE("A0001")
			TRIED("A0001", "a@c.example",
				"2.0.0, status=sent (250 2.0.0 Ok: queued as "
				"A0002)"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 2.0.0 Ok: queued as A0002)\n" },
	{ "an answer names an older message",
		"mx postfix/smtpd[900]: A0002: client=x[127.0.0.1]\n+5\n" IN(
			"a@c.example", "-", ONE) CLIENT("A0001")
			MESSAGE("A0001") TRIED("A0001", "a@c.example",
				"2.0.0, status=sent (250 queued as A0002)"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 queued as A0002)\n" },
	{ "a filter before the queue",
		IN("a@c.example", "-", ONE) SMTPD
		"NOQUEUE: client=u[192.0.2.7]\n"
		"mx postfix/smtpd[900]: A0002: client=u[192.0.2.7]\n" MESSAGE(
			"A0002") SMTPD
		"proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as A0002; from=<s@e.example> "
		"to=<a@c.example> proto=ESMTP helo=<h>\n" SENT(
			"A0002", "a@c.example"),
		"a@c.example A0002 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "a filter before the queue refuses",
		IN("a@c.example", "-", ONE) SMTPD
		"NOQUEUE: client=u[192.0.2.7]\n" SMTPD
		"proxy-reject: END-OF-MESSAGE: 554 5.7.1 no; from=<s@e.example> to=<a@c.example> proto=ESMTP "
		"helo=<h>\n" GONE,
		"a@c.example reject 5.7.1  (554 5.7.1 no)\n" },
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
	{ "an end that is logged after the next session's verdicts",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			IN("b@c.example", "-", NEXT) SMTPD
		"lost connection after RCPT from u[192.0.2.7]\n" GONE CLIENT(
			"A0002") MESSAGE("A0002") SENT("A0002", "b@c.example"),
		"a@c.example A0001 lost\n"
		"b@c.example A0002 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
	{ "also where they have a name",
		IN("b@c.example", "-", NEXT) IN("c@c.example", "A0002", NEXT)
			SMTPD
		"lost connection after RCPT from u[192.0.2.7]\n" GONE CLIENT(
			"A0002") MESSAGE("A0002") SENT("A0002", "c@c.example"),
		"b@c.example A0002 queued\n"
		"c@c.example A0002 sent to c@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n" },
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
	{ "a refusal of the message after the next verdict",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			IN("b@c.example", "-", NEXT) CLEANED(
				"A0001") "mx postfix/cleanup[5]: A0001: reject: header X: y from "
					 "u[192.0.2.7]; from=<s@e.example> to=<a@c.example> proto=SMTP "
					 "helo=<h>: 5.7.1 no\n",
		"a@c.example A0001 reject 5.7.1  (header X: y from "
		"u[192.0.2.7]; from=<s@e.example> to=<a@c.example> proto=SMTP "
		"helo=<h>: 5.7.1 no)\n"
		"b@c.example\n" },
	{ "a refusal at DATA after the next message has a name",
		IN("a@c.example", "-", ONE) CLIENT("A0001") IN("b@c.example",
			"-", NEXT) IN("c@c.example", "A0002", NEXT) SMTPD
		"A0001: reject: DATA from u[192.0.2.7]: 550 5.7.1 no; "
		"from=<s@e.example> proto=SMTP helo=<h>\n" CLIENT("A0002"),
		"a@c.example A0001 reject 5.7.1  (550 5.7.1 no)\n"
		"b@c.example A0002 queued\n"
		"c@c.example A0002 queued\n" },
	{ "requeued by hand",
		IN("a@c.example", "-", ONE) CLIENT("A0001") IN("b@c.example",
			"A0001", ONE) MESSAGE("A0001") SENT("A0001",
			"a@c.example") DEFERRED("A0001",
			"b@c.example") "mx postfix/pickup[7]: B0002: uid=102 from=<s@e.example> "
				       "orig_id=A0001\n" IN("c@c.example", "-",
					       OTHER) "mx postfix/smtpd[813]: A0001: client=u[192.0.2.7]\n" MESSAGE("B0002")
					       SENT("B0002", "b@c.example")
						       REMOVED("B0002"),
		"a@c.example A0001 sent to a@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"b@c.example A0001 sent to b@c.example 2.0.0 "
		"one[10.8.0.25]:25 (250 ok)\n"
		"c@c.example A0001 queued\n" },
	{ "the header comes after the next verdict, and no more",
		IN("a@c.example", "-", ONE) CLIENT("A0001")
			IN("b@c.example", "-", NEXT) CLEANED("A0001"),
		"a@c.example A0001 lost\nb@c.example\n" },
	{ "the header comes after the client went",
		IN("a@c.example", "-", ONE) CLIENT("A0001") SMTPD
		"lost connection after DATA (3 bytes) from u[192.0.2.7]\n" CLEANED(
			"A0001") GONE,
		"a@c.example A0001 lost  (lost connection after DATA (3 "
		"bytes) from u[192.0.2.7])\n" },
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
	{ "to be put on hold, and never whole",
		IN("a@c.example", "-", ONE) CLIENT("A0001") SMTPD
		"A0001: hold: RCPT from u[192.0.2.7]: x; from=<s@e.example> "
		"to=<a@c.example> proto=SMTP helo=<h>\n" GONE,
		"a@c.example A0001 lost  (disconnect from u[192.0.2.7] mail=1 "
		"rcpt=1 quit=1)\n" },
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
				       "!" IN("b@c.example", "-", OTHER) "mx postfix/smtpd[813]: A0002: client=u[192.0.2.7]\n" SENT(
					       "A0001", "a@c.example"),
		"a@c.example A0001 deferred to a@c.example 4.4.1 "
		"one[10.8.0.25]:25 (later)\n" },
};

static void take_line(
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

static void take_log(struct delivery *delivery, const char *log)
{
	int64_t time_us = NOON * (int64_t)1000000;

	while (*log != '\0') {
		if (*log == '+' || *log == '-')
			time_us += strtol(log, NULL, 10) * 1000000;
		else
			take_line(delivery, log, time_us);
		log = strchr(log, '\n') + 1;
	}
}

static void add_fate(struct text *out, const struct fate *fate)
{
	const bool is_bare = *fate->dsn == '\0' && *fate->said == '\0';

	text_addf(out, " %s%s%s", fate->status, *fate->to == '\0' ? "" : " to ",
		fate->to);
	if (*fate->dsn != '\0')
		text_addf(out, " %s", fate->dsn);
	if (!is_bare)
		text_addf(out, " %s (%s)", fate->system, fate->said);
}

static void add_record(struct text *out, const struct record *record)
{
	const struct slice id = record->verdict.written[FIELD_QUEUE_ID];
	size_t i = 0;

	do {
		verdict_value(out, &record->verdict, FIELD_RECIPIENT);
		if (verdict_has(&record->verdict, FIELD_QUEUE_ID))
			text_addf(out, " %.*s", (int)id.len, id.bytes);
		if (i < record->n_fates)
			add_fate(out, &record->fates[i]);
		text_adds(out, "\n");
	} while (++i < record->n_fates);
}

static void add_all(struct text *out, struct delivery *delivery)
{
	const size_t n = delivery_count(delivery);

	for (size_t i = 0; i < n; i++)
		add_record(out, delivery_record(delivery, i));
}

START_TEST(fates_are_found)
{
	const struct log_case *c = &LOGS[_i];
	struct delivery *delivery = delivery_open();
	struct text out;

	text_init(&out);
	take_log(delivery, c->log);
	add_all(&out, delivery);
	ck_assert_msg(strcmp(text_of(&out), c->fates) == 0, "%s:\n%s---\n%s",
		c->name, text_of(&out), c->fates);
	text_fini(&out);
	delivery_close(&delivery);
	ck_assert_ptr_null(delivery);
	delivery_close(&delivery);
}
END_TEST

/* Whichever line is missing: nothing breaks, and no status is invented. */
START_TEST(missing_lines_are_borne)
{
	const struct log_case *c = &LOGS[_i];
	unsigned n_lines = 0;

	for (const char *at = c->log; *at != '\0'; at++)
		n_lines += *at == '\n';
	for (unsigned left_out = 0; left_out < n_lines; left_out++) {
		struct delivery *delivery = delivery_open();
		struct text log, out;
		const char *at = c->log;

		text_init(&log);
		text_init(&out);
		for (unsigned i = 0; i < n_lines; i++) {
			const size_t len = strcspn(at, "\n") + 1;

			if (i != left_out)
				text_add(&log, at, len);
			at += len;
		}
		take_log(delivery, text_of(&log));
		add_all(&out, delivery);
		text_fini(&log);
		text_fini(&out);
		delivery_close(&delivery);
	}
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
		take_log(delivery, log);
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

	take_log(delivery, IN("a@c.example", "-", ONE) CLIENT("A0001"));
	for (unsigned i = 0; i < MANY; i++) {
		char log[512];

		snprintf(log, sizeof log, IN("a%u@c.example", "A0001", ONE), i);
		take_log(delivery, log);
	}
	for (unsigned i = MANY; i-- > 0;) {
		char log[512];

		snprintf(log, sizeof log,
			TRIED("A0001", "a%u@c.example",
				"2.0.0, status=sent (%u)"),
			i, i);
		take_log(delivery, log);
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
		take_log(delivery, log);
	}
	take_log(delivery, IN("b@c.example", "-", OTHER));
	ck_assert_uint_eq(delivery_count(delivery), 2 * ALL + 1);
	for (unsigned i = 0; i < 2 * ALL + 1; i++) {
		const struct record *record = delivery_record(delivery, i);

		ck_assert((record != NULL) == (i / 2 == ASKED));
		if (record != NULL)
			add_record(&out, record);
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
