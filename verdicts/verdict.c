/*
 * One walk over the line, by a table of what each byte may do there.  Names
 * stand in one order, so a field is found by its place, never by a search
 * that a value could answer.
 */
#include "verdicts/verdict.h"

#include "base/printable.h"
#include "base/text.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#define NAME(text) \
	{ \
		text, sizeof(text) - 1 \
	}

static const struct slice names[VERDICT_FIELDS] = {
	[FIELD_VERDICT] = NAME("verdict"),
	[FIELD_REASON] = NAME("reason"),
	[FIELD_RECIPIENT] = NAME("recipient"),
	[FIELD_DOMAIN] = NAME("domain"),
	[FIELD_TYPE] = NAME("type"),
	[FIELD_CONNECTOR] = NAME("connector"),
	[FIELD_NEXTHOP] = NAME("nexthop"),
	[FIELD_DIRECTORY] = NAME("directory"),
	[FIELD_CLIENT] = NAME("client"),
	[FIELD_SENDER] = NAME("sender"),
	[FIELD_QUEUE_ID] = NAME("queue_id"),
	[FIELD_INSTANCE] = NAME("instance"),
	[FIELD_GENERATION] = NAME("generation"),
	[FIELD_REPLY] = NAME("reply"),
	[FIELD_US] = NAME("us"),
	[FIELD_SHADOW] = NAME("shadow"),
};

/* Bytes that end a plain value, or break it: controls and blank " ' < = > \ */
static const uint64_t ends_plain[4] = {
	0x70000085ffffffffu, /* up to '?' */
	0x8000000010000000u, /* up to DEL */
};

static bool is_plain(char c)
{
	const unsigned char byte = (unsigned char)c;

	return (ends_plain[byte >> 6] >> (byte & 63) & 1) == 0;
}

const char *verdict_field_name(enum verdict_field field)
{
	return names[field].bytes;
}

bool verdict_field_find(enum verdict_field *out, struct slice name)
{
	for (size_t i = 0; i < VERDICT_FIELDS; i++) {
		if (slice_same(names[i], name)) {
			*out = (enum verdict_field)i;
			return true;
		}
	}
	return false;
}

bool verdict_begins(struct slice message)
{
	return slice_starts(message, "verdict=");
}

static bool is_address(enum verdict_field field)
{
	return field == FIELD_RECIPIENT || field == FIELD_SENDER;
}

static const char *skip_plain(const char *at, const char *end)
{
	while (at < end && is_plain(*at))
		at++;
	return at;
}

/* Behind the closing quote and the dots of a cut; NULL where there is none. */
static const char *skip_quoted(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return NULL;
		if (*at == '\\' && ++at == end)
			return NULL;
	}
	if (at == end)
		return NULL;
	at++;
	return end - at >= 3 && memcmp(at, "...", 3) == 0 ? at + 3 : at;
}

/* NULL: no value begins here. */
static const char *skip_value(const char *at, const char *end, bool address)
{
	if (at == end)
		return NULL;
	if (*at == '"')
		return skip_quoted(at, end);
	if (!address) {
		const char *after = skip_plain(at, end);

		return after == at ? NULL : after;
	}
	if (*at != '<')
		return NULL;
	at = skip_plain(at + 1, end);
	return at < end && *at == '>' ? at + 1 : NULL;
}

/* "name=value" at *at, which moves behind it. */
static bool take_field(struct verdict *out, enum verdict_field field,
	const char **at, const char *end)
{
	const struct slice name = names[field];
	const char *value = *at + name.len + 1;

	if ((size_t)(end - *at) <= name.len ||
		memcmp(*at, name.bytes, name.len) != 0 || value[-1] != '=')
		return false;
	*at = skip_value(value, end, is_address(field));
	if (*at == NULL || (*at < end && **at != ' '))
		return false;
	out->written[field] = (struct slice){ value, (size_t)(*at - value) };
	return true;
}

bool verdict_parse(struct verdict *out, struct slice message)
{
	const char *at = message.bytes;
	const char *end = at + message.len;

	out->written[FIELD_SHADOW] = slice_of("-");
	for (int field = 0; field <= FIELD_US; field++) {
		if (field > 0 && at++ == end)
			return false;
		if (!take_field(out, (enum verdict_field)field, &at, end))
			return false;
	}
	if (at == end)
		return true;
	at++;
	return take_field(out, FIELD_SHADOW, &at, end) && at == end;
}

bool verdict_has(const struct verdict *verdict, enum verdict_field field)
{
	return !slice_is(verdict->written[field], "-");
}

bool verdict_is_cut(const struct verdict *verdict, enum verdict_field field)
{
	const struct slice written = verdict->written[field];

	return written.len > 3 && written.bytes[0] == '"' &&
		written.bytes[written.len - 1] == '.';
}

/* What stands within the quotes, if any, and within the angles. */
static struct slice inside(
	const struct verdict *verdict, enum verdict_field field, bool *quoted)
{
	struct slice value = verdict->written[field];

	*quoted = value.len > 0 && value.bytes[0] == '"';
	if (verdict_is_cut(verdict, field))
		value.len -= 3;
	if (*quoted)
		value = (struct slice){ value.bytes + 1, value.len - 2 };
	if (is_address(field) && value.len >= 2 && value.bytes[0] == '<')
		value = (struct slice){ value.bytes + 1, value.len - 2 };
	return value;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What the escape behind a backslash stands for; bytes it took. */
static size_t unescape(char *out, struct slice rest)
{
	if (rest.len >= 3 && rest.bytes[0] == 'x' &&
		hex_digit(rest.bytes[1]) >= 0 &&
		hex_digit(rest.bytes[2]) >= 0) {
		*out = (char)(hex_digit(rest.bytes[1]) << 4 |
			hex_digit(rest.bytes[2]));
		return 3;
	}
	*out = rest.bytes[0];
	return 1;
}

void verdict_value(struct text *out, const struct verdict *verdict,
	enum verdict_field field)
{
	bool quoted;

	if (!verdict_has(verdict, field))
		return;
	const struct slice value = inside(verdict, field, &quoted);

	if (!quoted) {
		text_add(out, value.bytes, value.len);
		return;
	}
	for (size_t i = 0; i < value.len; i++) {
		char byte = value.bytes[i];

		if (byte == '\\' && i + 1 < value.len)
			i += unescape(&byte, slice_after(value, i + 1));
		text_add(out, &byte, 1);
	}
}

unsigned long verdict_number(
	const struct verdict *verdict, enum verdict_field field)
{
	const struct slice written = verdict->written[field];
	unsigned long number = 0;

	for (size_t i = 0; i < written.len; i++) {
		const unsigned digit = (unsigned)(written.bytes[i] - '0');

		if (digit > 9 || number > (ULONG_MAX - digit) / 10)
			return 0;
		number = number * 10 + digit;
	}
	return number;
}

void verdict_show(struct text *out, struct slice bytes)
{
	size_t i = 0;

	while (i < bytes.len) {
		const char *at = bytes.bytes + i;
		const size_t len = printable_len(at, bytes.len - i);

		if (len == 0 || *at == '\\')
			text_addf(out, "\\x%02x", (unsigned char)*at);
		else
			text_add(out, at, len);
		i += len == 0 ? 1 : len;
	}
}
