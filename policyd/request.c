/*
 * A push parser.  A request that came in one piece, as nearly all do, is
 * read where it stands; only one that is unfinished is gathered into a
 * buffer.  What is kept of a line are offsets, since the buffer moves while
 * it grows.  Its some thirty lines are short, so the two characters that
 * part them are looked for in many bytes at once, not line by line.
 *
 * Whatever Postfix could not have sent is refused, not guessed at: a reply
 * to a request that was misunderstood would be a wrong verdict.  Postfix
 * ends lines with LF alone, has no NUL within them, and turns the CR of an
 * SMTP command into a blank (attr_print_plain, smtpd); a CR before the LF
 * is somebody else.
 */
#include "policyd/request.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	BUFFER_KEPT = 2048, /* an idle connection keeps no more of a buffer */
	MASK_SIZE = 64, /* bytes looked at in one go */
};

enum attribute {
	ATTRIBUTE_SENDER,
	ATTRIBUTE_REQUEST,
	ATTRIBUTE_QUEUE_ID,
	ATTRIBUTE_INSTANCE,
	ATTRIBUTE_RECIPIENT,
	ATTRIBUTE_STATE,
	ATTRIBUTE_CLIENT,
	ATTRIBUTES,
};

#define NAME(text) \
	{ \
		text, sizeof text - 1 \
	}

static const struct slice names[ATTRIBUTES] = {
	[ATTRIBUTE_REQUEST] = NAME("request"),
	[ATTRIBUTE_STATE] = NAME("protocol_state"),
	[ATTRIBUTE_CLIENT] = NAME("client_address"),
	[ATTRIBUTE_SENDER] = NAME("sender"),
	[ATTRIBUTE_RECIPIENT] = NAME("recipient"),
	[ATTRIBUTE_QUEUE_ID] = NAME("queue_id"),
	[ATTRIBUTE_INSTANCE] = NAME("instance"),
};

/* Where a value stands in the buffer; never at its start, so 0 = nowhere. */
struct span {
	uint32_t start, len;
};

struct request_parser {
	struct text buffer; /* the pieces of an unfinished request */
	size_t line; /* where the unfinished line begins */
	size_t value; /* what follows its first "="; 0 = none has come */
	struct span values[ATTRIBUTES];
	bool is_done; /* a request was handed out */
};

struct request_parser *request_parser_open(void)
{
	struct request_parser *parser = memory_must(calloc(1, sizeof *parser));

	text_init(&parser->buffer);
	return parser;
}

void request_parser_close(struct request_parser **parser)
{
	if (*parser == NULL)
		return;
	text_fini(&(*parser)->buffer);
	free(*parser);
	*parser = NULL;
}

static void start_over(struct request_parser *parser)
{
	if (parser->buffer.room > BUFFER_KEPT)
		text_fini(&parser->buffer);
	else if (parser->buffer.len > 0)
		text_clear(&parser->buffer);
	parser->line = 0;
	parser->value = 0;
	memset(parser->values, 0, sizeof parser->values);
	parser->is_done = false;
}

/* Most lines of a request have a name that is longer or shorter than these. */
enum {
	LENGTHS_END = 32,
	LENGTHS = 1 << (sizeof "sender" - 1) | 1 << (sizeof "request" - 1) |
		1 << (sizeof "queue_id" - 1) | 1 << (sizeof "recipient" - 1) |
		1 << (sizeof "protocol_state" - 1),
};

/* The only one that a name of one of these lengths can be. */
static enum attribute attribute_like(size_t name_len, char first)
{
	switch (name_len) {
	case sizeof "sender" - 1: return ATTRIBUTE_SENDER;
	case sizeof "request" - 1: return ATTRIBUTE_REQUEST;
	case sizeof "queue_id" - 1:
		return first == 'q' ? ATTRIBUTE_QUEUE_ID : ATTRIBUTE_INSTANCE;
	case sizeof "recipient" - 1: return ATTRIBUTE_RECIPIENT;
	default: return first == 'p' ? ATTRIBUTE_STATE : ATTRIBUTE_CLIENT;
	}
}

