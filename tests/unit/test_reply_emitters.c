/*
 * All that can reach the socket, from each end that can make a reply: the
 * words of every verdict, hostile requests before real maps, no maps at all,
 * and a judge that errs.  What is allowed is written here once more, as whole
 * answers.
 */
#include "policyd/session.h"

#include "base/text.h"
#include "policyd/journal.h"
#include "policyd/keeper.h"
#include "policyd/reply_check.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>
#include <stdint.h>

#define UNKNOWN \
	"550 5.1.1 User unknown: no directory of this domain lists the address"
#define LOOP \
	"550 5.4.6 Mail loop: the system that hands us this recipient is the " \
	"one that we would hand it to"
#define STALE \
	"450 4.3.0 A directory that may list the address can not be asked " \
	"now, try again later"
#define FAILED "450 4.3.0 The address can not be looked up now, try again later"
#define VERIFY "reject_unverified_recipient"

static const char *const allowed[] = { "DUNNO", VERIFY, UNKNOWN, LOOP, STALE,
	FAILED };

/* The index in allowed, or a failure that shows what was said. */
static int index_of(const char *action, size_t len)
{
	for (int i = 0; i < COUNT(allowed); i++) {
		if (strlen(allowed[i]) == len &&
			memcmp(allowed[i], action, len) == 0)
			return i;
	}
	ck_abort_msg("said: \"%.*s\"", (int)len, action);
}

static unsigned draw(uint64_t *chance, unsigned below)
{
	*chance = *chance * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*chance >> 33) % below;
}

/* -- words */

START_TEST(every_verdict_has_a_whole_answer)
{
	for (int v = VERDICT_ACCEPT; v <= VERDICT_PASS; v++) {
		for (int r = REASON_LISTED; r <= REASON_LOOKUP_FAILED; r++) {
			const struct resolution resolution = {
				.verdict = (enum verdict)v,
				.reason = (enum reason)r,
			};
			const char *reply = reply_format(&resolution);
			const int at = index_of(reply, strlen(reply));

			ck_assert(reply_is_valid(reply));
			ck_assert_int_eq(
				allowed[at][0] == '5', v == VERDICT_REJECT);
			ck_assert_int_eq(
				allowed[at][0] == '4', v == VERDICT_DEFER);
		}
	}
}
END_TEST

/* -- hostile requests before real maps */

static const char config[] =
	"accepted-domain 'd.example' { type = internal-relay\n"
	" recipient-filter = directories }\n"
	"accepted-domain 'open.example' { type = internal-relay }\n"
	"accepted-domain 'asked.example' { type = internal-relay\n"
	" recipient-filter = verify }\n"
	"accepted-domain 'old.example' { type = authoritative }\n"
	"connector 'ex' { smart-hosts = '10.0.0.1' clients = { '10.0.0.9' }\n"
	" address-spaces = { 'd.example', 'open.example', 'asked.example',\n"
	"  'old.example' } }\n"
	"directory 'staff' { path = s domains = 'd.example'\n"
	" connector = ex }\n"
	"directory 'late' { path = l domains = 'old.example'\n"
	" connector = ex }\n";

static const char *const domains[] = { "d.example", "D.EXAMPLE.",
	"open.example", "asked.example", "old.example", "e.example", "",
	"x\xff.example", "sub.d.example", "[10.0.0.1]", "d.example\taction=OK",
	"xn--a.example" };

/* NUL and LF are the protocol's own, see below. */
static const char *const locals[] = { "ann", "bob", "", "postmaster", "ann+x",
	"550", "OK", "action=OK", "action=DUNNO", "\r", "\r\raction=OK", "a\rb",
	"\x1b[2J", "\x7f", "\xc3\xa4", "\xff\xfe", "\xe2\x80\xae", "\"a b\"",
	"a@b", "a@b@c", "..", "%s%n%s", "DEFER_IF_PERMIT", "REJECT", "<>",
	"'; --", "=", "recipient=x", "\x01\x02\x03" };

