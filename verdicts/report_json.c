/*
 * Texts are in the form that may be shown, so each is valid UTF-8;
 * jansson(3) writes the rest as ASCII, and what HTML could mistake is put as
 * an escape: such bytes stand nowhere in JSON but within strings.
 */
#include "verdicts/report_json.h"

#include "base/memory.h"
#include "namespace/view.h"
#include "namespace/directory.h"
#include "verdicts/likeness.h"
#include "verdicts/report_lists.h"
#include "verdicts/report_state.h"
#include "verdicts/report_words.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND_US = 1000000 };

static json_t *number(unsigned long value)
{
	return json_integer((json_int_t)value);
}

static json_t *moment(int64_t time_s)
{
	struct text text;

	text_init(&text);
	report_time_format(&text, time_s);
	json_t *json = json_string(text.data);

	text_fini(&text);
	return json;
}

static json_t *moment_us(int64_t time_us)
{
	return moment(time_us / SECOND_US);
}

static json_t *words(const char *(*word)(unsigned number))
{
	json_t *list = json_array();

	for (unsigned i = 0; word(i) != NULL; i++)
		json_array_append_new(list, json_string(word(i)));
	return list;
}

static json_t *names(const struct report_names *from)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report_names_count(from); i++)
		json_array_append_new(
			list, json_string(report_names_get(from, i)));
	return list;
}

/* The beginnings of all pieces of time. */
struct pieces {
	int64_t *list; /* free() it */
	size_t n;
};

static struct pieces pieces_of(const struct report_cube *cube)
{
	struct pieces out = { 0 };

	for (int64_t at = cube->first_s; at <= cube->last_s;
		at = report_time_next(at, cube->step)) {
		out.list = memory_must(
			reallocarray(out.list, out.n + 1, sizeof *out.list));
		out.list[out.n++] = at;
	}
	return out;
}

/* The piece that a time is in. */
static size_t piece_of(const struct pieces *at, int64_t time_s)
{
	size_t low = 0, high = at->n;

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;

		if (at->list[middle] <= time_s)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void append(json_t *list, unsigned long value)
{
	json_array_append_new(list, number(value));
}

/* Six numbers each: piece, verdict, reason, domain, connector, count. */
static json_t *cells(const struct report_cube *cube, const struct pieces *at)
{
	struct report_count *sorted = report_counts_sorted(&cube->cells);
	json_t *list = json_array();

	for (size_t i = 0; i < cube->cells.n; i++) {
		const struct cube_cell cell = cube_cell_of(sorted[i].key);

		append(list, piece_of(at, cell.start_s));
		append(list, cell.verdict);
		append(list, cell.reason);
		append(list, cell.domain);
		append(list, cell.connector);
		append(list, sorted[i].count);
	}
	free(sorted);
	return list;
}

/* Three numbers each: piece, class, count. */
static json_t *latency_cells(
	const struct report_cube *cube, const struct pieces *at)
{
	struct report_count *sorted = report_counts_sorted(&cube->latency);
	json_t *list = json_array();

	for (size_t i = 0; i < cube->latency.n; i++) {
		const uint64_t key = sorted[i].key;

		append(list, piece_of(at, cube_latency_start(key)));
		append(list, cube_latency_class(key));
		append(list, sorted[i].count);
	}
	free(sorted);
	return list;
}

static void add_latency(
	json_t *page, const struct report_cube *cube, const struct pieces *at)
{
	json_t *least = json_array();

	for (unsigned i = 0; i < LATENCY_CLASSES; i++)
		append(least, cube_latency_least(i));
	json_object_set_new(page, "latency",
		json_pack("{s:o, s:o, s:I}", "least", least, "cells",
			latency_cells(cube, at), "max",
			(json_int_t)cube->us_max));
}

static void add_time(json_t *page, const struct report_data *data)
{
	const struct pieces at = pieces_of(&data->cube);
	json_t *labels = json_array();

	for (size_t i = 0; i < at.n; i++)
		json_array_append_new(labels, moment(at.list[i]));
	json_object_set_new(page, "pieces", labels);
	json_object_set_new(
		page, "step", json_string(report_step_name(data->cube.step)));
	json_object_set_new(page, "cells", cells(&data->cube, &at));
	add_latency(page, &data->cube, &at);
	free(at.list);
}

static json_t *distinct(const struct distinct *distinct)
{
	return number(distinct->n);
}

static json_t *likenesses(const struct report_data *data, size_t index)
{
	static const char *const kinds[] = { [LIKENESS_DOTS] = "dots",
		[LIKENESS_TYPO] = "typo",
		[LIKENESS_DOMAIN] = "domain" };
	json_t *list = json_array();
	const struct likeness_match *match;

	for (size_t i = 0; (match = report_likeness(data, index, i)) != NULL;
		i++) {
		struct text shown;

		text_init(&shown);
		verdict_show(&shown, slice_of(match->address));
		json_array_append_new(list,
			json_pack("[s, s]", shown.data, kinds[match->kind]));
		text_fini(&shown);
	}
	return list;
}

static json_t *common(const struct tally_entry *entry, const char *recipient)
{
	return json_pack("{s:s, s:I, s:i, s:o, s:o, s:o, s:o}", "recipient",
		recipient, "count", (json_int_t)entry->count, "domain",
		(int)entry->domain, "senders", distinct(&entry->senders),
		"clients", distinct(&entry->clients), "first",
		moment_us(entry->first_us), "last", moment_us(entry->last_us));
}

static json_t *unknown_rows(const struct report_data *data)
{
	const struct tally *tally = &data->unknown;
	json_t *list = json_array();

	for (size_t i = 0; i < tally->n && i < REPORT_ROWS_MAX; i++) {
		json_t *row = common(tally->entries[i], tally->entries[i]->key);

		json_object_set_new(row, "like", likenesses(data, i));
		json_array_append_new(list, row);
	}
	return list;
}

static json_t *missing_rows(const struct report_data *data)
{
	const struct tally *tally = &data->unknown;
	json_t *list = json_array();
	struct text why;

	text_init(&why);
	for (size_t i = 0;
		i < tally->n && json_array_size(list) < REPORT_ROWS_MAX; i++) {
		text_clear(&why);
		if (!report_missing_why(&why, data, i))
			continue;
		json_t *row = common(tally->entries[i], tally->entries[i]->key);

		json_object_set_new(row, "why", json_string(why.data));
		json_array_append_new(list, row);
	}
	text_fini(&why);
	return list;
}

static json_t *loop_rows(const struct report_data *data)
{
	const struct tally *tally = &data->loops;
	json_t *list = json_array();

	for (size_t i = 0; i < tally->n && i < REPORT_ROWS_MAX; i++) {
		const struct tally_entry *entry = tally->entries[i];
		json_t *row =
			common(entry, entry->key + strlen(entry->detail) + 1);

		json_object_set_new(row, "client", json_string(entry->detail));
		json_object_set_new(
			row, "connector", number((unsigned)entry->connector));
		json_array_append_new(list, row);
	}
	return list;
}

/* rows; in all; by how many a count may be too low */
static json_t *list_of(const struct tally *tally, json_t *rows)
{
	return json_pack("{s:o, s:I, s:I, s:I}", "rows", rows, "distinct",
		(json_int_t)tally->n, "total", (json_int_t)tally->total,
		"missed", (json_int_t)tally->missed);
}

static json_t *trouble_row(
	const char *name, const struct report_trouble *trouble)
{
	json_t *spans = json_array();

	for (size_t i = 0; i < trouble->n_spans; i++) {
		const struct report_span *span = &trouble->spans[i];

		json_array_append_new(spans,
			json_pack("[o, o, I]", moment_us(span->first_us),
				moment_us(span->last_us),
				(json_int_t)span->count));
	}
	return json_pack("{s:s, s:I, s:o}", "name", name, "count",
		(json_int_t)trouble->count, "spans", spans);
}

static json_t *trouble_rows(const struct report_data *data)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report_names_count(&data->directories); i++)
		if (data->troubles[i].count > 0)
			json_array_append_new(list,
				trouble_row(
					report_names_get(&data->directories, i),
					&data->troubles[i]));
	return list;
}

