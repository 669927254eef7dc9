/*
 * A push parser.  A request that came in one piece, as nearly all do, is
 * read where it stands; only one that is unfinished is gathered into a
 * buffer.  What is kept of a line are offsets, since the buffer moves while
 * it grows.
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

/* An idle connection keeps no more of a buffer. */
enum { BUFFER_KEPT = 2048 };

/* In the order of their lengths. */
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

/* Where a value stands in the buffer. */
struct span {
	size_t start, len;
	bool is_set;
};

struct request_parser {
	struct text buffer; /* the pieces of an unfinished request */
	size_t line; /* where the unfinished line begins */
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
	memset(parser->values, 0, sizeof parser->values);
	parser->is_done = false;
}

/* The first attribute of that length: most lines of a request have none. */
static size_t first_of_length(size_t name_len)
{
	switch (name_len) {
	case sizeof "sender" - 1: return ATTRIBUTE_SENDER;
	case sizeof "request" - 1: return ATTRIBUTE_REQUEST;
	case sizeof "queue_id" - 1: return ATTRIBUTE_QUEUE_ID;
	case sizeof "recipient" - 1: return ATTRIBUTE_RECIPIENT;
	case sizeof "protocol_state" - 1: return ATTRIBUTE_STATE;
	default: return ATTRIBUTES;
	}
}

static void keep_value(
	struct request_parser *parser, struct slice line, size_t name_len)
{
	for (size_t i = first_of_length(name_len);
		i < ATTRIBUTES && names[i].len == name_len; i++) {
		struct span *value = &parser->values[i];

		if (memcmp(line.bytes, names[i].bytes, name_len) != 0)
			continue;
		if (value->is_set)
			return;
		value->start = parser->line + name_len + 1;
		value->len = line.len - name_len - 1;
		value->is_set = true;
		return;
	}
}

/* The line that begins at parser->line, its LF left out, not empty. */
static bool take_line(
	struct request_parser *parser, struct slice line, struct err *err)
{
	if (line.bytes[line.len - 1] == '\r')
		return err_set(err,
			"a line of a request ends with CR LF, not with LF "
			"alone");
	const char *equals = memchr(line.bytes, '=', line.len);

	if (equals == NULL)
		return err_set(
			err, "a line of a request is not \"name=value\"");
	keep_value(parser, line, (size_t)(equals - line.bytes));
	return true;
}

static struct slice value_of(const struct request_parser *parser,
	const char *request, enum attribute attribute)
{
	const struct span *value = &parser->values[attribute];

	if (!value->is_set)
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

/*
 * What is wrong with a line before its content is looked at; line_end: its
 * end as far as it has come.  NULL: nothing.
 */
static const char *fault_of(
	struct slice text, const char *nul, const char *line_end)
{
	if (nul != NULL && nul < line_end)
		return "a NUL byte within a request";
	if (line_end - text.bytes > REQUEST_SIZE_MAX)
		return "a request of more than 65536 bytes";
	return NULL;
}

/*
 * text is a request from its beginning; of its first old bytes nothing is
 * new.  The first fault in the order of the stream is told, however it was
 * cut.
 */
static enum request_end take_lines(struct request_parser *parser,
	struct slice text, size_t old, struct request *out, struct err *err)
{
	const char *from = text.bytes + old;
	const char *nul = memchr(from, '\0', text.len - old);

	for (;;) {
		const char *line = text.bytes + parser->line;
		const size_t left = (size_t)(text.bytes + text.len - from);
		const char *newline = memchr(from, '\n', left);
		const char *fault = fault_of(
			text, nul, newline == NULL ? from + left : newline + 1);

		if (fault != NULL) {
			err_set(err, "%s", fault);
			return REQUEST_REFUSED;
		}
		if (newline == NULL)
			return REQUEST_PARTIAL;
		if (newline == line)
			return finish(parser, text.bytes, out, err);
		if (!take_line(parser,
			    (struct slice){ line, (size_t)(newline - line) },
			    err))
			return REQUEST_REFUSED;
		from = newline + 1;
		parser->line = (size_t)(from - text.bytes);
	}
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
	const enum request_end end = take_lines(parser, text, old, out, err);

	*used = end == REQUEST_WHOLE ? parser->line + 1 - old : bytes.len;
	if (end == REQUEST_PARTIAL && old == 0)
		text_add(buffer, text.bytes, text.len);
	return end;
}

bool request_is_partial(const struct request_parser *parser)
{
	return !parser->is_done && parser->buffer.len > 0;
}
