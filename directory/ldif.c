/*
 * Entry by entry: of each only the attributes that count are remembered,
 * and they stay where they are in the text.  What ldapsearch says between
 * and behind the entries is read too, for it alone tells a short list from
 * a whole one.
 */
#include "directory/ldif.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "directory/dn.h"
#include "directory/ldif_line.h"
#include "directory/object.h"
#include "directory/text_decode.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum state {
	STATE_BETWEEN, /* before an entry */
	STATE_ENTRY,
	STATE_REMARK, /* what ldapsearch says of a reference or the end */
};

/* What ldapsearch promised of the search that is under way. */
enum promise { PROMISE_NONE, PROMISE_END, PROMISE_RESULT };

struct reader {
	const struct directory *directory;
	const struct sink *sink;
	const char *const *wanted;
	struct arena *scratch; /* forgotten with each entry */
	struct ldif_lines lines;
	enum state state;
	enum promise promise;
	bool has_next_page;
	size_t n_entries; /* since the last "# numEntries" */

	/* of this entry; n values, one for each attribute */
	struct text origin;
	struct object_attribute *attributes;
	struct object_value *values;
	size_t n, room;
};

static void put_bad(
	const struct reader *reader, const char *name, const char *why)
{
	struct text text;

	text_init(&text);
	text_addf(&text, "%s %s", name, why);
	reader->sink->bad(
		reader->sink->context, reader->origin.data, text.data);
	text_fini(&text);
}

static void put_entry(struct reader *reader)
{
	const struct object object = { reader->origin.data, reader->attributes,
		reader->n };

	for (size_t i = 0; i < reader->n; i++)
		reader->attributes[i].values = &reader->values[i];
	object_put(reader->directory, &object, reader->sink, reader->scratch);
}

static void end_record(struct reader *reader)
{
	if (reader->state == STATE_ENTRY)
		put_entry(reader);
	reader->state = STATE_BETWEEN;
}

static void remember(struct reader *reader, const struct ldif_line *line)
{
	if (reader->n == reader->room) {
		reader->room = reader->room == 0 ? 32 : reader->room * 2;
		reader->attributes =
			memory_must(reallocarray(reader->attributes,
				reader->room, sizeof *reader->attributes));
		reader->values = memory_must(reallocarray(
			reader->values, reader->room, sizeof *reader->values));
	}
	reader->attributes[reader->n] =
		(struct object_attribute){ line->name, NULL, 1 };
	reader->values[reader->n++] =
		(struct object_value){ line->value, line->len };
}

static bool begin_entry(
	struct reader *reader, struct ldif_line *line, struct err *err)
{
	if (line->form == LDIF_URL)
		return err_set(err, "a dn is not read from another file");
	if (line->form == LDIF_BASE64 && !ldif_line_decode(line))
		return err_set(err, "the base64 of this dn is damaged");
	reader->state = STATE_ENTRY;
	reader->n = 0;
	reader->n_entries++;
	text_clear(&reader->origin);
	text_addf(&reader->origin, "line %u", line->line);
	arena_reset(reader->scratch);
	if (line->len > 0)
		text_addf(&reader->origin, ": %s",
			dn_show(line->value, line->len, reader->scratch));
	return true;
}

static bool check_changetype(const struct ldif_line *line, struct err *err)
{
	if (strncasecmp(line->value, "add", 3) == 0 &&
		line->value[3 + strspn(line->value + 3, " ")] == '\0')
		return true;
	return err_set(err,
		"\"changetype: %s\": this is a list of changes, which does "
		"not tell who exists; export the whole directory",
		line->value);
}

static bool is_wanted(const struct reader *reader, const char *name)
{
	size_t i = 0;

	while (reader->wanted[i] != NULL &&
		strcasecmp(reader->wanted[i], name) != 0)
		i++;
	return reader->wanted[i] != NULL;
}

/* "range=0-1499", and more that is not here; the last one is "1500-*". */
static bool is_part(const char *options)
{
	const char *range = strcasestr(options, "range=");

	return range != NULL && strchr(range, '*') == NULL;
}

static bool take_attribute(
	struct reader *reader, struct ldif_line *line, struct err *err)
{
	if (strcasecmp(line->name, "dn") == 0)
		return err_set(err,
			"a second dn in the entry of %s: an empty line stands "
			"between entries",
			reader->origin.data);
	if (strcasecmp(line->name, "changetype") == 0)
		return check_changetype(line, err);
	if (!is_wanted(reader, line->name))
		return true;
	if (is_part(line->options))
		put_bad(reader, line->name,
			"is only a part of its values: export with a tool "
			"that follows ranges");
	if (line->form == LDIF_URL)
		put_bad(reader, line->name,
			"stands in another file (\":<\"), which is not read");
	else if (line->form == LDIF_BASE64 && !ldif_line_decode(line))
		put_bad(reader, line->name, "has damaged base64");
	else
		remember(reader, line);
	return true;
}

static void take_page(struct reader *reader, const char *text)
{
	const char *cookie = strstr(text, "cookie=");

	if (cookie != NULL)
		reader->has_next_page = cookie[7] != '\0';
}

/* Success is "0 Success". */
static bool check_result(
	struct reader *reader, const struct ldif_line *line, struct err *err)
{
	reader->promise = PROMISE_NONE;
	if (strncmp(line->value, "0 ", 2) == 0 || strcmp(line->value, "0") == 0)
		return true;
	return err_set(err,
		"the search that wrote this ended with \"%s\", so the list is "
		"not whole",
		line->value);
}

