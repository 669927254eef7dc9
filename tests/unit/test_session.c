/*
 * Sessions before a judge made by hand: who is judged, what is recorded, and
 * that nothing of one request touches the next.
 */
#include "policyd/session.h"

#include "base/arena.h"
#include "base/text.h"
#include "tests/unit/unit_main.h"

#include <string.h>

#define FIRST "request=smtpd_access_policy\n"
#define RCPT FIRST "protocol_state=RCPT\n"

/* Says what "known" and the like in the local part ask for. */
struct fake {
	struct text log; /* lines of the verdict log, alarms as "! text" */
	time_t now; /* as it was last told */
	bool has_generation;
	unsigned judged, unjudged; /* requests answered */
};

struct fake_reply {
	const char *local;
	const char *verdict;
	const char *reply;
};

static const struct fake_reply fake_replies[] = {
	{ "known@", "accept", "DUNNO" },
	{ "unknown@", "reject", "550 5.1.1 User unknown" },
	{ "late@", "defer", "450 4.3.0 Try again later" },
	{ "verify@", "relay", "reject_unverified_recipient" },
	{ "bug@", "accept", "550" },
	{ "worse@", "accept", NULL },
};

static bool decide(void *context, struct judgement *out,
	const struct request *asked, time_t now, struct arena *request)
{
	struct fake *fake = context;
	const char *recipient = arena_strndup(
		request, asked->recipient.bytes, asked->recipient.len);

	fake->now = now;
	if (!fake->has_generation)
		return false;
	*out = (struct judgement){ .verdict = "pass", .reply = "DUNNO" };
	for (size_t i = 0; i < sizeof fake_replies / sizeof *fake_replies;
		i++) {
		const struct fake_reply *reply = &fake_replies[i];

		if (!text_starts(recipient, reply->local))
			continue;
		out->verdict = reply->verdict;
		out->reply = reply->reply;
	}
	return true;
}

static void record(void *context, const char *line)
{
	struct fake *fake = context;

	text_add(&fake->log, line, strcspn(line, " "));
	text_adds(&fake->log, strstr(line, " reply="));
	text_adds(&fake->log, "\n");
}

static void note_alarm(void *context, const char *text)
{
	struct fake *fake = context;

	text_addf(&fake->log, "! %s\n", text);
}

static void note_answer(void *context, bool is_judged)
{
	struct fake *fake = context;

	if (is_judged)
		fake->judged++;
	else
		fake->unjudged++;
}

struct setting {
	struct fake fake;
	struct judge judge;
	struct arena *request;
	struct session *session;
	struct text out;
};

static void set_up(struct setting *s)
{
	*s = (struct setting){ .fake.has_generation = true };
	s->judge = (struct judge){
		.decide = decide,
		.record = record,
		.alarm = note_alarm,
		.context = &s->fake,
	};
	text_init(&s->fake.log);
	text_adds(&s->fake.log, "");
	text_init(&s->out);
	text_adds(&s->out, "");
	s->request = arena_open();
	s->session = session_open(&s->judge, s->request);
}

static void tear_down(struct setting *s)
{
	session_close(&s->session);
	ck_assert_ptr_null(s->session);
	arena_close(&s->request);
	text_fini(&s->fake.log);
	text_fini(&s->out);
}

static bool feed(struct setting *s, const char *bytes, struct err *err)
{
	return session_feed(s->session, (struct slice){ bytes, strlen(bytes) },
		1000, &s->out, err);
}

struct request_case {
	const char *name;
	const char *request;
	const char *reply;
	const char *log;
};

#define DUNNO "action=DUNNO\n\n"

