/* The text is copied to a block of its own, so that an overrun is seen. */
#include "tests/unit/ldif_case.h"

#include "directory/ldif.h"
#include "directory/text_decode.h"

#include <stdlib.h>
#include <string.h>

bool ldif_case_read(const struct directory *directory, const char *text,
	size_t len, struct text *found, struct err *err)
{
	struct arena *arena = arena_open();
	char *copy = malloc(len + 1);
	struct decoded decoded;
	struct sink sink = sink_text(found);

	sink.object = sink_text_object;
	memcpy(copy, text, len);
	copy[len] = '\0';
	const bool is_read = text_decode(&decoded, copy, len, arena, err) &&
		ldif_read(directory, &decoded, &sink, err);

	free(copy);
	arena_close(&arena);
	return is_read;
}
