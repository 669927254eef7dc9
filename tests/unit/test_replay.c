/*
 * Whole conversations with policyd: tests/replay/NAME.conv, and the requests
 * that a real Postfix sent where POSTSHARE_SAMPLES leads to some (NAME.req).
 * Each is run in one piece, byte by byte, and in pieces of 7 and 1000.
 *
 * A line of a conversation begins with a mark:
 *
 *   #   a comment
 *   =   RECIPIENT SECONDS VERDICT REASON REPLY: what the judge says of it
 *       from that time on; of anybody else it says pass, not-ours, DUNNO
 *   >   a line sent, with its LF
 *   >>  bytes sent, without LF; \r, \n, \0 and \\ are understood
 *   <   a line expected
 *   |   a line of the verdict log expected (us is always 0)
 *   @   +NUMBERs: time passes
 *   x   the session hangs up, with this reason
 */
#include "policyd/session.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "tests/unit/unit_main.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RULES_MAX = 16, STEPS_MAX = 64 };

struct rule {
	const char *recipient;
	time_t from;
	const char *verdict;
	const char *reason;
	const char *reply;
};

/* What is sent before time passes. */
struct step {
	struct text sent;
	time_t now;
};

struct conversation {
	struct arena *arena;
	struct rule rules[RULES_MAX];
	size_t n_rules;
	struct step steps[STEPS_MAX];
	size_t n_steps;
	struct text replies; /* expected */
	struct text log;
	const char *hangup; /* NULL: none */
};

static char *word(char **rest)
{
	char *start = strsep(rest, " ");

	ck_assert_ptr_nonnull(start);
	return start;
}

static void add_rule(struct conversation *c, char *rest)
{
	ck_assert_uint_lt(c->n_rules, RULES_MAX);
	struct rule *rule = &c->rules[c->n_rules++];

	rule->recipient = word(&rest);
	rule->from = (time_t)strtol(word(&rest), NULL, 10);
	rule->verdict = word(&rest);
	rule->reason = word(&rest);
	rule->reply = rest;
	ck_assert_ptr_nonnull(rest);
}

static void add_bytes(struct text *out, const char *bytes)
{
	for (; *bytes != '\0'; bytes++) {
		char c = *bytes;

		if (c == '\\') {
			c = *++bytes;
			c = (char)(c == 'r'        ? '\r'
					: c == 'n' ? '\n'
					: c == '0' ? 0
						   : c);
		}
		text_add(out, &c, 1);
	}
}

static struct step *add_step(struct conversation *c, time_t now)
{
	ck_assert_uint_lt(c->n_steps, STEPS_MAX);
	struct step *step = &c->steps[c->n_steps++];

	step->now = now;
	text_init(&step->sent);
	return step;
}

static void take_line(struct conversation *c, char *line)
{
	struct step *step = &c->steps[c->n_steps - 1];
	char *rest = line[0] == '\0' || line[1] == '\0' ? line + strlen(line)
							: line + 2;

	switch (line[0]) {
	case '\0':
	case '#': return;
	case '=': add_rule(c, rest); return;
	case '<': text_addf(&c->replies, "%s\n", rest); return;
	case '|': text_addf(&c->log, "%s\n", rest); return;
	case '@': add_step(c, step->now + strtol(rest, NULL, 10)); return;
	case 'x': c->hangup = rest; return;
	case '>':
		if (line[1] == '>')
			add_bytes(&step->sent, line + 3);
		else
			text_addf(&step->sent, "%s\n", rest);
		return;
	default: ck_abort_msg("a line without a mark: %s", line);
	}
}

static void read_conversation(struct conversation *c, const char *path)
{
	struct err err = { 0 };
	size_t len;

	*c = (struct conversation){ .arena = arena_open() };
	text_init(&c->replies);
	text_init(&c->log);
	text_adds(&c->replies, "");
	text_adds(&c->log, "");
	add_step(c, 0);
	char *lines = file_read(path, &len, c->arena, &err);

	ck_assert_msg(lines != NULL, "%s", err.text);
	while (lines != NULL && *lines != '\0')
		take_line(c, strsep(&lines, "\n"));
}

static void close_conversation(struct conversation *c)
{
	for (size_t i = 0; i < c->n_steps; i++)
		text_fini(&c->steps[i].sent);
	text_fini(&c->replies);
	text_fini(&c->log);
	arena_close(&c->arena);
}

struct court {
	const struct conversation *conversation;
	struct text log;
};