/* Offsets in the request: of its first byte, its value, its LF. */
struct line {
	size_t start;
	size_t value; /* 0: it has no "=" */
	size_t end;
};

/* The line's name is as long as that of an attribute. */
static void keep_value(
	struct request_parser *parser, const char *text, struct line line)
{
	const char *name = text + line.start;
	const size_t name_len = line.value - 1 - line.start;
	const enum attribute attribute = attribute_like(name_len, name[0]);
	struct span *value = &parser->values[attribute];

	if (value->start == 0 &&
		memcmp(name, names[attribute].bytes, name_len) == 0)
		*value = (struct span){ (uint32_t)line.value,
			(uint32_t)(line.end - line.value) };
}

/* One that is not empty. */
static inline bool take_line(struct request_parser *parser, const char *text,
	struct line line, struct err *err)
{
	if (text[line.end - 1] == '\r')
		return err_set(err,
			"a line of a request ends with CR LF, not with LF "
			"alone");
	if (line.value == 0)
		return err_set(
			err, "a line of a request is not \"name=value\"");
	const size_t name_len = line.value - 1 - line.start;

	if (name_len < LENGTHS_END && ((unsigned)LENGTHS >> name_len & 1))
		keep_value(parser, text, line);
	return true;
}

static struct slice value_of(const struct request_parser *parser,
	const char *request, enum attribute attribute)
{
	const struct span *value = &parser->values[attribute];

	if (value->start == 0)
		return (struct slice){ "", 0 };
	return (struct slice){ request + value->start, value->len };
}

static enum request_end finish(struct request_parser *parser, const char *text,
	struct request *out, struct err *err)
{
	const struct slice kind = value_of(parser, text, ATTRIBUTE_REQUEST);

	if (!slice_is(kind, "smtpd_access_policy")) {
		err_set(err,
			"a request without \"request=smtpd_access_policy\"");
		return REQUEST_REFUSED;
	}
	*out = (struct request){
		.state = value_of(parser, text, ATTRIBUTE_STATE),
		.client = value_of(parser, text, ATTRIBUTE_CLIENT),
		.sender = value_of(parser, text, ATTRIBUTE_SENDER),
		.recipient = value_of(parser, text, ATTRIBUTE_RECIPIENT),
		.queue_id = value_of(parser, text, ATTRIBUTE_QUEUE_ID),
		.instance = value_of(parser, text, ATTRIBUTE_INSTANCE),
	};
	parser->is_done = true;
	return REQUEST_WHOLE;
}

/* Bit i tells whether byte i is the wanted one. */
#ifdef __SSE2__
static uint64_t mask_16(const char *bytes, char wanted)
{
	const __m128i part = _mm_loadu_si128((const void *)bytes);
	const __m128i same = _mm_cmpeq_epi8(part, _mm_set1_epi8(wanted));

	return (unsigned)_mm_movemask_epi8(same);
}

static uint64_t mask_of(const char bytes[MASK_SIZE], char wanted)
{
	return mask_16(bytes, wanted) | mask_16(bytes + 16, wanted) << 16 |
		mask_16(bytes + 32, wanted) << 32 |
		mask_16(bytes + 48, wanted) << 48;
}
#else
static uint64_t mask_of(const char bytes[MASK_SIZE], char wanted)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < MASK_SIZE; i++)
		mask |= (uint64_t)(bytes[i] == wanted) << i;
	return mask;
}
#endif

/* What of a text is looked at, MASK_SIZE bytes at a time. */
struct scan {
	struct slice text;
	size_t at; /* where the masks begin */
	uint64_t newlines, equals; /* those not passed yet */
};

static inline void take_masks(struct scan *scan)
{
	const size_t left = scan->text.len - scan->at;
	const char *bytes = scan->text.bytes + scan->at;
	char last[MASK_SIZE];

	if (left < MASK_SIZE) {
		memset(last, 0, sizeof last);
		memcpy(last, bytes, left);
		bytes = last;
	}
	scan->newlines = mask_of(bytes, '\n');
	scan->equals = mask_of(bytes, '=');
}

