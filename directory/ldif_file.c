/*
 * An empty line ends an entry and nothing else, in UTF-8: parts of the file
 * are cut there, and each is read as if it stood alone.
 */
#include "directory/ldif_file.h"

#include "directory/ldif.h"
#include "directory/text_decode.h"
#include "directory/text_parts.h"

#include <string.h>

/* Up to its last empty line. */
static size_t find_end(const char *bytes, size_t len)
{
	for (;;) {
		const char *stop = memrchr(bytes, '\n', len);

		if (stop == NULL)
			return 0;
		len = (size_t)(stop - bytes);
		const size_t before = len > 0 && stop[-1] == '\r' ? len - 1
								  : len;

		if (before > 0 && bytes[before - 1] == '\n')
			return len + 1;
	}
}

static bool read_parts(
	struct ldif *ldif, struct text_parts *parts, struct err *err)
{
	enum lookup found;
	struct decoded text;

	while ((found = text_parts_next(parts, ldif_line(ldif), &text, err)) ==
		LOOKUP_FOUND)
		if (!ldif_feed(ldif, &text, err))
			return false;
	return found == LOOKUP_NONE && ldif_finish(ldif, err);
}

bool ldif_file_read(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err)
{
	struct text_parts *parts =
		text_parts_open(directory->path, options, find_end, err);

	if (parts == NULL)
		return false;
	struct ldif *ldif = ldif_open(directory, sink);
	const bool is_read = read_parts(ldif, parts, err);

	ldif_close(&ldif);
	text_parts_close(&parts);
	return is_read;
}
