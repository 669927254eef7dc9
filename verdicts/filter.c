/*
 * Values are compared decoded: what the line only quotes (verdict="...") is
 * never seen as a field.  A plain value needs no copy, an ASCII one no ICU,
 * so that most lines cost a comparison of some bytes.
 */
#include "verdicts/filter.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "namespace/address.h"
#include "namespace/domain_name.h"
#include "namespace/fold.h"
#include "namespace/network.h"
#include "namespace/resolver.h"
#include "verdicts/glob.h"

#include <stdlib.h>
#include <string.h>

enum want_kind {
	WANT_NONE, /* that there is no value */
	WANT_TEXT,
	WANT_PATTERN,
	WANT_NETWORK,
	WANT_NUMBERS,
};

struct want {
	enum want_kind kind;
	struct slice text;
	struct glob glob;
	struct network network;
	unsigned long first, last;
	struct want *next;
};

/* One of them has to fit. */
struct condition {
	enum verdict_field field;
	bool is_folded;
	struct want *wants;
};

struct filter {
	struct arena *program, *request;
	struct text value;
	struct condition conditions[VERDICT_FIELDS];
	size_t n;
	int64_t since_us, until_us;
};

struct filter *filter_open(void)
{
	struct filter *filter = memory_must(calloc(1, sizeof *filter));

	filter->program = arena_open();
	filter->request = arena_open();
	text_init(&filter->value);
	filter_set_times(filter, INT64_MIN, INT64_MAX);
	return filter;
}

void filter_close(struct filter **filter)
{
	if (*filter == NULL)
		return;
	arena_close(&(*filter)->program);
	arena_close(&(*filter)->request);
	text_fini(&(*filter)->value);
	free(*filter);
	*filter = NULL;
}

static bool is_address(enum verdict_field field)
{
	return field == FIELD_RECIPIENT || field == FIELD_SENDER;
}

static struct condition *condition_of(
	struct filter *filter, enum verdict_field field)
{
	for (size_t i = 0; i < filter->n; i++) {
		if (filter->conditions[i].field == field)
			return &filter->conditions[i];
	}
	struct condition *condition = &filter->conditions[filter->n++];

	condition->field = field;
	condition->is_folded = is_address(field) || field == FIELD_DOMAIN;
	return condition;
}

static struct want *add_want(
	struct filter *filter, struct condition *condition, enum want_kind kind)
{
	struct want *want = arena_alloc(filter->program, sizeof *want);

	want->kind = kind;
	want->next = condition->wants;
	condition->wants = want;
	return want;
}

static void want_text(
	struct filter *filter, struct condition *condition, const char *text)
{
	add_want(filter, condition, WANT_TEXT)->text = slice_of(text);
}

static const char *verdict_word(unsigned index)
{
	return verdict_format((enum verdict)index);
}

static const char *reason_word(unsigned index)
{
	return reason_format((enum reason)index);
}

/* Each ends with an empty one. */
typedef const char *words(unsigned index);

static words *words_of(enum verdict_field field)
{
	if (field == FIELD_VERDICT)
		return verdict_word;
	return field == FIELD_REASON ? reason_word : NULL;
}

static bool no_such_word(enum verdict_field field, words *word,
	const char *asked, struct err *err)
{
	struct text list;

	text_init(&list);
	for (unsigned i = 0; word(i)[0] != '\0'; i++) {
		const bool is_last = word(i + 1)[0] == '\0';

		text_adds(&list, i == 0 ? "" : is_last ? " and " : ", ");
		text_adds(&list, word(i));
	}
	err_set(err, "no such %s %s; there are %s", verdict_field_name(field),
		asked, list.data);
	text_fini(&list);
	return false;
}

static bool check_word(
	enum verdict_field field, const char *asked, struct err *err)
{
	words *word = words_of(field);

	if (word == NULL || strcmp(asked, "-") == 0)
		return true;
	for (unsigned i = 0; word(i)[0] != '\0'; i++) {
		if (strcmp(word(i), asked) == 0)
			return true;
	}
	return no_such_word(field, word, asked, err);
}

