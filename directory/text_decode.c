/*
 * What Excel, PowerShell and editors write: UTF-8, or UTF-16 with a byte
 * order mark (RFC 3629, RFC 2781).  Nothing is guessed: bytes that are
 * neither fail with their line, for an address read in the wrong character
 * set is another address.
 */
#include "directory/text_decode.h"

#include "base/arena.h"
#include "base/file.h"

#include <string.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

static const char MARK_UTF8[] = "\xEF\xBB\xBF";

/* Neither NUL nor beyond ASCII, and then nothing is to be told of it. */
static bool is_plain(const char *bytes, size_t len)
{
	const char *at = bytes;
	uint64_t all = 0;
	uint64_t word;

	for (; (size_t)(bytes + len - at) >= sizeof word; at += sizeof word) {
		memcpy(&word, at, sizeof word);
		all |= word;
	}
	for (; at < bytes + len; at++)
		all |= (unsigned char)*at;
	return (all & 0x8080808080808080) == 0 &&
		memchr(bytes, '\0', len) == NULL;
}

static bool check_utf8(struct decoded *out, struct err *err)
{
	const uint8_t *bytes = (const uint8_t *)out->text;
	size_t i = 0;

	out->line = 1;
	if (is_plain(out->text, out->len))
		return true;
	while (i < out->len) {
		const uint8_t byte = bytes[i];
		int32_t c = byte;

		if (byte == 0)
			return err_set(err,
				"a NUL byte: save the file as UTF-8 "
				"(UTF-16 without a byte order mark?)");
		if (byte == '\n')
			out->line++;
		if (byte < 0x80)
			i++;
		else
			U8_NEXT(bytes, i, out->len, c);
		if (c < 0)
			return err_set(err,
				"byte 0x%02X is not UTF-8: save the file as "
				"UTF-8",
				byte);
	}
	return true;
}

/* Units of two bytes; at stands behind the byte order mark. */
struct utf16 {
	const uint8_t *at, *end;
	bool is_little;
};

static uint16_t unit_at(const struct utf16 *in)
{
	const unsigned first = in->at[0], second = in->at[1];

	return (uint16_t)(in->is_little ? second << 8 | first
					: first << 8 | second);
}

/* -1 where a surrogate stands alone. */
static int32_t next_character(struct utf16 *in)
{
	const uint16_t lead = unit_at(in);

	in->at += 2;
	if (!U16_IS_SURROGATE(lead))
		return lead;
	if (!U16_IS_SURROGATE_LEAD(lead) || in->at == in->end)
		return -1;
	const uint16_t trail = unit_at(in);

	if (!U16_IS_TRAIL(trail))
		return -1;
	in->at += 2;
	return U16_GET_SUPPLEMENTARY(lead, trail);
}

static bool from_utf16(struct decoded *out, struct utf16 *in,
	struct arena *arena, struct err *err)
{
	const size_t units = (size_t)(in->end - in->at) / 2;

	out->line = 0;
	if ((in->end - in->at) % 2 != 0)
		return err_set(err,
			"UTF-16 text is cut short: half a "
			"character at its end");
	/* a unit makes at most three bytes, a pair of them four */
	uint8_t *text = arena_array(arena, units + 1, 3);
	size_t used = 0;

	out->line = 1;
	while (in->at < in->end) {
		const int32_t c = next_character(in);

		if (c < 0)
			return err_set(err,
				"half a UTF-16 surrogate pair: "
				"save the file as UTF-8");
		out->line += c == '\n';
		U8_APPEND_UNSAFE(text, used, c);
	}
	text[used] = '\0';
	out->text = (char *)text;
	out->len = used;
	return true;
}

bool text_decode(struct decoded *out, char *bytes, size_t len,
	struct arena *arena, struct err *err)
{
	struct utf16 in = { (uint8_t *)bytes + 2, (uint8_t *)bytes + len,
		false };

	*out = (struct decoded){ bytes, len, 0, { bytes, len } };
	if (len >= 2 && memcmp(bytes, "\xFF\xFE", 2) == 0)
		in.is_little = true;
	if (in.is_little || (len >= 2 && memcmp(bytes, "\xFE\xFF", 2) == 0)) {
		if (!from_utf16(out, &in, arena, err))
			return false;
	} else if (len >= 3 && memcmp(bytes, MARK_UTF8, 3) == 0) {
		out->text += 3;
		out->len -= 3;
	}
	return check_utf8(out, err);
}

bool text_decode_more(
	struct decoded *out, char *bytes, size_t len, struct err *err)
{
	*out = (struct decoded){ .len = len, .bytes = { bytes, len } };
	out->text = bytes;
	return check_utf8(out, err);
}

bool text_decode_file(struct decoded *out, const char *path,
	struct arena *arena, struct err *err)
{
	struct err why = { 0 };
	size_t len;
	char *bytes = file_read(path, &len, arena, err);

	if (bytes == NULL)
		return false;
	if (text_decode(out, bytes, len, arena, &why))
		return true;
	return err_at(err, (struct place){ path, out->line }, "%s", why.text);
}