/*
 * The lines that end where the masks look; line is the one that has begun,
 * and what is left of it in the end.  PARTIAL: there is more to look at.
 */
static enum request_end take_masked(struct request_parser *parser,
	struct scan *scan, struct line *line, struct err *err)
{
	const char *text = scan->text.bytes;

	for (; scan->newlines != 0; scan->newlines &= scan->newlines - 1) {
		const uint64_t before = (scan->newlines - 1) & ~scan->newlines;
		const uint64_t equals = scan->equals & before;

		line->end = scan->at + (size_t)__builtin_ctzll(scan->newlines);
		if (line->value == 0 && equals != 0)
			line->value =
				scan->at + (size_t)__builtin_ctzll(equals) + 1;
		scan->equals ^= equals;
		if (line->end == line->start)
			return REQUEST_WHOLE;
		if (!take_line(parser, text, *line, err))
			return REQUEST_REFUSED;
		*line = (struct line){ line->end + 1, 0, 0 };
	}
	if (line->value == 0 && scan->equals != 0)
		line->value =
			scan->at + (size_t)__builtin_ctzll(scan->equals) + 1;
	return REQUEST_PARTIAL;
}

/*
 * text is a request from its beginning, sound as far as it goes; of its
 * first old bytes nothing is new.
 */
static enum request_end take_lines(struct request_parser *parser,
	struct slice text, size_t old, struct request *out, struct err *err)
{
	struct scan scan = { .text = text, .at = old };
	struct line line = { parser->line, parser->value, 0 };
	enum request_end end = REQUEST_PARTIAL;

	for (; scan.at < text.len && end == REQUEST_PARTIAL;
		scan.at += MASK_SIZE) {
		take_masks(&scan);
		end = take_masked(parser, &scan, &line, err);
	}
	parser->line = line.start;
	parser->value = line.value;
	return end == REQUEST_WHOLE ? finish(parser, text.bytes, out, err)
				    : end;
}

/*
 * What no request has in it ends the text; the first fault in the order of
 * the stream is told, however it was cut.
 */
static enum request_end take_text(struct request_parser *parser,
	struct slice text, size_t old, struct request *out, struct err *err)
{
	const char *nul = memchr(text.bytes + old, '\0', text.len - old);
	const char *fault = NULL;

	if (text.len > REQUEST_SIZE_MAX) {
		fault = "a request of more than 65536 bytes";
		text.len = REQUEST_SIZE_MAX;
	}
	if (nul != NULL) {
		fault = "a NUL byte within a request";
		text.len = (size_t)(nul - text.bytes);
	}
	const enum request_end end = take_lines(parser, text, old, out, err);

	if (end != REQUEST_PARTIAL || fault == NULL)
		return end;
	err_set(err, "%s", fault);
	return REQUEST_REFUSED;
}

/* As much as shows that a request is too long. */
static struct slice bounded(struct slice bytes, size_t before)
{
	const size_t room = REQUEST_SIZE_MAX + 1 - before;

	return (struct slice){ bytes.bytes,
		bytes.len < room ? bytes.len : room };
}

enum request_end request_feed(struct request_parser *parser, struct slice bytes,
	size_t *used, struct request *out, struct err *err)
{
	if (parser->is_done)
		start_over(parser);
	struct text *buffer = &parser->buffer;
	const size_t old = buffer->len;
	struct slice text = bounded(bytes, old);

	if (old > 0) {
		text_add(buffer, text.bytes, text.len);
		text = (struct slice){ buffer->data, buffer->len };
	}
	const enum request_end end = take_text(parser, text, old, out, err);

	*used = end == REQUEST_WHOLE ? parser->line + 1 - old : bytes.len;
	if (end == REQUEST_PARTIAL && old == 0)
		text_add(buffer, text.bytes, text.len);
	return end;
}

bool request_is_partial(const struct request_parser *parser)
{
	return !parser->is_done && parser->buffer.len > 0;
}
