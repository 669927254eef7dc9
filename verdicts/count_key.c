/*
 * Values are kept as written: policyd writes each value in one way only, and
 * what is seen a million times is decoded once, when it is shown.
 */
#include "verdicts/count_key.h"

#include "base/text.h"
#include "verdicts/local_time.h"

#include <string.h>

const char *count_field_name(unsigned field)
{
	if (field < VERDICT_FIELDS)
		return verdict_field_name((enum verdict_field)field);
	if (field == COUNT_HOST)
		return "host";
	return field == COUNT_DAY ? "day" : "hour";
}

static bool no_such_field(struct slice name, struct err *err)
{
	struct text list;

	text_init(&list);
	for (unsigned i = 0; i < COUNT_FIELDS; i++) {
		text_adds(&list,
			i == 0                         ? ""
				: i + 1 < COUNT_FIELDS ? ", "
						       : " and ");
		text_adds(&list, count_field_name(i));
	}
	err_set(err, "no field \"%.*s\" to count by; there are %s",
		(int)name.len, name.bytes, list.data);
	text_fini(&list);
	return false;
}

static bool add_field(struct count_key *out, struct slice name, struct err *err)
{
	unsigned field = 0;

	while (field < COUNT_FIELDS && !slice_is(name, count_field_name(field)))
		field++;
	if (field == COUNT_FIELDS)
		return no_such_field(name, err);
	for (size_t i = 0; i < out->n; i++) {
		if (out->fields[i] == field)
			return err_set(err,
				"%s stands twice in what to "
				"count by",
				count_field_name(field));
	}
	if (out->n == COUNT_KEY_MAX)
		return err_set(err, "counts are by %d fields at the most",
			COUNT_KEY_MAX);
	out->fields[out->n++] = field;
	return true;
}

bool count_key_parse(struct count_key *out, const char *names, struct err *err)
{
	*out = (struct count_key){ 0 };
	for (;; names++) {
		const size_t len = strcspn(names, ",");

		if (!add_field(out, (struct slice){ names, len }, err))
			return false;
		names += len;
		if (*names == '\0')
			return true;
	}
}

static void add_written(struct text *out, unsigned field,
	const struct record *record, struct local_time *local)
{
	struct slice piece = record->log.host;

	if (field < VERDICT_FIELDS)
		piece = record->verdict.written[field];
	else if (field != COUNT_HOST)
		piece = (struct slice){ local_time_hour(local, record->time_us),
			field == COUNT_DAY ? LOCAL_DAY_LEN : LOCAL_HOUR_LEN };
	text_add(out, piece.bytes, piece.len);
}

void count_key_write(struct text *out, const struct count_key *key,
	const struct record *record, struct local_time *local)
{
	for (size_t i = 0; i < key->n; i++) {
		if (i > 0)
			text_add(out, "\n", 1);
		add_written(out, key->fields[i], record, local);
	}
}

struct slice count_key_take(struct slice *rest)
{
	const char *end = memchr(rest->bytes, '\n', rest->len);
	const struct slice piece = { rest->bytes,
		end == NULL ? rest->len : (size_t)(end - rest->bytes) };

	*rest = slice_after(*rest, piece.len + (end != NULL));
	return piece;
}
