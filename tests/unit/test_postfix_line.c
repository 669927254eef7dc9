#include "verdicts/postfix_line.h"

#include "base/arena.h"
#include "base/text.h"
#include "sink_text.h"
#include "unit_main.h"

#define CLIENT "from mail.elsewhere.example[192.0.2.7]: "
#define TAIL "; from=<s@elsewhere.example> to=<ann@company.example> proto=ESMTP"
#define SENT \
	"relay=mx[10.8.0.25]:25, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, " \
	"status=sent (250 2.0.0 Ok: queued as 4BCDFz0FGHz2)"

/* What comes out, field by field where there is one; "" = nothing said. */
static const struct line_case {
	const char *name, *program, *message, *said;
} LINES[] = {
	{ "a message begins", "postfix/smtpd",
		"0C1DA92601: client=u[192.0.2.7]",
		"client 0C1DA92601 client=u[192.0.2.7]" },
	{ "with more behind it", "postfix/submission/smtpd",
		"4BCDFz0FGHz2: client=u[192.0.2.7], sasl_method=PLAIN, "
		"sasl_username=x",
		"client 4BCDFz0FGHz2 client=u[192.0.2.7]" },
	{ "in front of a proxy", "postfix/smtpd",
		"NOQUEUE: client=u[192.0.2.7]", "client client=u[192.0.2.7]" },
	{ "proxy took it", "postfix/smtpd",
		"proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as "
		"0C1DA92601; from=<s@e> to=<a@c> proto=ESMTP helo=<h>",
		"proxied dsn=2.0.0 said=250 2.0.0 Ok: queued as 0C1DA92601" },
	{ "proxy refused it", "postfix/smtpd",
		"proxy-reject: END-OF-MESSAGE: 552 5.3.4 too big; from=<s@e> "
		"to=<a@c> proto=ESMTP helo=<h>",
		"reject dsn=5.3.4 said=552 5.3.4 too big" },
	{ "proxy refused a recipient", "postfix/smtpd",
		"warning: proxy 127.0.0.1:10025 rejected \"RCPT "
		"TO:<\"a>\\\": \\\"b\"@c> ORCPT=rfc822;a@b\": \"550 5.1.1 no\"",
		"reject RCPT to=\"a>\\\": \\\"b\"@c dsn=5.1.1 "
		"said=550 5.1.1 no" },
	{ "proxy refused a sender", "postfix/smtpd",
		"warning: proxy 127.0.0.1:10025 rejected \"MAIL FROM:<s@e>\": "
		"\"550 5.1.8 no\"",
		"" },
	{ "a recipient is refused", "postfix/smtpd",
		"NOQUEUE: reject: RCPT " CLIENT
		"554 5.7.1 <ann@company.example>: Relay access denied" TAIL
		" helo=<h>",
		"reject RCPT client=mail.elsewhere.example[192.0.2.7] "
		"to=ann@company.example dsn=5.7.1 "
		"said=554 5.7.1 <ann@company.example>: Relay access denied" },
	{ "with the client's port", "postfix/smtpd",
		"0C1DA92601: reject: RCPT from u[192.0.2.7]:4711: 450 4.7.1 "
		"later" TAIL,
		"reject RCPT 0C1DA92601 client=u[192.0.2.7] "
		"to=ann@company.example dsn=4.7.1 said=450 4.7.1 later" },
	{ "without an enhanced status code", "postfix/smtpd",
		"NOQUEUE: reject: RCPT " CLIENT "550 5.7 no" TAIL,
		"reject RCPT client=mail.elsewhere.example[192.0.2.7] "
		"to=ann@company.example said=550 5.7 no" },
	{ "by a milter", "postfix/smtpd",
		"0C1DA92601: milter-reject: RCPT " CLIENT "550 5.7.1 no" TAIL
		" helo=<h>",
		"reject RCPT 0C1DA92601 "
		"client=mail.elsewhere.example[192.0.2.7] "
		"to=ann@company.example dsn=5.7.1 said=550 5.7.1 no" },
	{ "the text holds a sender", "postfix/smtpd",
		"NOQUEUE: reject: RCPT " CLIENT
		"554 5.7.1 <s@elsewhere.example>: Sender address rejected: no; "
		"from=<x>" TAIL " helo=<h>",
		"reject RCPT client=mail.elsewhere.example[192.0.2.7] "
		"to=ann@company.example dsn=5.7.1 said=554 5.7.1 "
		"<s@elsewhere.example>: Sender address rejected: no; "
		"from=<x>" },
	{ "the greeting holds a whole end", "postfix/smtpd",
		"NOQUEUE: reject: RCPT " CLIENT
		"554 5.7.1 Service unavailable" TAIL
		" helo=<x; from=<a@b> to=<bob@company.example> "
		"proto=ESMTP helo=<y>",
		"reject RCPT client=mail.elsewhere.example[192.0.2.7] "
		"to=ann@company.example dsn=5.7.1 "
		"said=554 5.7.1 Service unavailable" },
	{ "the recipient holds a whole end", "postfix/smtpd",
		"NOQUEUE: reject: RCPT " CLIENT
		"554 5.7.1 <x; from=<a@b> to=<bob@company.example> "
		"proto=ESMTP helo=<h@else.example>: Relay access denied; "
		"from=<s@elsewhere.example> to=<\"x; from=<a@b> "
		"to=<bob@company.example> proto=ESMTP helo=<h\"@else.example> "
		"proto=ESMTP helo=<h>",
		"reject RCPT client=mail.elsewhere.example[192.0.2.7] "
		"to=\"x; from=<a@b> to=<bob@company.example> proto=ESMTP "
		"helo=<h\"@else.example dsn=5.7.1 said=554 5.7.1 <x; "
		"from=<a@b> to=<bob@company.example> proto=ESMTP "
		"helo=<h@else.example>: Relay access denied" },
	{ "the sender holds a whole end", "postfix/smtpd",
		"NOQUEUE: reject: RCPT " CLIENT
		"450 4.1.8 <x; from=<a@b> to=<bob@company.example> "
		"proto=SMTP helo=<h@e>: Sender address rejected: Domain not "
		"found; from=<\"x; from=<a@b> to=<bob@company.example> "
		"proto=SMTP helo=<h\"@e> to=<ann@company.example> proto=SMTP",
		"reject RCPT client=mail.elsewhere.example[192.0.2.7] "
		"to=ann@company.example dsn=4.1.8 said=450 4.1.8 <x; "
		"from=<a@b> to=<bob@company.example> proto=SMTP helo=<h@e>: "
		"Sender address rejected: Domain not found" },
	{ "all of it is refused at DATA", "postfix/smtpd",
		"0C1DA92601: reject: DATA " CLIENT
		"554 5.5.0 <DATA>: no; from=<s@e> proto=ESMTP helo=<h>",
		"reject 0C1DA92601 client=mail.elsewhere.example[192.0.2.7] "
		"dsn=5.5.0 said=554 5.5.0 <DATA>: no" },
	{ "too big", "postfix/smtpd",
		"warning: 0C1DA92601: queue file size limit exceeded",
		"reject 0C1DA92601 dsn=5.3.4 "
		"said=queue file size limit exceeded" },
	{ "on hold", "postfix/smtpd",
		"NOQUEUE: hold: RCPT " CLIENT "<s@e>: Sender address x" TAIL,
		"hold RCPT client=mail.elsewhere.example[192.0.2.7] "
		"to=ann@company.example said=<s@e>: Sender address x" },
	{ "thrown away", "postfix/smtpd",
		"0C1DA92601: discard: END-OF-MESSAGE " CLIENT
		"x; from=<s@e> proto=SMTP helo=<h>",
		"discard 0C1DA92601 client=mail.elsewhere.example[192.0.2.7] "
		"said=x" },
	{ "the client is gone", "postfix/smtpd",
		"lost connection after DATA (21 bytes) from u[192.0.2.7]",
		"lost in-data said=lost connection after DATA (21 bytes) from "
		"u[192.0.2.7]" },
	{ "the client is too slow", "postfix/smtpd",
		"timeout after RCPT from u[192.0.2.7]",
		"lost said=timeout after RCPT from u[192.0.2.7]" },
	{ "the session ends", "postfix/smtpd",
		"disconnect from u[192.0.2.7] mail=1 commands=1",
		"disconnect said=disconnect from u[192.0.2.7] mail=1 "
		"commands=1" },
	{ "only a warning", "postfix/smtpd",
		"NOQUEUE: reject_warning: RCPT " CLIENT "554 5.7.1 no" TAIL,
		"" },
	{ "only noted", "postfix/smtpd",
		"0C1DA92601: warn: RCPT " CLIENT "hm" TAIL " helo=<h>", "" },
	{ "filter", "postfix/smtpd",
		"0C1DA92601: filter: RCPT " CLIENT "x" TAIL " helo=<h>", "" },
	{ "before any recipient", "postfix/smtpd",
		"NOQUEUE: reject: EHLO " CLIENT "504 5.5.2 <x>: no; proto=SMTP",
		"" },
	{ "of VRFY", "postfix/smtpd",
		"NOQUEUE: reject: VRFY " CLIENT "550 5.1.1 no" TAIL, "" },
	{ "a refusal that was cut", "postfix/smtpd",
		"NOQUEUE: reject: RCPT " CLIENT
		"554 5.7.1 no; from=<s@e> to=<ann@comp",
		"" },
	{ "postscreen refuses", "postfix/postscreen",
		"NOQUEUE: reject: RCPT from [192.0.2.7]:60591: 550 5.7.1 no; "
		"from=<s@e>, to=<ann@company.example>, proto=ESMTP, helo=<h>",
		"" },
	{ "the header was read", "postfix/cleanup",
		"0C1DA92601: message-id=<x@y>", "cleaned 0C1DA92601" },
	{ "the header is refused", "postfix/cleanup",
		"0C1DA92601: reject: header Subject: x>: 5.0.0 y from "
		"u[192.0.2.7]; from=<s@e> to=<a@c> proto=ESMTP helo=<h>: 5.7.1 "
		"no",
		"reject 0C1DA92601 dsn=5.7.1 said=header Subject: x>: 5.0.0 y "
		"from u[192.0.2.7]; from=<s@e> to=<a@c> proto=ESMTP helo=<h>: "
		"5.7.1 no" },
	{ "by a milter, at the end", "postfix/cleanup",
		"0C1DA92601: milter-reject: END-OF-MESSAGE from u[192.0.2.7]: "
		"4.7.1 later; from=<s@e> to=<a@c> proto=ESMTP helo=<h>",
		"reject 0C1DA92601 dsn=4.7.1 said=END-OF-MESSAGE from "
		"u[192.0.2.7]: 4.7.1 later; from=<s@e> to=<a@c> proto=ESMTP "
		"helo=<h>" },
	{ "a header is noted", "postfix/cleanup",
		"0C1DA92601: warning: header Subject: reject: x", "" },
	{ "in the queue", "postfix/qmgr",
		"0C1DA92601: from=<s@e>, size=312, nrcpt=8 (queue active)",
		"queued 0C1DA92601" },
	{ "sender like fields", "postfix/qmgr",
		"0C1DA92601: from=<\">, status=expired\"@e>, size=312, nrcpt=1",
		"queued 0C1DA92601" },
	{ "too old", "postfix/qmgr",
		"0C1DA92601: from=<s@e>, status=expired, returned to sender",
		"expired 0C1DA92601 said=returned to sender" },
	{ "made too old", "postfix/qmgr",
		"0C1DA92601: from=<>, status=force-expired, returned to sender",
		"expired 0C1DA92601 said=returned to sender" },
	{ "skipped", "postfix/qmgr",
		"0C1DA92601: skipped, still being delivered", "" },
	{ "done", "postfix/qmgr", "0C1DA92601: removed", "removed 0C1DA92601" },
	{ "deleted by hand", "postfix/postsuper", "0C1DA92601: removed",
		"deleted 0C1DA92601" },
	{ "other work by hand", "postfix/postsuper", "0C1DA92601: requeued",
		"" },
	{ "under another queue ID", "postfix/pickup",
		"0C1DA92602: uid=102 from=<s@e> orig_id=0C1DA92601",
		"requeued 0C1DA92602 orig_id=0C1DA92601" },
	{ "a sender like another queue ID", "postfix/pickup",
		"0C1DA92602: uid=102 from=<s> orig_id=0AAAAAAAAA@e> "
		"orig_id=4BCDFz0FGHz2",
		"requeued 0C1DA92602 orig_id=4BCDFz0FGHz2" },
	{ "from sendmail, by a sender like it", "postfix/pickup",
		"0C1DA92602: uid=1000 from=<s> orig_id=0C1DA92601>", "" },
	{ "from sendmail", "postfix/pickup", "0C1DA92602: uid=1000 from=<root>",
		"" },
	{ "sent", "postfix/smtp", "0C1DA92601: to=<ann@company.example>, " SENT,
		"attempt 0C1DA92601 to=ann@company.example "
		"relay=mx[10.8.0.25]:25 dsn=2.0.0 status=sent said=250 2.0.0 "
		"Ok: queued as 4BCDFz0FGHz2" },
	{ "under another name", "postfix/relay/smtp",
		"0C1DA92601: to=<ann@company.example>, "
		"orig_to=<a@old.example>, " SENT,
		"attempt 0C1DA92601 to=ann@company.example "
		"orig_to=a@old.example relay=mx[10.8.0.25]:25 dsn=2.0.0 "
		"status=sent said=250 2.0.0 Ok: queued as 4BCDFz0FGHz2" },
	{ "over a connection used before", "postfix/smtp",
		"0C1DA92601: to=<a@c>, relay=mx[10.8.0.25]:25, conn_use=3, "
		"delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 ok)",
		"attempt 0C1DA92601 to=a@c relay=mx[10.8.0.25]:25 dsn=2.0.0 "
		"status=sent said=250 ok" },
	{ "a recipient like fields", "postfix/lmtp",
		"0C1DA92601: to=<\"x>, relay=evil, dsn=2.0.0, status=sent "
		"(y\"@c>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, "
		"status=deferred (connect to mx[private/x]: no)",
		"attempt 0C1DA92601 to=\"x>, relay=evil, dsn=2.0.0, "
		"status=sent (y\"@c relay=none dsn=4.4.1 status=deferred "
		"said=connect to mx[private/x]: no" },
	{ "quotes within quotes", "postfix/smtp",
		"0C1DA92601: to=<\"a\\\">, relay=evil, \"@c>, relay=none, "
		"delay=1, delays=0/0/0/0, dsn=5.0.0, status=bounced (no)",
		"attempt 0C1DA92601 to=\"a\\\">, relay=evil, \"@c relay=none "
		"dsn=5.0.0 status=bounced said=no" },
	{ "a domain like fields", "postfix/smtp",
		"0C1DA92601: to=<a@[x>, relay=evil, ]>, relay=none, delay=1, "
		"delays=0/0/0/0, dsn=5.0.0, status=bounced (no)",
		"attempt 0C1DA92601 to=a@[x>, relay=evil, ] relay=none "
		"dsn=5.0.0 status=bounced said=no" },
	{ "an answer like fields", "postfix/smtp",
		"0C1DA92601: to=<a@c>, relay=mx[10.8.0.25]:25, delay=1, "
		"delays=1/0/0/0, dsn=4.2.2, status=deferred (host mx said: 452 "
		"full (status=sent) (x), dsn=2.0.0 (in reply to RCPT TO "
		"command))",
		"attempt 0C1DA92601 to=a@c relay=mx[10.8.0.25]:25 dsn=4.2.2 "
		"status=deferred said=host mx said: 452 full (status=sent) "
		"(x), dsn=2.0.0 (in reply to RCPT TO command)" },
	{ "an answer that was cut", "postfix/smtp",
		"0C1DA92601: to=<a@c>, relay=none, delay=1, delays=1/0/0/0, "
		"dsn=4.2.2, status=deferred (host mx said: 45",
		"attempt 0C1DA92601 to=a@c relay=none dsn=4.2.2 "
		"status=deferred said=host mx said: 45" },
	{ "cut before the status", "postfix/smtp",
		"0C1DA92601: to=<a@c>, relay=none, delay=1, delays=1/0/0/0, ds",
		"" },
	{ "by a program", "postfix/pipe",
		"0C1DA92601: to=<a@c>, relay=filter, delay=1, delays=1/0/0/0, "
		"dsn=2.0.0, status=sent (delivered via filter service)",
		"attempt 0C1DA92601 to=a@c relay=filter dsn=2.0.0 status=sent "
		"said=delivered via filter service" },
	{ "by the queue manager", "postfix/qmgr",
		"0C1DA92601: to=<a@c>, relay=none, delay=1, delays=1/0/0/0, "
		"dsn=4.3.0, status=deferred (mail transport unavailable)",
		"attempt 0C1DA92601 to=a@c relay=none dsn=4.3.0 "
		"status=deferred said=mail transport unavailable" },
	{ "a probe", "postfix/smtp",
		"0C1DA92601: to=<a@c>, relay=mx[10.8.0.25]:25, delay=1, "
		"delays=1/0/0/0, dsn=5.1.1, status=undeliverable (no)",
		"" },
	{ "a bounce is sent", "postfix/bounce",
		"0C1DA92601: sender non-delivery notification: 0DB93A92607",
		"" },
	{ "no queue ID", "postfix/smtp", "connect to mx[10.8.0.25]:25: no",
		"" },
	{ "a word is no queue ID", "postfix/smtpd", "warning: client=x", "" },
	{ "not Postfix", "smtpd", "0C1DA92601: client=u[192.0.2.7]", "" },
	{ "another of its programs", "postfix/policyd", "0C1DA92601: removed",
		"" },
	{ "empty", "postfix/qmgr", "", "" },
};