/* "42" or "40-42" */
static bool add_numbers(struct filter *filter, struct condition *condition,
	const char *text, struct err *err)
{
	const size_t len = strcspn(text, "-");
	const char *first = arena_strndup(filter->program, text, len);
	const char *last = text[len] == '-' ? text + len + 1 : first;
	struct want *want = add_want(filter, condition, WANT_NUMBERS);

	if (!text_to_ulong(&want->first, first) ||
		!text_to_ulong(&want->last, last))
		return err_set(err,
			"%s is a number or a range such as 40-42, not %s",
			verdict_field_name(condition->field), text);
	if (want->first > want->last)
		return err_set(err, "%s %s ends before it begins",
			verdict_field_name(condition->field), text);
	return true;
}

/* The same domain by its other label form. */
static const char *in_unicode(
	const char *domain, struct arena *arena, const char *otherwise)
{
	struct domain_name name;

	if (!domain_name_parse(&name, domain, arena, NULL))
		return otherwise;
	return name.unicode;
}

/* Also the internal form of an address, and other spellings of a domain. */
static void add_spellings(
	struct filter *filter, struct condition *condition, const char *text)
{
	struct arena *arena = filter->program;
	struct address address;
	struct domain_name name;

	if (condition->field == FIELD_DOMAIN &&
		domain_name_parse(&name, text, arena, NULL)) {
		want_text(filter, condition, name.ascii);
		want_text(filter, condition, name.unicode);
	}
	if (!is_address(condition->field) ||
		!address_parse(&address, text, "", arena, NULL))
		return;
	want_text(filter, condition,
		arena_printf(arena, "%s@%s", address.local, address.domain));
	want_text(filter, condition,
		arena_printf(arena, "%s@%s", address.local,
			in_unicode(address.domain, arena, address.domain)));
}

/* An address may stand in its angles, as in the log; <> is the null sender. */
static struct slice without_angles(struct slice item)
{
	if (item.len < 2 || item.bytes[0] != '<' ||
		item.bytes[item.len - 1] != '>')
		return item;
	return (struct slice){ item.bytes + 1, item.len - 2 };
}

/* As it is copied from a log: "9B1F2A3C4D:". */
static struct slice without_colon(struct slice item)
{
	if (item.len > 1 && item.bytes[item.len - 1] == ':')
		item.len--;
	return item;
}

static bool add_text(struct filter *filter, struct condition *condition,
	struct slice item, struct err *err)
{
	struct arena *arena = filter->program;
	const char *name = verdict_field_name(condition->field);
	struct glob glob;

	if (is_address(condition->field))
		item = without_angles(item);
	if (condition->field == FIELD_QUEUE_ID)
		item = without_colon(item);
	if (condition->is_folded) {
		const char *folded = fold(item.bytes, item.len, arena);

		if (folded == NULL)
			return err_set(err, "the %s is not UTF-8", name);
		item = slice_of(folded);
	}
	if (!glob_parse(&glob, item, arena))
		return err_set(err,
			"a backslash at the end of the %s takes nothing for "
			"itself",
			name);
	if (glob.has_wildcard) {
		add_want(filter, condition, WANT_PATTERN)->glob = glob;
		return true;
	}
	const struct slice literal = glob_literal(&glob, arena);

	add_want(filter, condition, WANT_TEXT)->text = literal;
	add_spellings(filter, condition, literal.bytes);
	return check_word(condition->field, literal.bytes, err);
}

static bool add_item(struct filter *filter, struct condition *condition,
	struct slice item, struct err *err)
{
	const char *text = arena_strndup(filter->program, item.bytes, item.len);
	const bool is_pattern = strpbrk(text, "*?") != NULL;

	if (item.len == 0)
		return err_set(err, "an empty value among those of %s",
			verdict_field_name(condition->field));
	if (strcmp(text, "-") == 0) {
		add_want(filter, condition, WANT_NONE);
		return true;
	}
	if (condition->field == FIELD_GENERATION)
		return add_numbers(filter, condition, text, err);
	if (condition->field == FIELD_CLIENT && !is_pattern)
		return network_parse(
			&add_want(filter, condition, WANT_NETWORK)->network,
			text, err);
	return add_text(filter, condition, item, err);
}

/* Bytes up to a comma that stands for itself, or the end. */
static size_t item_len(const char *values)
{
	size_t len = 0;

	while (values[len] != '\0' && values[len] != ',')
		len += values[len] == '\\' && values[len + 1] != '\0' ? 2 : 1;
	return len;
}