static const struct request_case request_cases[] = {
	{ "known", RCPT "recipient=known@d\n\n", DUNNO,
		"verdict=accept reply=DUNNO us=0\n" },
	{ "unknown", RCPT "recipient=unknown@d\n\n",
		"action=550 5.1.1 User unknown\n\n",
		"verdict=reject reply=\"550 5.1.1 User unknown\" us=0\n" },
	{ "deferred", RCPT "recipient=late@d\n\n",
		"action=450 4.3.0 Try again later\n\n",
		"verdict=defer reply=\"450 4.3.0 Try again later\" us=0\n" },
	{ "verified", RCPT "recipient=verify@d\n\n",
		"action=reject_unverified_recipient\n\n",
		"verdict=relay reply=reject_unverified_recipient us=0\n" },
	{ "VRFY is judged",
		FIRST "protocol_state=VRFY\nrecipient=unknown@d\n\n",
		"action=550 5.1.1 User unknown\n\n",
		"verdict=reject reply=\"550 5.1.1 User unknown\" us=0\n" },
	{ "no recipient", RCPT "recipient=\n\n", DUNNO, "" },
	{ "VRFY without recipient", FIRST "protocol_state=VRFY\n\n", DUNNO,
		"" },
	{ "CONNECT", FIRST "protocol_state=CONNECT\n\n", DUNNO, "" },
	{ "MAIL", FIRST "protocol_state=MAIL\nsender=a@b\n\n", DUNNO, "" },
	{ "DATA with its one recipient",
		FIRST "protocol_state=DATA\nrecipient=unknown@d\n\n", DUNNO,
		"" },
	{ "END-OF-MESSAGE",
		FIRST "protocol_state=END-OF-MESSAGE\nrecipient=unknown@d\n\n",
		DUNNO, "" },
	{ "no state", FIRST "recipient=unknown@d\n\n", DUNNO, "" },
	{ "a state yet unknown",
		FIRST "protocol_state=RCPT2\nrecipient=unknown@d\n\n", DUNNO,
		"" },
	{ "a bare number never goes out", RCPT "recipient=bug@d\n\n", DUNNO,
		"! an invalid reply was made and not sent\n"
		"verdict=accept reply=DUNNO us=0\n" },
	{ "nor does nothing", RCPT "recipient=worse@d\n\n", DUNNO,
		"! an invalid reply was made and not sent\n"
		"verdict=accept reply=DUNNO us=0\n" },
};

START_TEST(a_request_has_its_reply)
{
	const struct request_case *c = &request_cases[_i];
	struct setting s;

	set_up(&s);
	ck_assert(feed(&s, c->request, NULL));
	ck_assert_msg(strcmp(s.out.data, c->reply) == 0, "%s: %s", c->name,
		s.out.data);
	ck_assert_msg(strcmp(s.fake.log.data, c->log) == 0, "%s: %s", c->name,
		s.fake.log.data);
	tear_down(&s);
}
END_TEST

START_TEST(in_shadow_all_is_DUNNO_and_the_log_tells)
{
	struct setting s;

	set_up(&s);
	s.judge.is_shadow = true;
	ck_assert(feed(&s, RCPT "recipient=unknown@d\n\n", NULL));
	ck_assert_str_eq(s.out.data, DUNNO);
	ck_assert_str_eq(s.fake.log.data,
		"verdict=reject reply=\"550 5.1.1 User unknown\" us=0 "
		"shadow=yes\n");
	tear_down(&s);
}
END_TEST

START_TEST(where_nobody_keeps_lines_the_answers_are_the_same)
{
	struct setting s;

	set_up(&s);
	s.judge.record = NULL;
	ck_assert(feed(&s,
		RCPT "recipient=unknown@d\n\n" RCPT "recipient=bug@d\n\n",
		NULL));
	ck_assert_str_eq(s.out.data, "action=550 5.1.1 User unknown\n\n" DUNNO);
	ck_assert_str_eq(
		s.fake.log.data, "! an invalid reply was made and not sent\n");
	tear_down(&s);
}
END_TEST

START_TEST(without_a_generation_all_is_DUNNO_and_not_logged)
{
	struct setting s;

	set_up(&s);
	s.fake.has_generation = false;
	ck_assert(feed(&s, RCPT "recipient=unknown@d\n\n", NULL));
	ck_assert_str_eq(s.out.data, DUNNO);
	ck_assert_str_eq(s.fake.log.data, "");
	tear_down(&s);
}
END_TEST

START_TEST(requests_are_answered_in_order_and_apart)
{
	struct setting s;

	set_up(&s);
	ck_assert(feed(&s,
		RCPT "recipient=unknown@d\n\n" RCPT "\n" RCPT
		     "recipient=late@d\n\n" RCPT "recipient=known@d\n\n",
		NULL));
	ck_assert_str_eq(s.out.data,
		"action=550 5.1.1 User unknown\n\n" DUNNO
		"action=450 4.3.0 Try again later\n\n" DUNNO);
	tear_down(&s);
}
END_TEST

struct step_case {
	const char *name;
	const char *bytes;
	enum request_end end;
	size_t left; /* bytes behind the request */
	const char *recipient;
	const char *reply;
};

static const struct step_case step_cases[] = {
	{ "judged", RCPT "recipient=known@d\n\n", REQUEST_WHOLE, 0, "known@d",
		DUNNO },
	{ "one of two", RCPT "recipient=unknown@d\n\n" RCPT, REQUEST_WHOLE,
		sizeof RCPT - 1, "unknown@d",
		"action=550 5.1.1 User unknown\n\n" },
	{ "not judged at DATA",
		FIRST "protocol_state=DATA\nrecipient=unknown@d\n\n",
		REQUEST_WHOLE, 0, "", DUNNO },
	{ "no recipient", RCPT "\n", REQUEST_WHOLE, 0, "", DUNNO },
	{ "half", RCPT "recipient=unknown@d\n", REQUEST_PARTIAL, 0, "", "" },
	{ "none", "HELO there\n", REQUEST_REFUSED, 0, "", "" },
};