static const char *event_name(enum postfix_event event)
{
	static const char *const names[] = {
		[POSTFIX_CLIENT] = "client",
		[POSTFIX_PROXIED] = "proxied",
		[POSTFIX_REJECT] = "reject",
		[POSTFIX_HOLD] = "hold",
		[POSTFIX_DISCARD] = "discard",
		[POSTFIX_LOST] = "lost",
		[POSTFIX_DISCONNECT] = "disconnect",
		[POSTFIX_CLEANED] = "cleaned",
		[POSTFIX_QUEUED] = "queued",
		[POSTFIX_EXPIRED] = "expired",
		[POSTFIX_REMOVED] = "removed",
		[POSTFIX_DELETED] = "deleted",
		[POSTFIX_REQUEUED] = "requeued",
		[POSTFIX_ATTEMPT] = "attempt",
	};

	return names[event];
}

static void add_field(struct text *out, const char *name, struct slice value)
{
	if (value.len > 0)
		text_addf(out, " %s%.*s", name, (int)value.len, value.bytes);
}

static void add_line(struct text *out, const struct postfix_line *line)
{
	text_adds(out, event_name(line->event));
	text_adds(out, line->for_recipient ? " RCPT" : "");
	text_adds(out, line->in_data ? " in-data" : "");
	add_field(out, "", line->queue_id);
	add_field(out, "orig_id=", line->orig_id);
	add_field(out, "client=", line->client);
	add_field(out, "to=", line->to);
	add_field(out, "orig_to=", line->orig_to);
	add_field(out, "relay=", line->relay);
	add_field(out, "dsn=", line->dsn);
	add_field(out, "status=", line->status);
	add_field(out, "said=", line->said);
}

