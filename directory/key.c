/* Some of address_parse()'s sentences show the address, the rest get it. */
#include "directory/key.h"

#include "base/arena.h"
#include "namespace/address.h"

#include <string.h>
#include <unicode/utf8.h>

/* -1 is what no character is. */
static bool is_shown(int32_t c)
{
	return c >= ' ' && (c < 0x7f || c >= 0xa0);
}

const char *key_printable(const char *text, struct arena *arena)
{
	char *copy = arena_strdup(arena, text);
	const size_t len = strlen(copy);

	for (size_t i = 0; i < len;) {
		const size_t start = i;
		int32_t c;

		U8_NEXT((const uint8_t *)copy, i, len, c);
		if (!is_shown(c))
			memset(copy + start, '?', i - start);
	}
	return copy;
}

const char *key_parse(const char *text, const char *delimiters,
	struct arena *arena, struct err *err)
{
	struct err why = { 0 };
	struct address address;

	if (address_parse(&address, text, delimiters, arena, &why))
		return address.key;
	const char *reason = key_printable(why.text, arena);
	const char *shown = key_printable(text, arena);

	if (strstr(reason, shown) != NULL)
		err_set(err, "%s", reason);
	else
		err_set(err, "\"%s\": %s", shown, reason);
	return NULL;
}