static bool take_remark(
	struct reader *reader, const struct ldif_line *line, struct err *err)
{
	if (strcmp(line->name, "result") == 0)
		return check_result(reader, line, err);
	if (strcmp(line->name, "pagedresults") == 0)
		take_page(reader, line->value);
	return true;
}

static bool begin_record(
	struct reader *reader, struct ldif_line *line, struct err *err)
{
	if (strcasecmp(line->name, "dn") == 0)
		return begin_entry(reader, line, err);
	if (strcasecmp(line->name, "version") == 0)
		return strcmp(line->value, "1") == 0 ||
			err_set(err,
				"LDIF of version %s; only version 1 is known",
				line->value);
	if (strcmp(line->name, "search") != 0 &&
		strcmp(line->name, "result") != 0 &&
		strcmp(line->name, "ref") != 0)
		return err_set(err,
			"\"%s\" before any dn: an entry begins with its dn",
			line->name);
	reader->state = STATE_REMARK;
	return take_remark(reader, line, err);
}

static bool take_line(
	struct reader *reader, struct ldif_line *line, struct err *err)
{
	switch (reader->state) {
	case STATE_BETWEEN: return begin_record(reader, line, err);
	case STATE_ENTRY: return take_attribute(reader, line, err);
	case STATE_REMARK: break;
	}
	return take_remark(reader, line, err);
}

static bool check_count(
	struct reader *reader, const char *digits, struct err *err)
{
	const size_t found = reader->n_entries;
	unsigned long promised;

	reader->n_entries = 0;
	if (!text_to_ulong(&promised, digits) || promised == found)
		return true;
	return err_set(err,
		"%lu entries were found by the search, %zu are here", promised,
		found);
}

/* text stands behind "#". */
static bool take_comment(
	struct reader *reader, const char *text, struct err *err)
{
	static const char COUNT[] = " numEntries: ";

	if (strcmp(text, " extended LDIF") == 0)
		reader->promise = PROMISE_RESULT;
	else if (strcmp(text, " LDAPv3") == 0 &&
		reader->promise == PROMISE_NONE)
		reader->promise = PROMISE_END;
	else if (strcmp(text, " search result") == 0 &&
		reader->promise == PROMISE_END)
		reader->promise = PROMISE_NONE;
	else if (text_starts(text, " pagedresults: "))
		take_page(reader, text);
	else if (text_starts(text, COUNT))
		return check_count(reader, text + sizeof COUNT - 1, err);
	return true;
}

static bool has(const struct reader *reader, const char *name)
{
	size_t i = 0;

	while (i < reader->n &&
		strcasecmp(reader->attributes[i].name, name) != 0)
		i++;
	return i < reader->n;
}

/* An entry that no empty line ended, and that must not be taken for whole. */
static bool check_last(const struct reader *reader, struct err *err)
{
	if (ldif_may_go_on(&reader->lines))
		return err_set(err,
			"the text ends behind a line as long as those that go "
			"on in the next, so it may have been cut off; a whole "
			"one ends with an empty line");
	if (reader->directory->skips_disabled &&
		!has(reader, "userAccountControl"))
		return err_set(err,
			"the text ends before the userAccountControl of this "
			"entry, so it may have been cut off; a whole one ends "
			"with an empty line");
	return true;
}

static bool check_end(const struct reader *reader, struct err *err)
{
	if (reader->state == STATE_ENTRY && !check_last(reader, err))
		return false;
	if (reader->promise != PROMISE_NONE)
		return err_set(err,
			"ldapsearch did not come to the end of its search, so "
			"the list is not whole");
	if (reader->has_next_page)
		return err_set(err,
			"the server has another page, so the list is not "
			"whole; let ldapsearch read on by itself: -E "
			"pr=1000/noprompt");
	return true;
}

/* *line is where it failed. */
static bool read_lines(
	struct reader *reader, unsigned *line_number, struct err *err)
{
	for (;;) {
		struct ldif_line line;
		const enum ldif_next next =
			ldif_next(&reader->lines, &line, err);
		bool is_read = next != LDIF_FAILED;

		if (next == LDIF_DONE)
			is_read = check_end(reader, err);
		if (is_read && (next == LDIF_DONE || next == LDIF_SEPARATOR))
			end_record(reader);
		if (next == LDIF_COMMENT)
			is_read = take_comment(reader, line.name, err);
		if (next == LDIF_ATTRIBUTE)
			is_read = take_line(reader, &line, err);
		*line_number = line.line;
		if (!is_read || next == LDIF_DONE)
			return is_read;
	}
}

bool ldif_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err)
{
	struct arena *whole = arena_open();
	struct reader reader = { .directory = directory,
		.sink = sink,
		.wanted = object_attributes(directory, whole),
		.scratch = arena_open() };
	struct place place = { directory->source, 0 };
	struct err why = { 0 };

	text_init(&reader.origin);
	ldif_lines_init(&reader.lines, text->text, text->len);
	const bool is_read = read_lines(&reader, &place.line, &why);

	if (!is_read)
		err_at(err, place, "%s", why.text);
	text_fini(&reader.origin);
	free(reader.attributes);
	free(reader.values);
	arena_close(&reader.scratch);
	arena_close(&whole);
	return is_read;
}
