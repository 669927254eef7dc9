/*
 * printable_len() knows what can go out as it is.  The rest is either a
 * character to be escaped, which lies below U+10000, or no UTF-8.
 */
#include "verdicts/json_text.h"

#include "base/printable.h"
#include "base/text.h"
#include "base/utf8.h"

static size_t add_unshown(struct text *out, struct slice rest)
{
	uint32_t character;
	const size_t len = utf8_parse(&character, rest.bytes, rest.len);

	if (len == 0) {
		text_adds(out, "\xef\xbf\xbd");
		return 1;
	}
	text_addf(out, "\\u%04x", (unsigned)character);
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
