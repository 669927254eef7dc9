/* ICU knows what wcwidth(3) knows only in a locale of UTF-8. */
#include "namespace/width.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

static size_t character_width(UChar32 c)
{
	if (c < 0x300)
		return 1;
	switch (u_charType(c)) {
	case U_NON_SPACING_MARK:
	case U_ENCLOSING_MARK:
	case U_FORMAT_CHAR: return 0;
	default: break;
	}
	switch (u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH)) {
	case U_EA_FULLWIDTH:
	case U_EA_WIDE: return 2;
	default: return 1;
	}
}

/* The character at *at, which moves behind it. */
static UChar32 next(const char *bytes, size_t len, size_t *at)
{
	const uint8_t *text = (const uint8_t *)bytes;
	UChar32 c;

	U8_NEXT(text, *at, len, c);
	return c;
}

size_t width_of(const char *bytes, size_t len)
{
	size_t columns = 0, at = 0;

	while (at < len)
		columns += character_width(next(bytes, len, &at));
	return columns;
}

size_t width_fit(const char *bytes, size_t len, size_t columns)
{
	size_t at = 0;

	while (at < len) {
		size_t after = at;
		const size_t width = character_width(next(bytes, len, &after));

		if (width > columns)
			break;
		columns -= width;
		at = after;
	}
	return at;
}