static const char *const others[] = { "", "192.0.2.1", "10.0.0.9", "unknown",
	"10.0.0.9\r", "action=OK", "550 5.1.1 x", "\xff", "2001:db8::1",
	"a@b.example", "%n" };

struct exchange {
	struct model_case c;
	int log[2];
	struct journal *journal;
	struct keeper *keeper;
	struct judge judge;
	struct arena *request;
	struct session *session;
	struct text out;
	unsigned seen[COUNT(allowed)];
	unsigned long n_asked, n_answered;
};

static void set_up(struct exchange *x, bool is_published, bool is_shadow)
{
	memset(x, 0, sizeof *x);
	model_case_sound(&x->c, config, "staff ann@d.example\nlate never");
	if (is_published)
		model_case_write(&x->c, 7);
	ck_assert_int_eq(pipe2(x->log, O_NONBLOCK), 0);
	x->journal = journal_open_stream(x->log[1]);
	x->keeper = keeper_open(x->c.folder, x->journal, NULL);
	keeper_judge(&x->judge, x->keeper,
		(struct keeper_manner){ .is_shadow = is_shadow });
	x->request = arena_open();
	x->session = session_open(&x->judge, x->request);
	text_init(&x->out);
}

static void tear_down(struct exchange *x)
{
	text_fini(&x->out);
	session_close(&x->session);
	arena_close(&x->request);
	keeper_close(&x->keeper);
	journal_close(&x->journal);
	close(x->log[0]);
	close(x->log[1]);
	model_case_close(&x->c);
}

/* Whole replies and nothing else, each of them allowed. */
static void take_replies(struct exchange *x)
{
	const char *at = x->out.data;
	const char *end = at + x->out.len;

	while (at < end) {
		const char *stop = memmem(at, (size_t)(end - at), "\n\n", 2);

		ck_assert_ptr_nonnull(stop);
		ck_assert(memcmp(at, "action=", 7) == 0);
		x->seen[index_of(at + 7, (size_t)(stop - at - 7))]++;
		x->n_answered++;
		at = stop + 2;
	}
	text_clear(&x->out);
}

static bool feed(struct exchange *x, const char *bytes, size_t len)
{
	struct err err = { 0 };
	const bool is_going_on = session_feed(x->session,
		(struct slice){ bytes, len }, MODEL_NOW, &x->out, &err);

	take_replies(x);
	return is_going_on;
}

static void ask(struct exchange *x, const char *state, const char *recipient,
	const char *other)
{
	struct text request;

	text_init(&request);
	text_addf(&request,
		"request=smtpd_access_policy\nprotocol_state=%s\n"
		"recipient=%s\nclient_address=%s\nsender=%s\n"
		"client_name=%s\nhelo_name=%s\nqueue_id=%s\ninstance=%s\n\n",
		state, recipient, other, other, other, other, other, other);
	x->n_asked++;
	/* A line that ends with CR is another protocol, and no answer. */
	if (strstr(request.data, "\r\n") != NULL)
		x->n_asked--;
	if (!feed(x, request.data, request.len)) {
		session_close(&x->session);
		x->session = session_open(&x->judge, x->request);
	}
	text_fini(&request);
}

static void ask_all(struct exchange *x, const char *state)
{
	char recipient[128];

	for (int l = 0; l < COUNT(locals); l++) {
		for (int d = 0; d < COUNT(domains); d++) {
			snprintf(recipient, sizeof recipient, "%s@%s",
				locals[l], domains[d]);
			for (int o = 0; o < COUNT(others); o++)
				ask(x, state, recipient, others[o]);
		}
	}
	ck_assert_uint_gt(x->n_asked, 3000);
	ck_assert_uint_eq(x->n_answered, x->n_asked);
}