START_TEST(taking_is_one_step_and_answering_another)
{
	const struct step_case *c = &step_cases[_i];
	const struct slice bytes = slice_of(c->bytes);
	struct setting s;
	struct err err = { 0 };
	size_t used = 0;

	set_up(&s);
	ck_assert_msg(session_take(s.session, bytes, &used, &err) == c->end,
		"%s", c->name);
	ck_assert_str_eq(s.out.data, "");
	ck_assert_uint_eq(s.fake.judged + s.fake.unjudged, 0);
	if (c->end == REQUEST_WHOLE) {
		ck_assert_uint_eq(bytes.len - used, c->left);
		ck_assert_msg(
			slice_is(session_recipient(s.session), c->recipient),
			"%s", c->name);
		session_answer(s.session, 1000, &s.out);
	}
	ck_assert_str_eq(s.out.data, c->reply);
	tear_down(&s);
}
END_TEST

START_TEST(five_lists_ask_five_times)
{
	struct setting s;

	set_up(&s);
	for (int i = 0; i < 5; i++)
		ck_assert(feed(&s, RCPT "recipient=known@d\n\n", NULL));
	ck_assert_str_eq(s.out.data, DUNNO DUNNO DUNNO DUNNO DUNNO);
	tear_down(&s);
}
END_TEST

START_TEST(what_is_no_request_gets_no_reply)
{
	struct err err = { 0 };
	struct setting s;

	set_up(&s);
	ck_assert(!feed(&s,
		RCPT "recipient=unknown@d\n\nGET / HTTP/1.1\n\n" RCPT
		     "recipient=known@d\n\n",
		&err));
	ck_assert_str_eq(s.out.data, "action=550 5.1.1 User unknown\n\n");
	ck_assert_str_eq(err.text, "a line of a request is not \"name=value\"");
	tear_down(&s);
}
END_TEST

START_TEST(half_a_request_gets_no_reply_yet)
{
	struct setting s;

	set_up(&s);
	ck_assert(!session_is_partial(s.session));
	ck_assert(feed(&s, RCPT "recipient=known@d\n", NULL));
	ck_assert(session_is_partial(s.session));
	ck_assert_str_eq(s.out.data, "");
	ck_assert(feed(&s, "\n", NULL));
	ck_assert_str_eq(s.out.data, DUNNO);
	ck_assert(!session_is_partial(s.session));
	tear_down(&s);
}
END_TEST

START_TEST(what_out_held_stays_and_the_judge_is_told_the_time)
{
	struct setting s;

	set_up(&s);
	text_adds(&s.out, "before ");
	ck_assert(feed(&s, RCPT "recipient=known@d\n\n", NULL));
	ck_assert_str_eq(s.out.data, "before " DUNNO);
	ck_assert_int_eq(s.fake.now, 1000);
	tear_down(&s);
}
END_TEST

START_TEST(each_answer_is_told_to_who_counts)
{
	struct setting s;

	set_up(&s);
	s.judge.answered = note_answer;
	ck_assert(feed(&s, RCPT "recipient=known@d\n\n", NULL));
	ck_assert(feed(&s, RCPT "recipient=bug@d\n\n", NULL));
	ck_assert(feed(&s, FIRST "protocol_state=DATA\n\n", NULL));
	s.fake.has_generation = false;
	ck_assert(feed(&s, RCPT "recipient=known@d\n\n", NULL));
	ck_assert_uint_eq(s.fake.judged, 2);
	ck_assert_uint_eq(s.fake.unjudged, 2);
	tear_down(&s);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_loop_test(
		tcase, a_request_has_its_reply, 0, COUNT(request_cases));
	tcase_add_test(tcase, in_shadow_all_is_DUNNO_and_the_log_tells);
	tcase_add_test(
		tcase, where_nobody_keeps_lines_the_answers_are_the_same);
	tcase_add_test(tcase, without_a_generation_all_is_DUNNO_and_not_logged);
	tcase_add_test(tcase, requests_are_answered_in_order_and_apart);
	tcase_add_loop_test(tcase, taking_is_one_step_and_answering_another, 0,
		sizeof step_cases / sizeof *step_cases);
	tcase_add_test(tcase, five_lists_ask_five_times);
	tcase_add_test(tcase, what_is_no_request_gets_no_reply);
	tcase_add_test(tcase, half_a_request_gets_no_reply_yet);
	tcase_add_test(
		tcase, what_out_held_stays_and_the_judge_is_told_the_time);
	tcase_add_test(tcase, each_answer_is_told_to_who_counts);
	return unit_run(suite_create("session"), tcase);
}
