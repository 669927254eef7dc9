/*
 * What an smtpd says to policyd: in one piece, split as its own bytes say, and
 * a byte at a time; the answers are the same, each may be said to Postfix, and
 * each line of the verdict log tells the recipient as it came.
 */
#include "tests/fuzz/target.h"

#include "base/text.h"
#include "policyd/journal.h"
#include "policyd/keeper.h"
#include "policyd/reply_check.h"
#include "policyd/session.h"
#include "tests/fuzz/world.h"
#include "verdicts/verdict.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

enum goal { REJECTED, DEFERRED, VERIFIED, LOOP, PASSED, REFUSED, PARTIAL, CUT };

const char *target_goal(size_t goal)
{
	static const char *const goals[] = {
		[REJECTED] = "a recipient that is unknown",
		[DEFERRED] = "a recipient that can not be judged now",
		[VERIFIED] = "a recipient to be verified",
		[LOOP] = "a loop",
		[PASSED] = "an answer without a reply",
		[REFUSED] = "a peer that speaks something else",
		[PARTIAL] = "half a request",
		[CUT] = "a recipient that is too long for the log",
		NULL,
	};

	return goals[goal];
}

/* Opened once: a generation for each input would be all that is done. */
static struct {
	struct keeper *keeper; /* NULL: not yet */
	struct judge judge;
	struct slice recipient; /* that is being judged */
} known;

static bool decide(void *context, struct judgement *out,
	const struct request *asked, time_t now, struct arena *request)
{
	known.recipient = asked->recipient;
	return known.judge.decide(context, out, asked, now, request);
}

/* verdicts reads back what was asked. */
static void record(void *context, const char *line)
{
	struct verdict_line verdict;
	struct text value;

	(void)context;
	assert(strlen(line) < VERDICT_LINE_MAX);
	for (const char *at = line; *at != '\0'; at++)
		assert((unsigned char)*at >= ' ' && *at != '\x7f');
	assert(verdict_parse(&verdict, slice_of(line)));
	text_init(&value);
	verdict_value(&value, &verdict, FIELD_RECIPIENT);
	if (verdict_is_cut(&verdict, FIELD_RECIPIENT))
		goals_reach(CUT);
	else
		assert(value.len == known.recipient.len);
	assert(value.len <= known.recipient.len);
	assert(value.len == 0 ||
		memcmp(value.data, known.recipient.bytes, value.len) == 0);
	text_fini(&value);
}

static void alarm_bug(void *context, const char *text)
{
	(void)context;
	(void)text;
	abort();
}

/* What is mapped stays there when its files are gone. */
static void open_known(void)
{
	struct world world;

	if (known.keeper != NULL)
		return;
	world_open(&world);
	const int log = memfd_create("log", MFD_CLOEXEC);

	known.keeper = keeper_open(world.state, journal_open_stream(log), NULL);
	keeper_judge(&known.judge, known.keeper, (struct keeper_manner){ 0 });
	world_close(&world);
}

struct talk {
	struct text out;
	struct err err;
	bool is_sound; /* until now */
	bool is_partial;
};

/* 0: as its bytes say. */
static size_t piece_len(struct slice rest, size_t width)
{
	const size_t own = 1 + (size_t)(unsigned char)rest.bytes[0] % 32;
	const size_t wanted = width > 0 ? width : own;

	return wanted < rest.len ? wanted : rest.len;
}

static void talk_run(struct talk *talk, struct slice input, size_t width)
{
	struct judge judge = known.judge;
	struct arena *request = arena_open();

	judge.decide = decide;
	judge.record = record;
	judge.alarm = alarm_bug;
	struct session *session = session_open(&judge, request);

	*talk = (struct talk){ .is_sound = true };
	text_init(&talk->out);
	text_adds(&talk->out, "");
	while (talk->is_sound && input.len > 0) {
		const size_t len = piece_len(input, width);
		char *piece = input_copy((struct slice){ input.bytes, len });

		talk->is_sound =
			session_feed(session, (struct slice){ piece, len },
				WORLD_NOW, &talk->out, &talk->err);
		input = slice_after(input, len);
		free(piece);
	}
	talk->is_partial = session_is_partial(session);
	session_close(&session);
	arena_close(&request);
}

static void count_reply(const char *reply)
{
	if (text_starts(reply, "550 5.1.1"))
		goals_reach(REJECTED);
	else if (text_starts(reply, "450"))
		goals_reach(DEFERRED);
	else if (text_starts(reply, "reject"))
		goals_reach(VERIFIED);
	else if (text_starts(reply, "550 5.4.6"))
		goals_reach(LOOP);
	else
		goals_reach(PASSED);
}

/* "action=REPLY", an empty line, again and again, and no CR. */
static void check_replies(char *out)
{
	static const char action[] = "action=";

	while (*out != '\0') {
		char *end = strstr(out, "\n\n");

		assert(end != NULL && text_starts(out, action));
		*end = '\0';
		assert(reply_is_valid(out + sizeof action - 1));
		assert(strlen(out) < REPLY_SIZE_MAX);
		count_reply(out + sizeof action - 1);
		out = end + 2;
	}
}

static void compare(struct slice input, const struct talk *whole, size_t width)
{
	struct talk split;

	talk_run(&split, input, width);
	assert(split.is_sound == whole->is_sound);
	assert(!split.is_sound || split.is_partial == whole->is_partial);
	assert(strcmp(split.err.text, whole->err.text) == 0);
	assert(strcmp(split.out.data, whole->out.data) == 0);
	text_fini(&split.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { BYTEWISE_MAX = 512 };
	const struct slice input = { (const char *)data, size };
	struct talk whole;

	open_known();
	talk_run(&whole, input, size + 1);
	compare(input, &whole, 0);
	if (size <= BYTEWISE_MAX)
		compare(input, &whole, 1);
	if (!whole.is_sound)
		goals_reach(REFUSED);
	if (whole.is_partial)
		goals_reach(PARTIAL);
	check_replies(whole.out.data);
	text_fini(&whole.out);
	return 0;
}
