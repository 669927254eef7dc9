/* Texts of a few bytes, checked to the last, for a wrong mark loses changes. */
#include "directory/usn_mark.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

static const char PREFIX[] = "usn ";
static const char DELETED[] = "B:32:18E2EA80684F11D2B9AA00C04F79F805:";

enum { ID_SIZE = 16, ID_DIGITS = 32 };

void usn_mark_format(struct text *out, const struct usn_mark *mark)
{
	text_clear(out);
	text_adds(out, PREFIX);
	for (size_t i = 0; i < ID_SIZE; i++)
		text_addf(out, "%02x", mark->invocation_id[i]);
	text_addf(out, " %" PRIu64, mark->usn);
}

static bool id_parse(unsigned char id[16], const char *digits)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < ID_DIGITS; i++) {
		const char *digit = memchr(hex, digits[i], sizeof hex - 1);

		if (digit == NULL)
			return false;
		id[i / 2] =
			(unsigned char)(i % 2 == 0 ? (digit - hex) << 4
						   : id[i / 2] | (digit - hex));
	}
	return true;
}

bool usn_mark_parse(struct usn_mark *out, const char *bytes, size_t len)
{
	const size_t prefix_len = sizeof PREFIX - 1;
	const size_t number_at = prefix_len + ID_DIGITS + 1;

	return len > number_at && memcmp(bytes, PREFIX, prefix_len) == 0 &&
		bytes[number_at - 1] == ' ' &&
		id_parse(out->invocation_id, bytes + prefix_len) &&
		usn_parse(&out->usn, bytes + number_at, len - number_at);
}

bool usn_parse(uint64_t *out, const char *bytes, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		const unsigned digit = (unsigned)bytes[i] - '0';

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return false;
		value = 10 * value + digit;
	}
	*out = value;
	return len > 0;
}

bool usn_deleted_objects(
	const char **dn, size_t *dn_len, const char *bytes, size_t len)
{
	const size_t prefix_len = sizeof DELETED - 1;

	if (len <= prefix_len || strncasecmp(bytes, DELETED, prefix_len) != 0)
		return false;
	*dn = bytes + prefix_len;
	*dn_len = len - prefix_len;
	return true;
}