START_TEST(hostile_requests_get_allowed_answers)
{
	struct exchange x;

	set_up(&x, true, false);
	ask_all(&x, "RCPT");
	/* All but a look-up that fails, for which a map must be damaged. */
	for (int i = 0; i < COUNT(allowed) - 1; i++)
		ck_assert_msg(x.seen[i] > 0, "never said: %s", allowed[i]);
	tear_down(&x);
}
END_TEST

START_TEST(nothing_is_said_but_dunno)
{
	static const struct {
		const char *name, *state;
		bool is_published, is_shadow;
	} cases[] = {
		{ "shadow", "RCPT", true, true },
		{ "no generation", "RCPT", false, false },
		{ "another state", "DATA", true, false },
		{ "a state of the client's", "RCPT=action=OK", true, false },
		{ "no state", "", true, false },
	};
	struct exchange x;

	set_up(&x, cases[_i].is_published, cases[_i].is_shadow);
	ask_all(&x, cases[_i].state);
	ck_assert_msg(x.seen[0] == x.n_answered, "%s", cases[_i].name);
	tear_down(&x);
}
END_TEST

static void ask_long(struct exchange *x, const char *unit, size_t len)
{
	struct text request;

	text_init(&request);
	text_adds(&request,
		"request=smtpd_access_policy\nprotocol_state=RCPT\nrecipient=");
	for (size_t i = 0; i < len; i += strlen(unit))
		text_adds(&request, unit);
	text_adds(&request, "@d.example\n\n");
	if (!feed(x, request.data, request.len)) {
		session_close(&x->session);
		x->session = session_open(&x->judge, x->request);
	}
	text_fini(&request);
}

START_TEST(the_longest_recipients_say_no_more)
{
	static const char *const units[] = { "a", "@", "action=OK ", "\xc3\xa4",
		"\xff", "\"", "+", ".", "\r" };
	struct exchange x;

	set_up(&x, true, false);
	for (int i = 0; i < COUNT(units); i++) {
		ask_long(&x, units[i], 300);
		ask_long(&x, units[i], 64000);
		ask_long(&x, units[i], 70000);
	}
	ck_assert_uint_eq(x.n_answered, (unsigned long)2 * COUNT(units));
	tear_down(&x);
}
END_TEST

/* Requests of any bytes, cut anywhere, NUL and LF among them. */
START_TEST(any_bytes_get_allowed_answers)
{
	static const char *const pieces[] = {
		"request=smtpd_access_policy\n",
		"protocol_state=RCPT\n",
		"protocol_state=VRFY\n",
		"recipient=bob@d.example\n",
		"recipient=\n",
		"client_address=10.0.0.9\n",
		"action=OK\n",
		"\n",
		"\n",
		"\n\n",
		"\r\n",
		"=\n",
		"recipient=ann@d.example\naction=OK\n",
	};
	struct exchange x;
	uint64_t chance = 4711;

	set_up(&x, true, false);
	for (int i = 0; i < 200000; i++) {
		const char odd = (char)draw(&chance, 256);
		const char *piece = pieces[draw(&chance, COUNT(pieces))];
		const bool is_odd = draw(&chance, 50) == 0;

		if (feed(&x, is_odd ? &odd : piece, is_odd ? 1 : strlen(piece)))
			continue;
		session_close(&x.session);
		x.session = session_open(&x.judge, x.request);
	}
	ck_assert_uint_gt(x.n_answered, 1000);
	ck_assert_uint_gt(x.seen[2], 0);
	tear_down(&x);
}
END_TEST

/* -- a judge that errs */

struct liar {
	const char *reply;
	unsigned alarms;
};

static bool lie(void *context, struct judgement *out,
	const struct request *asked, time_t now, struct arena *request)
{
	const struct liar *liar = context;

	(void)asked;
	(void)now;
	(void)request;
	*out = (struct judgement){ .verdict = "accept", .reply = liar->reply };
	return true;
}

static void record(void *context, const char *line)
{
	(void)context;
	ck_assert_ptr_null(strpbrk(line, "\r\n"));
}