static bool parse(struct postfix_line *out, const char *program,
	const char *message, size_t len)
{
	const struct log_line line = {
		.program = slice_of(program),
		.message = { message, len },
	};

	return postfix_line_parse(out, &line);
}

START_TEST(lines_are_understood)
{
	const struct line_case *c = &LINES[_i];
	struct postfix_line line;
	struct text out;

	text_init(&out);
	if (parse(&line, c->program, c->message, strlen(c->message)))
		add_line(&out, &line);
	ck_assert_msg(strcmp(text_of(&out), c->said) == 0, "%s:\n%s\n%s",
		c->name, text_of(&out), c->said);
	text_fini(&out);
}
END_TEST

/* Cut anywhere, in memory of exactly that length. */
START_TEST(truncations_are_borne)
{
	const struct line_case *c = &LINES[_i];

	for (size_t len = 0; len <= strlen(c->message); len++) {
		char *cut = malloc(len > 0 ? len : 1);
		struct postfix_line line;

		ck_assert_ptr_nonnull(cut);
		memcpy(cut, c->message, len);
		if (parse(&line, c->program, cut, len))
			ck_assert_uint_le(line.said.len, strlen(c->message));
		free(cut);
	}
}
END_TEST

static const struct answer_case {
	const char *name, *said, *id;
} ANSWERS[] = {
	{ "short", "250 2.0.0 Ok: queued as 0C1DA92601", "0C1DA92601" },
	{ "long", "250 2.0.0 Ok: queued as 4BCDFz0FGHz2", "4BCDFz0FGHz2" },
	{ "the last one",
		"250 2.0.0 queued as 0AAAA1, id=1-2, from MTA: 250 Ok: queued "
		"as 0C1DA92601",
		"0C1DA92601" },
	{ "none", "250 2.0.0 taken", "" },
	{ "no ID", "250 2.0.0 queued as mail", "" },
	{ "nothing behind", "250 2.0.0 queued as ", "" },
};

