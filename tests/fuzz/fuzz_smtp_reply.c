/* What an SMTP server answers: in one piece, and split by its own bytes. */
#include "tests/fuzz/target.h"

#include "doctor/smtp_reply.h"

#include <assert.h>
#include <stdlib.h>

enum goal { WHOLE, LINES, BROKEN, MORE };

const char *target_goal(size_t goal)
{
	static const char *const goals[] = {
		[WHOLE] = "a reply",
		[LINES] = "a reply of several lines",
		[BROKEN] = "no reply",
		[MORE] = "half a reply",
		NULL,
	};

	return goals[goal];
}

/* The n bytes that each byte stands for, at least one. */
static size_t piece_len(struct slice rest)
{
	const size_t len = 1 + (unsigned char)rest.bytes[0] % 7;

	return len < rest.len ? len : rest.len;
}

static enum smtp_progress feed_split(struct smtp_reply *reply,
	struct slice bytes, size_t *used, struct err *err)
{
	enum smtp_progress progress = SMTP_MORE;

	for (*used = 0; progress == SMTP_MORE && bytes.len > 0;) {
		const size_t len = piece_len(bytes);
		char *piece = input_copy((struct slice){ bytes.bytes, len });
		size_t taken;

		progress = smtp_reply_feed(reply, piece, len, &taken, err);
		assert(taken <= len);
		assert(progress != SMTP_MORE || taken == len);
		*used += taken;
		bytes = slice_after(bytes, len);
		free(piece);
	}
	return progress;
}

static void check_reply(const struct smtp_reply *reply)
{
	char shown[64];

	assert(reply->code >= 200 && reply->code <= 599);
	assert(strlen(reply->text) == reply->len);
	for (size_t i = 0; i < reply->len; i++)
		assert(reply->text[i] == '\n' ||
			(unsigned char)reply->text[i] >= ' ');
	smtp_reply_format(reply, shown, sizeof shown);
	assert(strlen(shown) < sizeof shown && strchr(shown, '\n') == NULL);
	assert(smtp_reply_first_word(reply) <= reply->len);
	goals_reach(strchr(reply->text, '\n') == strrchr(reply->text, '\n')
			? WHOLE
			: LINES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = { (const char *)data, size };
	struct smtp_reply whole = { 0 }, split = { 0 };
	struct err err = { 0 }, split_err = { 0 };
	size_t used = 0, split_used;
	const enum smtp_progress progress =
		smtp_reply_feed(&whole, input.bytes, input.len, &used, &err);

	const enum smtp_progress split_progress =
		feed_split(&split, input, &split_used, &split_err);

	assert(split_progress == progress);
	assert(strcmp(err.text, split_err.text) == 0);
	switch (progress) {
	case SMTP_MORE: goals_reach(MORE); break;
	case SMTP_BROKEN:
		assert(err.text[0] != '\0');
		goals_reach(BROKEN);
		break;
	case SMTP_WHOLE:
		assert(used == split_used && used <= input.len);
		assert(whole.code == split.code);
		assert(strcmp(whole.text, split.text) == 0);
		assert(!smtp_reply_has(&whole, "") || whole.text[0] != '\0');
		check_reply(&whole);
	}
	return 0;
}
