/* Some of address_parse()'s sentences show the address, the rest get it. */
#include "directory/key.h"

#include "base/arena.h"
#include "namespace/address.h"

#include <string.h>

/* One octet of C0, or the first of two of C1 (U+0080 to U+009F). */
static bool is_control(const unsigned char *at)
{
	return *at < ' ' || *at == 0x7f ||
		(*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0);
}

const char *key_printable(const char *text, struct arena *arena)
{
	char *copy = arena_strdup(arena, text);

	for (char *at = copy; *at != '\0'; at++) {
		if (!is_control((const unsigned char *)at))
			continue;
		if (*at == '\xc2')
			*at++ = '?';
		*at = '?';
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