START_TEST(answers_name_a_message)
{
	const struct answer_case *c = &ANSWERS[_i];
	const struct slice id = postfix_line_queued_as(slice_of(c->said));

	ck_assert_msg(slice_is(id, c->id), "%s: %.*s", c->name, (int)id.len,
		id.bytes);
}
END_TEST

static const struct instance_case {
	const char *program, *instance;
} INSTANCES[] = {
	{ "postfix/smtpd", "postfix" },
	{ "postfix-in/submit/smtpd", "postfix-in" },
	{ "smtpd", "smtpd" },
};

START_TEST(instances_are_told)
{
	const struct instance_case *c = &INSTANCES[_i];
	const struct log_line line = { .program = slice_of(c->program) };

	ck_assert(slice_is(postfix_line_instance(&line), c->instance));
}
END_TEST

/* Real refusals: each of a recipient is understood, no other line is one. */
START_TEST(samples_are_understood)
{
	struct arena *arena = arena_open();
	const char *path = test_sample("mail-rejects.log", arena);
	FILE *file = path == NULL ? NULL : fopen(path, "r");
	char *bytes = NULL;
	size_t room = 0;
	ssize_t len;

	while (file != NULL && (len = getline(&bytes, &room, file)) > 0) {
		struct log_line log;
		struct postfix_line line;

		bytes[len - 1] = '\0';
		if (!log_line_parse(&log, slice_of(bytes)))
			continue;
		const bool wanted = strstr(bytes, "smtpd[") != NULL &&
			strstr(bytes, "reject: RCPT") != NULL;
		const bool is_refusal = postfix_line_parse(&line, &log) &&
			line.event == POSTFIX_REJECT && line.for_recipient;

		ck_assert_msg(wanted == is_refusal, "%s", bytes);
	}
	free(bytes);
	if (file != NULL)
		fclose(file);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, lines_are_understood, 0, COUNT(LINES));
	tcase_add_loop_test(tcase, truncations_are_borne, 0, COUNT(LINES));
	tcase_add_loop_test(tcase, answers_name_a_message, 0, COUNT(ANSWERS));
	tcase_add_loop_test(tcase, instances_are_told, 0, COUNT(INSTANCES));
	tcase_add_test(tcase, samples_are_understood);
	return unit_run(suite_create("postfix_line"), tcase);
}
