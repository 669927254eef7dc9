/*
 * Pairs of hexadecimal digits beyond ASCII become octets first; then each
 * character that may be shown stands as it is, and each octet that is none
 * as such a pair again.  What RFC 4514 escapes within ASCII stays escaped.
 */
#include "directory/dn.h"

#include "base/arena.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char HEX[] = "0123456789ABCDEF";

static bool is_pair_beyond_ascii(const char *bytes, size_t len)
{
	return len > 2 && bytes[0] == '\\' && bytes[1] != '\0' &&
		bytes[2] != '\0' && strchr("89abcdefABCDEF", bytes[1]) &&
		strchr("0123456789abcdefABCDEF", bytes[2]);
}

static size_t unescape(unsigned char *out, const char *bytes, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (is_pair_beyond_ascii(bytes + i, len - i)) {
			const char pair[] = { bytes[i + 1], bytes[i + 2],
				'\0' };

			out[n++] = (unsigned char)strtoul(pair, NULL, 16);
			i += 2;
			continue;
		}
		out[n++] = (unsigned char)bytes[i];
		/* "\\C3" is a backslash before "C3". */
		if (bytes[i] == '\\' && i + 1 < len)
			out[n++] = (unsigned char)bytes[++i];
	}
	return n;
}

/* RFC 3629 section 4, without the controls U+0080 to U+009F. */
static const struct form {
	unsigned char first, last; /* of the first octet */
	unsigned char least, most; /* of the second */
	size_t octets;
} FORMS[] = {
	{ 0xc2, 0xc2, 0xa0, 0xbf, 2 },
	{ 0xc3, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static bool fits(const struct form *form, const unsigned char *at, size_t len)
{
	if (len < form->octets || at[0] < form->first || at[0] > form->last ||
		at[1] < form->least || at[1] > form->most)
		return false;
	for (size_t i = 2; i < form->octets; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return false;
	}
	return true;
}

/* Octets of the character there; 0 = none that may be shown. */
static size_t shown_octets(const unsigned char *at, size_t len)
{
	if (*at < 0x80)
		return *at >= ' ' && *at != 0x7f;
	for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
		if (fits(&FORMS[i], at, len))
			return FORMS[i].octets;
	}
	return 0;
}

const char *dn_show(const char *bytes, size_t len, struct arena *arena)
{
	unsigned char *plain = arena_alloc(arena, len + 1);
	const size_t n = unescape(plain, bytes, len);
	char *out = arena_alloc(arena, 3 * n + 1);
	char *at = out;

	for (size_t i = 0; i < n;) {
		const size_t octets = shown_octets(plain + i, n - i);

		if (octets == 0) {
			*at++ = '\\';
			*at++ = HEX[plain[i] >> 4];
			*at++ = HEX[plain[i++] & 0xf];
			continue;
		}
		memcpy(at, plain + i, octets);
		at += octets;
		i += octets;
	}
	return out;
}
