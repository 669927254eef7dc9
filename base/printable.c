/*
 * UTF-8 decoded strictly (RFC 3629: no overlong forms, no surrogates), then
 * the few characters that do not print what they are.
 */
#include "base/printable.h"

#include <stdbool.h>
#include <stdint.h>

struct range {
	uint32_t first, last;
};

/* Controls, and what makes a terminal show another line than there is. */
static const struct range unprintable[] = {
	{ 0x00, 0x1f },
	{ 0x7f, 0x9f },
	{ 0x061c, 0x061c },
	{ 0x200e, 0x200f },
	{ 0x2028, 0x202e },
	{ 0x2066, 0x2069 },
	{ 0xfeff, 0xfeff },
	{ 0xfff9, 0xfffb },
};

static bool is_unprintable(uint32_t c)
{
	for (size_t i = 0; i < sizeof unprintable / sizeof *unprintable; i++) {
		if (c >= unprintable[i].first && c <= unprintable[i].last)
			return true;
	}
	return false;
}

/* Bytes of the sequence that a lead byte announces; 0 = it leads none. */
static size_t sequence_len(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

size_t printable_len(const char *bytes, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char lead = (unsigned char)bytes[0];
	const size_t count = sequence_len(lead);

	if (lead >= 0x20 && lead <= 0x7e)
		return 1;
	if (count == 0 || count > len)
		return 0;
	uint32_t c = count == 1 ? lead : lead & (0xffu >> (count + 1));

	for (size_t i = 1; i < count; i++) {
		const unsigned char next = (unsigned char)bytes[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (next & 0x3f);
	}
	if (c < least[count] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return is_unprintable(c) ? 0 : count;
}
