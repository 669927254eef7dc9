/*
 * slapd reads "csn=" up to the next "," and parts its values at ";".  It
 * sorts them by server itself.  rid is a replica's number; 000 is nobody's.
 */
#include "directory/sync_cookie.h"

#include "base/text.h"
#include "directory/object.h"

#include <ctype.h>
#include <string.h>

static const char PREFIX[] = "rid=000,csn=";

struct csn {
	const char *bytes, *server; /* server: the third part */
	size_t len, server_len;
};

/* Digits, a point, "Z", and three "#". */
static bool csn_parse(struct csn *out, const char *bytes, size_t len)
{
	const char *parts[3];
	size_t n_parts = 0;

	for (size_t i = 0; i < len; i++) {
		const bool is_part = bytes[i] == '#';

		if (!is_part && !isxdigit((unsigned char)bytes[i]) &&
			strchr(".Z", bytes[i]) == NULL)
			return false;
		if (is_part && n_parts == 3)
			return false;
		if (is_part)
			parts[n_parts++] = bytes + i;
	}
	if (n_parts != 3)
		return false;
	*out = (struct csn){ .bytes = bytes,
		.len = len,
		.server = parts[1],
		.server_len = (size_t)(parts[2] - parts[1]) };
	return true;
}

bool sync_cookie_format(
	struct text *out, const struct object_attribute *context_csn)
{
	text_clear(out);
	for (size_t i = 0; i < context_csn->n_values; i++) {
		const struct object_value *value = &context_csn->values[i];
		struct csn csn;

		if (!csn_parse(&csn, value->bytes, value->len))
			return false;
		text_adds(out, i == 0 ? PREFIX : ";");
		text_add(out, csn.bytes, csn.len);
	}
	return context_csn->n_values > 0;
}

/* The next one from *at on, which it passes; false behind the last. */
static bool next_csn(struct csn *out, const char **at)
{
	const size_t len = strcspn(*at, ";,");
	const char *bytes = *at;

	*at += len;
	if (**at == ';')
		++*at;
	return csn_parse(out, bytes, len);
}

/* Its first CSN; NULL = it has none. */
static const char *first_csn(const char *cookie)
{
	const char *at = cookie;

	while (at != NULL && !text_starts(at, "csn=")) {
		at = strchr(at, ',');
		if (at != NULL)
			at++;
	}
	return at == NULL ? NULL : at + strlen("csn=");
}

static int compare(const struct csn *a, const struct csn *b)
{
	const size_t len = a->len < b->len ? a->len : b->len;
	const int order = memcmp(a->bytes, b->bytes, len);

	if (order != 0)
		return order;
	return a->len < b->len ? -1 : a->len > b->len;
}

bool sync_cookie_lacks(const char *cookie, const char *csn, size_t csn_len)
{
	const char *at = first_csn(cookie);
	struct csn change, known;

	if (at == NULL || !csn_parse(&change, csn, csn_len))
		return true;
	while (next_csn(&known, &at)) {
		if (known.server_len == change.server_len &&
			memcmp(known.server, change.server, known.server_len) ==
				0)
			return compare(&change, &known) > 0;
	}
	return true;
}

/* The last in that order: 1 of the newest, -1 of the oldest. */
static const char *extreme(const char *cookie, int order, size_t *len)
{
	const char *at = first_csn(cookie);
	struct csn csn, found = { 0 };

	while (at != NULL && next_csn(&csn, &at))
		if (found.bytes == NULL || compare(&csn, &found) * order > 0)
			found = csn;
	*len = found.len;
	return found.bytes;
}

const char *sync_cookie_oldest(const char *cookie, size_t *len)
{
	return extreme(cookie, -1, len);
}

const char *sync_cookie_newest(const char *cookie, size_t *len)
{
	return extreme(cookie, 1, len);
}
