/* None of these looks behind what it cuts. */
#include "verdicts/cut.h"

#include "verdicts/log_address.h"

#include <string.h>

enum { ID_MIN = 5, ID_MAX = 24 };

bool cut_prefix(struct slice *rest, const char *prefix)
{
	if (!slice_starts(*rest, prefix))
		return false;
	*rest = slice_after(*rest, strlen(prefix));
	return true;
}

bool cut_to(struct slice *out, struct slice *rest, const char *end)
{
	const char *at = memmem(rest->bytes, rest->len, end, strlen(end));

	if (at == NULL)
		return false;
	*out = (struct slice){ rest->bytes, (size_t)(at - rest->bytes) };
	*rest = slice_after(*rest, out->len + strlen(end));
	return true;
}

bool cut_address(struct slice *out, struct slice *rest, const char *behind)
{
	const size_t len = log_address_len(*rest);

	*out = (struct slice){ rest->bytes, len };
	*rest = slice_after(*rest, len);
	return cut_prefix(rest, behind);
}

/*
 * A queue ID: hexadecimal in capitals, or the long form of digits and
 * consonants; neither is a word that another message begins with.
 */
static bool is_id_byte(char c)
{
	if (c >= '0' && c <= '9')
		return true;
	if (c >= 'A' && c <= 'Z')
		return strchr("IOU", c) == NULL;
	return c >= 'b' && c <= 'z' && strchr("eiou", c) == NULL;
}

size_t cut_id_len(struct slice rest)
{
	size_t len = 0;

	while (len < rest.len && is_id_byte(rest.bytes[len]))
		len++;
	return len >= ID_MIN && len <= ID_MAX ? len : 0;
}

bool cut_id(struct slice *id, struct slice *rest)
{
	const size_t len = cut_id_len(*rest);

	if (len == 0 || rest->len < len + 2 ||
		memcmp(rest->bytes + len, ": ", 2) != 0)
		return false;
	*id = (struct slice){ rest->bytes, len };
	*rest = slice_after(*rest, len + 2);
	return true;
}