static bool decide(void *context, struct judgement *out,
	const struct request *asked, time_t now, struct arena *request)
{
	const struct court *court = context;
	const struct conversation *c = court->conversation;

	(void)request;
	*out = (struct judgement){
		.verdict = "pass",
		.reason = "not-ours",
		.reply = "DUNNO",
		.generation = 42,
	};
	for (size_t i = 0; c != NULL && i < c->n_rules; i++) {
		const struct rule *rule = &c->rules[i];

		if (now < rule->from ||
			!slice_is(asked->recipient, rule->recipient))
			continue;
		out->verdict = rule->verdict;
		out->reason = rule->reason;
		out->reply = rule->reply;
	}
	return true;
}

static void record(void *context, const char *line)
{
	struct court *court = context;

	text_addf(&court->log, "%s\n", line);
}

static void note_alarm(void *context, const char *text)
{
	(void)context;
	ck_abort_msg("alarm: %s", text);
}

struct run {
	struct court court;
	struct judge judge;
	struct arena *request;
	struct session *session;
	struct text out;
	struct err err;
	bool is_over;
};

static void open_run(struct run *run, const struct conversation *conversation)
{
	*run = (struct run){ .court.conversation = conversation };
	run->judge = (struct judge){
		.decide = decide,
		.record = record,
		.alarm = note_alarm,
		.context = &run->court,
	};
	text_init(&run->court.log);
	text_init(&run->out);
	text_adds(&run->court.log, "");
	text_adds(&run->out, "");
	run->request = arena_open();
	run->session = session_open(&run->judge, run->request);
}

static void close_run(struct run *run)
{
	session_close(&run->session);
	arena_close(&run->request);
	text_fini(&run->court.log);
	text_fini(&run->out);
}

static void feed(struct run *run, struct slice bytes, size_t piece, time_t now)
{
	while (bytes.len > 0 && !run->is_over) {
		const size_t len = bytes.len < piece ? bytes.len : piece;

		run->is_over = !session_feed(run->session,
			(struct slice){ bytes.bytes, len }, now, &run->out,
			&run->err);
		bytes.bytes += len;
		bytes.len -= len;
	}
}

static const size_t pieces[] = { SIZE_MAX, 1, 7, 1000 };

enum { N_PIECES = sizeof pieces / sizeof *pieces };

static void check_end(
	const struct run *run, const struct conversation *c, const char *where)
{
	ck_assert_msg(strcmp(run->out.data, c->replies.data) == 0,
		"%s: replies\n%s", where, run->out.data);
	ck_assert_msg(strcmp(run->court.log.data, c->log.data) == 0,
		"%s: log\n%s", where, run->court.log.data);
	ck_assert_msg(
		strcmp(run->err.text, c->hangup == NULL ? "" : c->hangup) == 0,
		"%s: %s", where, run->err.text);
}

static void replay(const char *path)
{
	for (size_t i = 0; i < N_PIECES; i++) {
		struct conversation c;
		struct run run;

		read_conversation(&c, path);
		open_run(&run, &c);
		for (size_t s = 0; s < c.n_steps; s++)
			feed(&run,
				(struct slice){ c.steps[s].sent.data,
					c.steps[s].sent.len },
				pieces[i], c.steps[s].now);
		check_end(&run, &c, path);
		close_run(&run);
		close_conversation(&c);
	}
}

START_TEST(every_conversation_goes_as_written)
{
	glob_t found;

	ck_assert_int_eq(glob("tests/replay/*.conv", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		replay(found.gl_pathv[i]);
	globfree(&found);
}
END_TEST

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	for (text = strstr(text, part); text != NULL;
		text = strstr(text + 1, part))
		n++;
	return n;
}

static void replay_requests(const char *path)
{
	struct arena *arena = arena_open();
	struct err err = { 0 };
	size_t len;
	const char *bytes = file_read(path, &len, arena, &err);

	ck_assert_msg(bytes != NULL, "%s", err.text);
	for (size_t i = 0; i < N_PIECES; i++) {
		struct run run;

		open_run(&run, NULL);
		feed(&run, (struct slice){ bytes, len }, pieces[i], 0);
		ck_assert_msg(!run.is_over, "%s: %s", path, run.err.text);
		ck_assert_uint_eq(count(run.out.data, "action=DUNNO\n\n"),
			count(bytes, "request="));
		ck_assert_uint_eq(count(run.court.log.data, "verdict="),
			count(bytes, "protocol_state=RCPT"));
		ck_assert(!session_is_partial(run.session));
		close_run(&run);
	}
	arena_close(&arena);
}

START_TEST(what_postfix_sent_is_answered)
{
	const char *samples = getenv("POSTSHARE_SAMPLES");
	char pattern[PATH_MAX];
	glob_t found;

	snprintf(pattern, sizeof pattern, "%s/*.req",
		samples == NULL ? "../shared/samples" : samples);
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		replay_requests(found.gl_pathv[i]);
	globfree(&found);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_test(tcase, every_conversation_goes_as_written);
	tcase_add_test(tcase, what_postfix_sent_is_answered);
	return unit_run(suite_create("replay"), tcase);
}