static json_t *directory_rows(const struct report_data *data)
{
	const struct view *view = report_state_view(data->state);
	json_t *list = json_array();

	for (size_t i = 0; view != NULL && i < view->n_directories; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:o, s:I, s:I}", "name",
				view->directories[i].name, "loaded",
				view->loaded[i] == 0 ? json_null()
						     : moment(view->loaded[i]),
				"age",
				(json_int_t)(data->now_s - view->loaded[i]),
				"max_age",
				(json_int_t)view->directories[i].max_age_s));
	return list;
}

static void add_lists(json_t *page, const struct report_data *data)
{
	json_object_set_new(
		page, "unknown", list_of(&data->unknown, unknown_rows(data)));
	json_object_set_new(page, "missing", missing_rows(data));
	json_object_set_new(
		page, "loops", list_of(&data->loops, loop_rows(data)));
	json_object_set_new(page, "stale", trouble_rows(data));
	json_object_set_new(page, "failed",
		trouble_row("lookup-failed", &data->failed_lookups));
	json_object_set_new(page, "directories", directory_rows(data));
}

static json_t *facts(const struct report_data *data)
{
	struct text zone, trouble;

	text_init(&zone);
	text_init(&trouble);
	/* It names paths, which may hold any byte, and may be cut in one. */
	verdict_show(&trouble, slice_of(report_state_trouble(data->state)));
	report_time_zone(
		&zone, data->first_us / SECOND_US, data->last_us / SECOND_US);
	json_t *page = json_pack(
		"{s:I, s:I, s:o, s:o, s:s, s:[I, I], s:o, s:s, s:I, s:i}",
		"total", (json_int_t)data->total, "shadow",
		(json_int_t)data->shadow, "first", moment_us(data->first_us),
		"last", moment_us(data->last_us), "zone", zone.data,
		"generations", (json_int_t)data->least_generation,
		(json_int_t)data->greatest_generation, "written",
		moment(data->now_s), "trouble",
		trouble.len == 0 ? "" : trouble.data, "generation",
		(json_int_t)report_state_generation(data->state),
		"distinct_max", (int)DISTINCT_MAX);

	text_fini(&zone);
	text_fini(&trouble);
	return page;
}

static void add_escaped(struct text *out, const char *json)
{
	for (; *json != '\0'; json++) {
		if (strchr("<>&", *json) != NULL)
			text_addf(out, "\\u%04x", (unsigned)*json);
		else
			text_add(out, json, 1);
	}
}

void report_json(struct text *out, const struct report_data *data)
{
	json_t *page = data->total > 0 ? facts(data) : json_object();

	if (data->total > 0) {
		json_object_set_new(
			page, "verdicts", words(report_verdict_word));
		json_object_set_new(page, "reasons", words(report_reason_word));
		json_object_set_new(page, "domains", names(&data->domains));
		json_object_set_new(
			page, "connectors", names(&data->connectors));
		json_object_set_new(page, "hosts", names(&data->hosts));
		add_time(page, data);
		add_lists(page, data);
	}
	char *json =
		memory_must(json_dumps(page, JSON_COMPACT | JSON_ENSURE_ASCII));

	add_escaped(out, json);
	free(json);
	json_decref(page);
}
