/* Percent-encoding, as in a URI (RFC 3986), of all that could lead away. */
#include "directory/file_name.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

const char *file_name(const char *name, struct arena *arena)
{
	struct text text;

	text_init(&text);
	for (const char *at = name; *at != '\0'; at++) {
		const bool is_plain = (*at >= 'a' && *at <= 'z') ||
			(*at >= 'A' && *at <= 'Z') ||
			(*at >= '0' && *at <= '9') ||
			strchr("_-", *at) != NULL || (*at == '.' && at != name);

		if (is_plain)
			text_add(&text, at, 1);
		else
			text_addf(&text, "%%%02X", (unsigned char)*at);
	}
	const char *result = arena_strndup(arena, text.data, text.len);

	text_fini(&text);
	return result;
}
