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

struct ldif {
	const struct directory *directory;
	const struct sink *sink;
	const char *const *wanted;
	struct arena *whole;
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

static void put_bad(const struct ldif *ldif, const char *name, const char *why)
{
	struct text text;

	text_init(&text);
	text_addf(&text, "%s %s", name, why);
	ldif->sink->bad(ldif->sink->context, ldif->origin.data, text.data);
	text_fini(&text);
}

static void put_entry(struct ldif *ldif)
{
	const struct object object = { ldif->origin.data, ldif->attributes,
		ldif->n };

	for (size_t i = 0; i < ldif->n; i++)
		ldif->attributes[i].values = &ldif->values[i];
	object_put(ldif->directory, &object, ldif->sink, ldif->scratch);
}

static void end_record(struct ldif *ldif)
{
	if (ldif->state == STATE_ENTRY)
		put_entry(ldif);
	ldif->state = STATE_BETWEEN;
}

static void remember(struct ldif *ldif, const struct ldif_line *line)
{
	if (ldif->n == ldif->room) {
		ldif->room = ldif->room == 0 ? 32 : ldif->room * 2;
		ldif->attributes = memory_must(reallocarray(ldif->attributes,
			ldif->room, sizeof *ldif->attributes));
		ldif->values = memory_must(reallocarray(
			ldif->values, ldif->room, sizeof *ldif->values));
	}
	ldif->attributes[ldif->n] =
		(struct object_attribute){ line->name, NULL, 1 };
	ldif->values[ldif->n++] =
		(struct object_value){ line->value, line->len };
}

static bool begin_entry(
	struct ldif *ldif, struct ldif_line *line, struct err *err)
{
	if (line->form == LDIF_URL)
		return err_set(err, "a dn is not read from another file");
	if (line->form == LDIF_BASE64 && !ldif_line_decode(line))
		return err_set(err, "the base64 of this dn is damaged");
	ldif->state = STATE_ENTRY;
	ldif->n = 0;
	ldif->n_entries++;
	text_clear(&ldif->origin);
	text_addf(&ldif->origin, "line %u", line->line);
	arena_reset(ldif->scratch);
	if (line->len > 0)
		text_addf(&ldif->origin, ": %s",
			dn_show(line->value, line->len, ldif->scratch));
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

static bool is_wanted(const struct ldif *ldif, const char *name)
{
	size_t i = 0;

	while (ldif->wanted[i] != NULL &&
		strcasecmp(ldif->wanted[i], name) != 0)
		i++;
	return ldif->wanted[i] != NULL;
}

/* "range=0-1499", and more that is not here; the last one is "1500-*". */
static bool is_part(const char *options)
{
	const char *range = strcasestr(options, "range=");

	return range != NULL && strchr(range, '*') == NULL;
}

static bool take_attribute(
	struct ldif *ldif, struct ldif_line *line, struct err *err)
{
	if (strcasecmp(line->name, "dn") == 0)
		return err_set(err,
			"a second dn in the entry of %s: an empty line stands "
			"between entries",
			ldif->origin.data);
	if (strcasecmp(line->name, "changetype") == 0)
		return check_changetype(line, err);
	if (!is_wanted(ldif, line->name))
		return true;
	if (is_part(line->options))
		put_bad(ldif, line->name,
			"is only a part of its values: export with a tool "
			"that follows ranges");
	if (line->form == LDIF_URL)
		put_bad(ldif, line->name,
			"stands in another file (\":<\"), which is not read");
	else if (line->form == LDIF_BASE64 && !ldif_line_decode(line))
		put_bad(ldif, line->name, "has damaged base64");
	else
		remember(ldif, line);
	return true;
}

static void take_page(struct ldif *ldif, const char *text)
{
	const char *cookie = strstr(text, "cookie=");

	if (cookie != NULL)
		ldif->has_next_page = cookie[7] != '\0';
}

/* Success is "0 Success". */
static bool check_result(
	struct ldif *ldif, const struct ldif_line *line, struct err *err)
{
	ldif->promise = PROMISE_NONE;
	if (strncmp(line->value, "0 ", 2) == 0 || strcmp(line->value, "0") == 0)
		return true;
	return err_set(err,
		"the search that wrote this ended with \"%s\", so the list is "
		"not whole",
		line->value);
}

static bool take_remark(
	struct ldif *ldif, const struct ldif_line *line, struct err *err)
{
	if (strcmp(line->name, "result") == 0)
		return check_result(ldif, line, err);
	if (strcmp(line->name, "pagedresults") == 0)
		take_page(ldif, line->value);
	return true;
}

static bool begin_record(
	struct ldif *ldif, struct ldif_line *line, struct err *err)
{
	if (strcasecmp(line->name, "dn") == 0)
		return begin_entry(ldif, line, err);
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
	ldif->state = STATE_REMARK;
	return take_remark(ldif, line, err);
}

static bool take_line(
	struct ldif *ldif, struct ldif_line *line, struct err *err)
{
	switch (ldif->state) {
	case STATE_BETWEEN: return begin_record(ldif, line, err);
	case STATE_ENTRY: return take_attribute(ldif, line, err);
	case STATE_REMARK: break;
	}
	return take_remark(ldif, line, err);
}

static bool check_count(struct ldif *ldif, const char *digits, struct err *err)
{
	const size_t found = ldif->n_entries;
	unsigned long promised;

	ldif->n_entries = 0;
	if (!text_to_ulong(&promised, digits) || promised == found)
		return true;
	return err_set(err,
		"%lu entries were found by the search, %zu are here", promised,
		found);
}

/* text stands behind "#". */
static bool take_comment(struct ldif *ldif, const char *text, struct err *err)
{
	static const char COUNT[] = " numEntries: ";

	if (strcmp(text, " extended LDIF") == 0)
		ldif->promise = PROMISE_RESULT;
	else if (strcmp(text, " LDAPv3") == 0 && ldif->promise == PROMISE_NONE)
		ldif->promise = PROMISE_END;
	else if (strcmp(text, " search result") == 0 &&
		ldif->promise == PROMISE_END)
		ldif->promise = PROMISE_NONE;
	else if (text_starts(text, " pagedresults: "))
		take_page(ldif, text);
	else if (text_starts(text, COUNT))
		return check_count(ldif, text + sizeof COUNT - 1, err);
	return true;
}

static bool has(const struct ldif *ldif, const char *name)
{
	size_t i = 0;

	while (i < ldif->n && strcasecmp(ldif->attributes[i].name, name) != 0)
		i++;
	return i < ldif->n;
}

/* An entry that no empty line ended, and that must not be taken for whole. */
static bool check_last(const struct ldif *ldif, struct err *err)
{
	if (ldif_may_go_on(&ldif->lines))
		return err_set(err,
			"the text ends behind a line as long as those that go "
			"on in the next, so it may have been cut off; a whole "
			"one ends with an empty line");
	if (ldif->directory->skips_disabled && !has(ldif, "userAccountControl"))
		return err_set(err,
			"the text ends before the userAccountControl of this "
			"entry, so it may have been cut off; a whole one ends "
			"with an empty line");
	return true;
}

static bool check_end(const struct ldif *ldif, struct err *err)
{
	if (ldif->state == STATE_ENTRY && !check_last(ldif, err))
		return false;
	if (ldif->promise != PROMISE_NONE)
		return err_set(err,
			"ldapsearch did not come to the end of its search, so "
			"the list is not whole");
	if (ldif->has_next_page)
		return err_set(err,
			"the server has another page, so the list is not "
			"whole; let ldapsearch read on by itself: -E "
			"pr=1000/noprompt");
	return true;
}

static bool read_lines(
	struct ldif *ldif, unsigned *line_number, struct err *err)
{
	for (;;) {
		struct ldif_line line;
		const enum ldif_next next = ldif_next(&ldif->lines, &line, err);
		bool is_read = next != LDIF_FAILED;

		if (next == LDIF_SEPARATOR)
			end_record(ldif);
		if (next == LDIF_COMMENT)
			is_read = take_comment(ldif, line.name, err);
		if (next == LDIF_ATTRIBUTE)
			is_read = take_line(ldif, &line, err);
		*line_number = line.line;
		if (!is_read || next == LDIF_DONE)
			return is_read;
	}
}

struct ldif *ldif_open(
	const struct directory *directory, const struct sink *sink)
{
	struct ldif *ldif = memory_must(calloc(1, sizeof *ldif));

	ldif->directory = directory;
	ldif->sink = sink;
	ldif->whole = arena_open();
	ldif->scratch = arena_open();
	ldif->wanted = object_attributes(directory, ldif->whole);
	text_init(&ldif->origin);
	ldif_lines_init(&ldif->lines);
	return ldif;
}

void ldif_close(struct ldif **ldif)
{
	if (*ldif == NULL)
		return;
	text_fini(&(*ldif)->origin);
	free((*ldif)->attributes);
	free((*ldif)->values);
	arena_close(&(*ldif)->scratch);
	arena_close(&(*ldif)->whole);
	free(*ldif);
	*ldif = NULL;
}

bool ldif_feed(struct ldif *ldif, struct decoded *text, struct err *err)
{
	struct place place = { ldif->directory->source, 0 };
	struct err why = { 0 };

	ldif_lines_feed(&ldif->lines, text->text, text->len);
	return read_lines(ldif, &place.line, &why) ||
		err_at(err, place, "%s", why.text);
}

unsigned ldif_line(const struct ldif *ldif)
{
	return ldif->lines.next;
}

bool ldif_finish(struct ldif *ldif, struct err *err)
{
	const struct place place = { ldif->directory->source, ldif_line(ldif) };
	struct err why = { 0 };

	if (!check_end(ldif, &why))
		return err_at(err, place, "%s", why.text);
	end_record(ldif);
	return true;
}

bool ldif_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err)
{
	struct ldif *ldif = ldif_open(directory, sink);
	const bool is_read =
		ldif_feed(ldif, text, err) && ldif_finish(ldif, err);

	ldif_close(&ldif);
	return is_read;
}
