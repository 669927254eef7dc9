/*
 * Values come from strangers, so each is written by one function that knows
 * what is safe.  Bounds are on what is written, not on what came: an escape
 * makes four bytes of one, and syslog daemons cut long lines anywhere.
 */
#include "policyd/verdict_log.h"

#include "base/printable.h"
#include "base/text.h"

#include <string.h>

/* Together with the names of the fields less than VERDICT_LINE_MAX. */
enum {
	LIMIT_RECIPIENT = 384,
	LIMIT_SENDER = 320,
	LIMIT_NEXTHOP = 256,
	LIMIT_DOMAIN = 256,
	LIMIT_REPLY = 208,
	LIMIT_NAME = 66, /* the longest that namespace.conf takes fits */
	LIMIT_WORD = 48, /* an IPv6 address fits */
};

struct value {
	struct slice slice;
	size_t limit;
	bool is_address;
};

/* ASCII that may stand outside quotes. */
static bool is_safe(char c)
{
	return c > ' ' && c <= '~' && c != '"' && c != '\'' && c != '<' &&
		c != '=' && c != '>' && c != '\\';
}

static bool is_plain(struct slice slice)
{
	size_t i = 0;

	while (i < slice.len) {
		const char *at = slice.bytes + i;
		size_t len = is_safe(*at);

		if (len == 0 && (unsigned char)*at >= 0x80)
			len = printable_len(at, slice.len - i);
		if (len == 0)
			return false;
		i += len;
	}
	return true;
}

/* One character or one byte as it stands within quotes; what it took. */
static size_t escape(char written[5], const char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const size_t count = printable_len(bytes, len);
	const unsigned char byte = (unsigned char)bytes[0];

	memset(written, 0, 5);
	if (byte == '"' || byte == '\\') {
		written[0] = '\\';
		written[1] = (char)byte;
		return 1;
	}
	if (count > 0) {
		memcpy(written, bytes, count);
		return count;
	}
	written[0] = '\\';
	written[1] = 'x';
	written[2] = digits[byte >> 4];
	written[3] = digits[byte & 15];
	return 1;
}

static void add_quoted(struct text *out, const struct value *value)
{
	const size_t start = out->len;
	const struct slice slice = value->slice;
	size_t i = 0;

	text_adds(out, value->is_address ? "\"<" : "\"");
	while (i < slice.len) {
		char written[5];
		const size_t took =
			escape(written, slice.bytes + i, slice.len - i);

		/* >" and the dots of a cut must fit as well */
		if (out->len - start + strlen(written) + 5 > value->limit)
			break;
		text_adds(out, written);
		i += took;
	}
	text_adds(out, value->is_address ? ">\"" : "\"");
	if (i < slice.len)
		text_adds(out, "...");
}

static void add_value(struct text *out, const struct value *value)
{
	const struct slice slice = value->slice;

	if (slice.len == 0 && !value->is_address) {
		text_adds(out, "-");
	} else if (slice.len + 2 > value->limit || !is_plain(slice) ||
		(!value->is_address && slice_is(slice, "-"))) {
		add_quoted(out, value);
	} else {
		text_adds(out, value->is_address ? "<" : "");
		text_add(out, slice.bytes, slice.len);
		text_adds(out, value->is_address ? ">" : "");
	}
}

/* The name of a field, with its blank and "=". */
#define FIELD(name) \
	(struct slice) \
	{ \
		name, sizeof name - 1 \
	}

static void add_address(
	struct text *out, struct slice name, struct slice address, size_t limit)
{
	text_add(out, name.bytes, name.len);
	add_value(out, &(struct value){ address, limit, true });
}

static void add_slice(
	struct text *out, struct slice name, struct slice slice, size_t limit)
{
	text_add(out, name.bytes, name.len);
	add_value(out, &(struct value){ slice, limit, false });
}

static void add_word(
	struct text *out, struct slice name, const char *text, size_t limit)
{
	add_slice(out, name, slice_of(text == NULL ? "" : text), limit);
}

static void add_number(
	struct text *out, struct slice name, unsigned long number)
{
	char digits[24];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	text_add(out, name.bytes, name.len);
	text_add(out, digits + at, sizeof digits - at);
}

void verdict_log_format(struct text *out, const struct request *request,
	const struct judgement *judgement, bool is_shadow)
{
	const struct judgement *j = judgement;

	add_word(out, FIELD("verdict="), j->verdict, LIMIT_WORD);
	add_word(out, FIELD(" reason="), j->reason, LIMIT_WORD);
	add_address(
		out, FIELD(" recipient="), request->recipient, LIMIT_RECIPIENT);
	add_word(out, FIELD(" domain="), j->domain, LIMIT_DOMAIN);
	add_word(out, FIELD(" type="), j->type, LIMIT_WORD);
	add_word(out, FIELD(" connector="), j->connector, LIMIT_NAME);
	add_word(out, FIELD(" nexthop="), j->nexthop, LIMIT_NEXTHOP);
	add_word(out, FIELD(" directory="), j->directory, LIMIT_NAME);
	add_slice(out, FIELD(" client="), request->client, LIMIT_WORD);
	add_address(out, FIELD(" sender="), request->sender, LIMIT_SENDER);
	add_slice(out, FIELD(" queue_id="), request->queue_id, LIMIT_WORD);
	add_slice(out, FIELD(" instance="), request->instance, LIMIT_WORD);
	add_number(out, FIELD(" generation="), j->generation);
	add_word(out, FIELD(" reply="), j->reply, LIMIT_REPLY);
	add_number(out, FIELD(" us="), j->us);
	if (is_shadow)
		text_adds(out, " shadow=yes");
}
