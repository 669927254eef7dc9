/*
 * The lead byte tells the length; a form that is too long for its character
 * is known by the least that its length is for.
 */
#include "base/utf8.h"

static size_t length_of(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

size_t utf8_parse(uint32_t *out, const char *bytes, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char lead = (unsigned char)bytes[0];
	const size_t count = length_of(lead);
	uint32_t c = count < 2 ? lead : lead & (0xffu >> (count + 1));

	if (count == 0 || count > len)
		return 0;
	for (size_t i = 1; i < count; i++) {
		const unsigned char next = (unsigned char)bytes[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (next & 0x3f);
	}
	if (c < least[count] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return count;
}