bool filter_add(struct filter *filter, enum verdict_field field,
	const char *values, struct err *err)
{
	struct condition *condition = condition_of(filter, field);

	for (;; values++) {
		const size_t len = item_len(values);

		if (!add_item(filter, condition, (struct slice){ values, len },
			    err))
			return false;
		values += len;
		if (*values == '\0')
			return true;
	}
}

void filter_set_times(struct filter *filter, int64_t since_us, int64_t until_us)
{
	filter->since_us = since_us;
	filter->until_us = until_us;
}

static struct slice decoded(struct text *text,
	const struct verdict_line *verdict, enum verdict_field field)
{
	const struct slice written = verdict->written[field];

	if (written.bytes[0] != '"')
		return is_address(field) ? without_angles(written) : written;
	text_clear(text);
	text_add(text, "", 0);
	verdict_value(text, verdict, field);
	return (struct slice){ text->data, text->len };
}

/* False: not ASCII, nothing was done. */
static bool fold_ascii(char *out, struct slice value)
{
	unsigned char all = 0;

	for (size_t i = 0; i < value.len; i++)
		all |= (unsigned char)value.bytes[i];
	if (all >= 0x80)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		const char c = value.bytes[i];

		out[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
	}
	return true;
}

/* Until the next. */
static struct slice folded(struct arena *request, struct slice value)
{
	char *out = arena_alloc(request, value.len + 1);

	if (fold_ascii(out, value))
		return (struct slice){ out, value.len };
	const char *text = fold(value.bytes, value.len, request);

	return text == NULL ? value : slice_of(text);
}

static bool client_fits(const struct want *want, struct slice value)
{
	char text[64];
	struct network client;

	if (value.len >= sizeof text)
		return false;
	memcpy(text, value.bytes, value.len);
	text[value.len] = '\0';
	return network_of_client(&client, text) &&
		network_contains(&want->network, &client);
}

static bool want_fits(const struct want *want, struct slice value,
	const struct verdict_line *verdict)
{
	switch (want->kind) {
	case WANT_NONE: return false;
	case WANT_TEXT: return slice_same(want->text, value);
	case WANT_PATTERN: return glob_fits(&want->glob, value);
	case WANT_NETWORK: return client_fits(want, value);
	case WANT_NUMBERS: {
		const unsigned long number =
			verdict_number(verdict, FIELD_GENERATION);

		return number >= want->first && number <= want->last;
	}
	}
	return false;
}

static bool is_none_wanted(const struct condition *condition)
{
	for (const struct want *w = condition->wants; w != NULL; w = w->next) {
		if (w->kind == WANT_NONE)
			return true;
	}
	return false;
}

static bool condition_fits(struct filter *filter,
	const struct condition *condition, const struct verdict_line *verdict)
{
	if (!verdict_has(verdict, condition->field))
		return is_none_wanted(condition);
	struct slice value = decoded(&filter->value, verdict, condition->field);

	if (condition->is_folded) {
		arena_reset(filter->request);
		value = folded(filter->request, value);
	}
	for (const struct want *w = condition->wants; w != NULL; w = w->next) {
		if (want_fits(w, value, verdict))
			return true;
	}
	return false;
}

/* All conditions but those on one field; VERDICT_FIELDS = all. */
static bool fits_but(
	struct filter *filter, const struct record *record, unsigned left_out)
{
	if (record->time_us < filter->since_us ||
		record->time_us >= filter->until_us)
		return false;
	for (size_t i = 0; i < filter->n; i++) {
		const struct condition *condition = &filter->conditions[i];

		if (condition->field != left_out &&
			!condition_fits(filter, condition, &record->verdict))
			return false;
	}
	return true;
}

bool filter_takes(struct filter *filter, const struct record *record)
{
	return fits_but(filter, record, VERDICT_FIELDS);
}

bool filter_asks(const struct filter *filter, enum verdict_field field)
{
	for (size_t i = 0; i < filter->n; i++) {
		if (filter->conditions[i].field == field)
			return true;
	}
	return false;
}

bool filter_may_take(struct filter *filter, const struct record *record)
{
	const bool has_id = verdict_has(&record->verdict, FIELD_QUEUE_ID);

	return fits_but(
		filter, record, has_id ? VERDICT_FIELDS : FIELD_QUEUE_ID);
}