static void alarm_bug(void *context, const char *text)
{
	struct liar *liar = context;

	(void)text;
	liar->alarms++;
}

static bool is_sent(const char *reply)
{
	struct liar liar = { .reply = reply };
	const struct judge judge = { .decide = lie,
		.record = record,
		.alarm = alarm_bug,
		.context = &liar };
	static const char request[] =
		"request=smtpd_access_policy\nprotocol_state=RCPT\n"
		"recipient=a@d.example\n\n";
	struct arena *arena = arena_open();
	struct session *session = session_open(&judge, arena);
	struct text out;
	struct err err = { 0 };

	text_init(&out);
	ck_assert(session_feed(session,
		(struct slice){ request, sizeof request - 1 }, MODEL_NOW, &out,
		&err));
	const bool is_dunno = strcmp(out.data, "action=DUNNO\n\n") == 0;

	ck_assert_uint_eq(liar.alarms, is_dunno ? 1 : 0);
	text_fini(&out);
	session_close(&session);
	arena_close(&arena);
	return !is_dunno;
}

START_TEST(an_invalid_reply_is_never_sent)
{
	static const char *const invalid[] = { "", "550", "250", "OK", "RELAY",
		"PERMIT", "permit", "REJECT", "REJECT User unknown", "DEFER",
		"DEFER_IF_PERMIT 4.3.0 x", "DEFER_IF_REJECT 4.3.0 x", "DISCARD",
		"HOLD", "FILTER smtp:[x]", "REDIRECT a@b.example",
		"BCC a@b.example", "PREPEND X: y", "INFO x", "WARN x", "dunno",
		"DUNNO\n\naction=OK", "550 5.1.1 a\r",
		"550 5.1.1 a\n\naction=OK", "550 5.1.1 \xc3\xa4",
		"reject_unverified_recipient, permit", "421 4.3.0 x",
		"250 2.0.0 x", "550 5.1.1", " DUNNO", NULL };

	for (int i = 0; i < COUNT(invalid); i++)
		ck_assert_msg(!is_sent(invalid[i]), "\"%s\"", invalid[i]);
	ck_assert(is_sent(UNKNOWN));
}
END_TEST

/* By chance near what is allowed; what passes is judged here anew. */
START_TEST(what_passes_is_a_whole_reply)
{
	static const char bytes[] = "4550 .123456789 aOK\r\n\t\x7f\xc3=";
	uint64_t chance = 4712;
	char reply[24];

	for (int i = 0; i < 30000; i++) {
		size_t len = draw(&chance, sizeof reply - 1);

		for (size_t at = 0; at < len; at++)
			reply[at] = bytes[draw(&chance, sizeof bytes - 1)];
		if (draw(&chance, 2) == 0 && len > 10)
			memcpy(reply, "550 5.1.1 ", 10);
		reply[len] = '\0';
		if (!reply_is_valid(reply))
			continue;
		ck_assert_uint_gt(len, 10);
		ck_assert(reply[0] == '4' || reply[0] == '5');
		ck_assert_int_eq(reply[4], reply[0]);
		ck_assert_int_eq(strspn(reply, "0123456789"), 3);
		ck_assert_ptr_null(strpbrk(reply, "\r\n\t\x7f\xc3"));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("reply_emitters");
	TCase *tcase = tcase_create("core");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, every_verdict_has_a_whole_answer);
	tcase_add_test(tcase, hostile_requests_get_allowed_answers);
	tcase_add_loop_test(tcase, nothing_is_said_but_dunno, 0, 5);
	tcase_add_test(tcase, the_longest_recipients_say_no_more);
	tcase_add_test(tcase, any_bytes_get_allowed_answers);
	tcase_add_test(tcase, an_invalid_reply_is_never_sent);
	tcase_add_test(tcase, what_passes_is_a_whole_reply);
	return unit_run(suite, tcase);
}
