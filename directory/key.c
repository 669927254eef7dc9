/* Some of address_parse()'s sentences show the address, the rest get it. */
#include "directory/key.h"

#include "base/arena.h"
#include "base/printable.h"
#include "namespace/address.h"

#include <string.h>

const char *key_printable(const char *text, struct arena *arena)
{
	char *copy = arena_strdup(arena, text);

	printable_mask(copy);
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
