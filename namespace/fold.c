/*
 * The two normal forms of a text.  fold() must agree with Postfix byte for
 * byte, or a written key is never found: Postfix (casefold(3), dict_utf8)
 * refuses malformed UTF-8, lowers plain ASCII, and hands anything else to
 * ICU's default full case folding.  ICU is not touched for ASCII: that is
 * nearly every recipient, and loading ICU's data would spoil the first
 * answer of a daemon just started.
 */
#include "namespace/fold.h"

#include "base/arena.h"
#include "base/memory.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unicode/ucasemap.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

enum { CASE_GROWTH = 3 }; /* UTF-8 grows at most threefold when folded */

/* The same byte in each of the eight of a word. */
#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

static uint64_t load_8(const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	return word;
}

static bool is_ascii(const char *bytes, size_t len)
{
	uint64_t all = 0;
	size_t i = 0;

	for (; len - i >= sizeof all; i += sizeof all)
		all |= load_8(bytes + i);
	for (; i < len; i++)
		all |= (unsigned char)bytes[i];
	return (all & EIGHT(0x80)) == 0;
}

static bool is_tail(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* How many bytes the sequence has that begins with these two; 0 = none. */
static size_t sequence_len(unsigned char lead, unsigned char second)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	if (lead < 0xe0)
		return 2;
	if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f))
		return 0; /* overlong; surrogate */
	if (lead < 0xf0)
		return 3;
	if ((lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
		return 0; /* overlong; over U+10FFFF */
	return 4;
}

static bool is_utf8(const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes;
	const unsigned char *end = at + len;

	while (at < end) {
		const size_t n = sequence_len(at[0], end - at > 1 ? at[1] : 0);

		if (n == 0 || n > (size_t)(end - at))
			return false;
		for (size_t i = 1; i < n; i++)
			if (!is_tail(at[i]))
				return false;
		at += n;
	}
	return true;
}

/* What a string can hold and ICU's int32_t lengths can count. */
static bool is_text(const char *bytes, size_t len, bool ascii)
{
	return len < INT32_MAX / CASE_GROWTH - 1 &&
		memchr(bytes, '\0', len) == NULL &&
		(ascii || is_utf8(bytes, len));
}

/* Eight letters at once: none of these sums carries into the next byte. */
static uint64_t fold_8(uint64_t word)
{
	const uint64_t from_a = word + EIGHT(0x80 - 'A');
	const uint64_t behind_z = word + EIGHT(0x7f - 'Z');

	return word | ((from_a & ~behind_z & EIGHT(0x80)) >> 2);
}

static char *fold_ascii(const char *bytes, size_t len, struct arena *arena)
{
	char *folded = arena_alloc(arena, len + 1);
	size_t i = 0;

	for (; len - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
		const uint64_t word = fold_8(load_8(bytes + i));

		memcpy(folded + i, &word, sizeof word);
	}
	for (; i < len; i++) {
		const char c = bytes[i];

		folded[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	return folded;
}

/* Of valid text and enough room: only memory can have run out. */
static void must(UErrorCode status)
{
	if (U_FAILURE(status))
		memory_must(NULL);
}

/*
 * The map is opened each time: folding depends on no locale, so that is an
 * allocation and little else, and nothing is kept at file scope.
 */
static char *fold_unicode(const char *bytes, size_t len, struct arena *arena)
{
	const size_t room = len * CASE_GROWTH + 1;
	char *folded = arena_alloc(arena, room);
	UErrorCode status = U_ZERO_ERROR;
	UCaseMap *map = ucasemap_open("", U_FOLD_CASE_DEFAULT, &status);

	must(status);
	ucasemap_utf8FoldCase(
		map, folded, (int32_t)room, bytes, (int32_t)len, &status);
	ucasemap_close(map);
	must(status);
	return folded;
}

char *fold(const char *bytes, size_t len, struct arena *arena)
{
	const bool ascii = is_ascii(bytes, len);

	if (!is_text(bytes, len, ascii))
		return NULL;
	if (ascii)
		return fold_ascii(bytes, len, arena);
	return fold_unicode(bytes, len, arena);
}

/* NULL where the text is in form C already. */
static UChar *composed(
	const UChar *wide, int32_t len, int32_t *out_len, struct arena *arena)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
	const bool is_done = unorm2_isNormalized(nfc, wide, len, &status);

	must(status);
	if (is_done)
		return NULL;
	*out_len = unorm2_normalize(nfc, wide, len, NULL, 0, &status);
	UChar *result = arena_array(arena, (size_t)*out_len + 1, sizeof *wide);

	status = U_ZERO_ERROR;
	unorm2_normalize(nfc, wide, len, result, *out_len + 1, &status);
	must(status);
	return result;
}

static const char *narrow(const UChar *wide, int32_t len, struct arena *arena)
{
	const size_t room = (size_t)len * 3 + 1;
	char *text = arena_alloc(arena, room);
	UErrorCode status = U_ZERO_ERROR;

	u_strToUTF8(text, (int32_t)room, NULL, wide, len, &status);
	must(status);
	return text;
}

const char *normalize(const char *bytes, size_t len, struct arena *arena)
{
	const bool ascii = is_ascii(bytes, len);
	UErrorCode status = U_ZERO_ERROR;
	int32_t wide_len;

	if (!is_text(bytes, len, ascii))
		return NULL;
	if (ascii)
		return arena_strndup(arena, bytes, len);
	UChar *wide = arena_array(arena, len + 1, sizeof *wide);

	u_strFromUTF8(wide, (int32_t)len + 1, &wide_len, bytes, (int32_t)len,
		&status);
	must(status);
	const UChar *nfc = composed(wide, wide_len, &wide_len, arena);

	if (nfc == NULL)
		return arena_strndup(arena, bytes, len);
	return narrow(nfc, wide_len, arena);
}

size_t fold_capital(char capital[FOLD_CHARACTER_SIZE], const char *text)
{
	int32_t read = 0;
	int32_t written = 0;
	UChar32 character;

	U8_NEXT_UNSAFE(text, read, character);
	const UChar32 upper = u_toupper(character);

	if (upper != character)
		U8_APPEND_UNSAFE(capital, written, upper);
	capital[written] = '\0';
	return (size_t)read;
}
