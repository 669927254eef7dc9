/*
 * printable_len() knows what can go out as it is.  The rest is either a
 * character to be escaped, which lies below U+10000, or no UTF-8.
 */
#include "verdicts/json_text.h"

#include "base/printable.h"
#include "base/text.h"

#include <string.h>

/*
 * The character that begins here, of those that are not shown: bytes it
 * takes; 0 = no UTF-8 (RFC 3629).
 */
static size_t unshown_character(unsigned *out, struct slice rest)
{
	const unsigned char *at = (const unsigned char *)rest.bytes;

	if (at[0] < 0x80) {
		*out = at[0];
		return 1;
	}
	if (rest.len < 2 || (at[1] & 0xc0) != 0x80)
		return 0;
	if (at[0] >= 0xc2 && at[0] <= 0xdf) {
		*out = (at[0] & 0x1fU) << 6 | (at[1] & 0x3fU);
		return 2;
	}
	if (rest.len < 3 || (at[2] & 0xc0) != 0x80 || (at[0] & 0xf0) != 0xe0)
		return 0;
	*out = (at[0] & 0xfU) << 12 | (at[1] & 0x3fU) << 6 | (at[2] & 0x3fU);
	return *out >= 0x800 && (*out < 0xd800 || *out > 0xdfff) ? 3 : 0;
}

static size_t add_unshown(struct text *out, struct slice rest)
{
	unsigned character;
	const size_t len = unshown_character(&character, rest);

	if (len == 0) {
		text_adds(out, "\xef\xbf\xbd");
		return 1;
	}
	text_addf(out, "\\u%04x", character);
	return len;
}

static bool is_itself(char c)
{
	return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\';
}

static size_t run_of_plain(struct slice bytes, size_t from)
{
	size_t to = from;

	while (to < bytes.len && is_itself(bytes.bytes[to]))
		to++;
	return to - from;
}

static size_t add_other(struct text *out, struct slice rest)
{
	const size_t len = printable_len(rest.bytes, rest.len);

	if (len == 0)
		return add_unshown(out, rest);
	if (len == 1)
		text_add(out, "\\", 1);
	text_add(out, rest.bytes, len);
	return len;
}

void json_text_string(struct text *out, struct slice bytes)
{
	size_t i = 0;

	text_add(out, "\"", 1);
	while (i < bytes.len) {
		const size_t plain = run_of_plain(bytes, i);

		text_add(out, bytes.bytes + i, plain);
		i += plain;
		if (i < bytes.len)
			i += add_other(out, slice_after(bytes, i));
	}
	text_add(out, "\"", 1);
}

void json_text_optional(struct text *out, const char *text)
{
	if (text[0] == '\0')
		text_adds(out, "null");
	else
		json_text_string(out, slice_of(text));
}

static void add_decoded(struct text *out, const struct verdict_line *verdict,
	enum verdict_field field)
{
	struct text value;

	text_init(&value);
	text_add(&value, "", 0);
	verdict_value(&value, verdict, field);
	json_text_string(out, (struct slice){ value.data, value.len });
	text_fini(&value);
}

void json_text_field(
	struct text *out, enum verdict_field field, struct slice written)
{
	struct verdict_line verdict;

	verdict.written[field] = written;
	if (field == FIELD_SHADOW)
		text_adds(out, verdict_has(&verdict, field) ? "true" : "false");
	else if (!verdict_has(&verdict, field))
		text_adds(out, "null");
	else if (field == FIELD_GENERATION || field == FIELD_US)
		text_addf(out, "%lu", verdict_number(&verdict, field));
	else if (written.bytes[0] == '"' || written.bytes[0] == '<')
		add_decoded(out, &verdict, field);
	else
		json_text_string(out, written);
}
