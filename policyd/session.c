/*
 * Nothing of one request touches the next: what is kept between two is the
 * unfinished request alone.  A recipient may be asked about several times
 * over (policyd stands in several restriction lists); each is answered.
 */
#include "policyd/session.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "policyd/reply_check.h"

#include <stdlib.h>
#include <string.h>

struct session {
	const struct judge *judge;
	struct arena *request;
	struct request_parser *parser;
	struct request asked; /* the last one that was whole */
	struct text line; /* of the verdict log; kept for its memory */
};

struct session *session_open(const struct judge *judge, struct arena *request)
{
	struct session *session = memory_must(calloc(1, sizeof *session));

	session->judge = judge;
	session->request = request;
	session->parser = request_parser_open();
	text_init(&session->line);
	return session;
}

void session_close(struct session **session)
{
	if (*session == NULL)
		return;
	request_parser_close(&(*session)->parser);
	text_fini(&(*session)->line);
	free(*session);
	*session = NULL;
}

/* At DATA and later an answer would be for the whole message. */
static bool is_to_be_judged(const struct request *request)
{
	return request->recipient.len > 0 &&
		(slice_is(request->state, "RCPT") ||
			slice_is(request->state, "VRFY"));
}

static void record(struct session *session, const struct request *request,
	const struct judgement *judgement)
{
	const struct judge *judge = session->judge;

	text_clear(&session->line);
	verdict_log_format(
		&session->line, request, judgement, judge->is_shadow);
	judge->record(judge->context, session->line.data);
}

/* NULL: there is nothing to judge by. */
static const char *judge_recipient(
	struct session *session, const struct request *request, time_t now)
{
	const struct judge *judge = session->judge;
	struct judgement judgement = { 0 };

	if (!judge->decide(
		    judge->context, &judgement, request, now, session->request))
		return NULL;
	if (judgement.reply == NULL || !reply_is_valid(judgement.reply)) {
		judge->alarm(judge->context,
			"an invalid reply was made and not sent");
		judgement.reply = "DUNNO";
	}
	if (judge->record != NULL)
		record(session, request, &judgement);
	return judge->is_shadow ? "DUNNO" : judgement.reply;
}

/* A valid one, in one piece. */
static void add_reply(struct text *out, const char *reply)
{
	static const char name[] = "action=";
	char line[sizeof name + REPLY_SIZE_MAX + 1];
	const size_t start = sizeof name - 1;
	const size_t len = strlen(reply);

	memcpy(line, name, start);
	memcpy(line + start, reply, len);
	memcpy(line + start + len, "\n\n", 2);
	text_add(out, line, start + len + 2);
}

void session_answer(struct session *session, time_t now, struct text *out)
{
	const struct request *request = &session->asked;
	const struct judge *judge = session->judge;
	const char *reply = NULL;

	if (is_to_be_judged(request))
		reply = judge_recipient(session, request, now);
	add_reply(out, reply == NULL ? "DUNNO" : reply);
	if (judge->answered != NULL)
		judge->answered(judge->context, reply != NULL);
	arena_reset(session->request);
}

enum request_end session_take(struct session *session, struct slice bytes,
	size_t *used, struct err *err)
{
	return request_feed(session->parser, bytes, used, &session->asked, err);
}

struct slice session_recipient(const struct session *session)
{
	const struct request *request = &session->asked;

	return is_to_be_judged(request) ? request->recipient
					: (struct slice){ "", 0 };
}

bool session_feed(struct session *session, struct slice bytes, time_t now,
	struct text *out, struct err *err)
{
	enum request_end end;
	size_t used;

	do {
		end = session_take(session, bytes, &used, err);
		if (end == REQUEST_WHOLE)
			session_answer(session, now, out);
		bytes.bytes += used;
		bytes.len -= used;
	} while (end == REQUEST_WHOLE && bytes.len > 0);
	return end != REQUEST_REFUSED;
}

bool session_is_partial(const struct session *session)
{
	return request_is_partial(session->parser);
}
