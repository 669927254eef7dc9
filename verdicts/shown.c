/* Most values are plain ASCII, and go out as they stand in the line. */
#include "verdicts/shown.h"

#include "base/text.h"

static bool is_ascii(struct slice slice)
{
	unsigned char all = 0;

	for (size_t i = 0; i < slice.len; i++)
		all |= (unsigned char)slice.bytes[i];
	return all < 0x80;
}

static void add_value(struct text *out, struct slice value)
{
	if (slice_is(value, "-") || slice_is(value, "<>")) {
		text_addf(out, "\\x%02x", (unsigned char)value.bytes[0]);
		value = slice_after(value, 1);
	}
	verdict_show(out, value);
}

static void add_decoded(
	struct text *out, enum verdict_field field, struct slice written)
{
	struct verdict_line verdict;
	struct text value;

	text_init(&value);
	verdict.written[field] = written;
	verdict_value(&value, &verdict, field);
	add_value(out,
		(struct slice){
			value.data == NULL ? "" : value.data, value.len });
	if (verdict_is_cut(&verdict, field))
		text_adds(out, "...");
	text_fini(&value);
}

void shown_add(struct text *out, enum verdict_field field, struct slice written)
{
	const bool is_angled = written.len > 2 && written.bytes[0] == '<';

	if (slice_is(written, "-") || slice_is(written, "<>")) {
		text_add(out, written.bytes, written.len);
	} else if (written.bytes[0] == '"' || !is_ascii(written) ||
		slice_is(written, "<->")) {
		add_decoded(out, field, written);
	} else {
		text_add(out, written.bytes + is_angled,
			written.len - 2 * is_angled);
	}
}

void shown_text(struct text *out, const char *text)
{
	if (text[0] == '\0')
		text_adds(out, "-");
	else
		add_value(out, slice_of(text));
}
