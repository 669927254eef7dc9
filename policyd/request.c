/*
 * A push parser: bytes are gathered line by line into one buffer, and what
 * is kept of a line are offsets, since the buffer moves while it grows.
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

enum attribute {
	ATTRIBUTE_REQUEST,
	ATTRIBUTE_STATE,
	ATTRIBUTE_CLIENT,
	ATTRIBUTE_SENDER,
	ATTRIBUTE_RECIPIENT,
	ATTRIBUTE_QUEUE_ID,
	ATTRIBUTE_INSTANCE,
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
	struct text buffer; /* the request as far as it has come */
	size_t line; /* where the unfinished line begins */
	struct span values[ATTRIBUTES];
	bool is_done; /* the buffer holds a request handed out */
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
	text_clear(&parser->buffer);
	parser->line = 0;
	memset(parser->values, 0, sizeof parser->values);
	parser->is_done = false;
}

static void keep_value(
	struct request_parser *parser, size_t name_len, size_t line_len)
{
	const char *line = parser->buffer.data + parser->line;

	for (size_t i = 0; i < ATTRIBUTES; i++) {
		struct span *value = &parser->values[i];

		if (name_len != names[i].len ||
			memcmp(line, names[i].bytes, name_len) != 0)
			continue;
		if (value->is_set)
			return;
		value->start = parser->line + name_len + 1;
		value->len = line_len - name_len - 1;
		value->is_set = true;
		return;
	}
}

/* The line that begins at parser->line, its LF left out, not empty. */
static bool take_line(struct request_parser *parser, struct err *err)
{
	const char *line = parser->buffer.data + parser->line;
	const size_t len = parser->buffer.len - 1 - parser->line;

	if (memchr(line, '\0', len) != NULL)
		return err_set(err, "a NUL byte within a request");
	if (line[len - 1] == '\r')
		return err_set(err,
			"a line of a request ends with CR LF, not with LF "
			"alone");
	const char *equals = memchr(line, '=', len);

	if (equals == NULL)
		return err_set(
			err, "a line of a request is not \"name=value\"");
	keep_value(parser, (size_t)(equals - line), len);
	return true;
}

static struct slice value_of(
	const struct request_parser *parser, enum attribute attribute)
{
	const struct span *value = &parser->values[attribute];

	if (!value->is_set)
		return (struct slice){ "", 0 };
	return (struct slice){ parser->buffer.data + value->start, value->len };
}

static enum request_end finish(
	struct request_parser *parser, struct request *out, struct err *err)
{
	const struct slice kind = value_of(parser, ATTRIBUTE_REQUEST);

	if (!slice_is(kind, "smtpd_access_policy")) {
		err_set(err,
			"a request without \"request=smtpd_access_policy\"");
		return REQUEST_REFUSED;
	}
	*out = (struct request){
		.state = value_of(parser, ATTRIBUTE_STATE),
		.client = value_of(parser, ATTRIBUTE_CLIENT),
		.sender = value_of(parser, ATTRIBUTE_SENDER),
		.recipient = value_of(parser, ATTRIBUTE_RECIPIENT),
		.queue_id = value_of(parser, ATTRIBUTE_QUEUE_ID),
		.instance = value_of(parser, ATTRIBUTE_INSTANCE),
	};
	parser->is_done = true;
	return REQUEST_WHOLE;
}

/* Appends up to and with the next LF; false where the request is too long. */
static bool gather(struct request_parser *parser, struct slice bytes,
	size_t *used, struct err *err)
{
	const char *newline = memchr(bytes.bytes, '\n', bytes.len);
	const size_t take = newline == NULL
		? bytes.len
		: (size_t)(newline - bytes.bytes) + 1;

	if (take > REQUEST_SIZE_MAX - parser->buffer.len)
		return err_set(err, "a request of more than %d bytes",
			REQUEST_SIZE_MAX);
	text_add(&parser->buffer, bytes.bytes, take);
	*used += take;
	return true;
}

enum request_end request_feed(struct request_parser *parser, struct slice bytes,
	size_t *used, struct request *out, struct err *err)
{
	*used = 0;
	if (parser->is_done)
		start_over(parser);
	while (*used < bytes.len) {
		const struct slice rest = { bytes.bytes + *used,
			bytes.len - *used };

		if (!gather(parser, rest, used, err))
			return REQUEST_REFUSED;
		const struct text *buffer = &parser->buffer;

		if (buffer->data[buffer->len - 1] != '\n')
			return REQUEST_PARTIAL;
		if (buffer->len - 1 == parser->line)
			return finish(parser, out, err);
		if (!take_line(parser, err))
			return REQUEST_REFUSED;
		parser->line = buffer->len;
	}
	return REQUEST_PARTIAL;
}

bool request_is_partial(const struct request_parser *parser)
{
	return !parser->is_done && parser->buffer.len > 0;
}
