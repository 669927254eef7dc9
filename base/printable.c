/* What is no UTF-8, and the few characters that do not print what they are. */
#include "base/printable.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

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

size_t printable_len(const char *bytes, size_t len)
{
	uint32_t c;

	if (bytes[0] >= 0x20 && bytes[0] <= 0x7e)
		return 1;
	const size_t count = utf8_parse(&c, bytes, len);

	return count == 0 || is_unprintable(c) ? 0 : count;
}

void printable_mask(char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		const size_t shown = printable_len(text, left);
		const size_t len = shown == 0 ? 1 : shown;

		if (shown == 0)
			*text = '?';
		text += len;
		left -= len;
	}
}
