/*
 * One verdict touches a few counts; texts are made of it only for the lists.
 * All keys are in the form that may be shown, so nothing behind here meets a
 * byte that a page could not take.
 */
#include "verdicts/report_data.h"

#include "base/arena.h"
#include "base/memory.h"
#include "namespace/address.h"
#include "verdicts/likeness.h"
#include "verdicts/report_state.h"
#include "verdicts/report_words.h"

#include <stdlib.h>
#include <string.h>

enum {
	SECOND_US = 1000000,
	DIRECTORIES_MAX = 256,
	US_MAX = 1 << 30, /* a quarter of an hour: no answer takes longer */
};

static const int64_t SPAN_BREAK_US = INT64_C(3600) * SECOND_US;

void report_data_init(struct report_data *data, const char *state)
{
	*data = (struct report_data){ .first_us = INT64_MAX,
		.last_us = INT64_MIN };
	data->arena = arena_open();
	data->request = arena_open();
	text_init(&data->value);
	text_init(&data->shown);
	data->state = report_state_open(state);
	report_names_init(&data->domains, CUBE_DOMAINS, data->arena);
	report_names_init(&data->connectors, CUBE_CONNECTORS, data->arena);
	report_names_init(&data->hosts, REPORT_HOSTS_MAX, data->arena);
	report_names_init(&data->directories, DIRECTORIES_MAX, data->arena);
	data->troubles =
		memory_must(calloc(DIRECTORIES_MAX, sizeof *data->troubles));
	cube_init(&data->cube);
}

void report_data_fini(struct report_data *data)
{
	tally_fini(&data->unknown);
	tally_fini(&data->loops);
	cube_fini(&data->cube);
	free(data->troubles);
	report_names_fini(&data->domains);
	report_names_fini(&data->connectors);
	report_names_fini(&data->hosts);
	report_names_fini(&data->directories);
	likeness_close(&data->likeness);
	report_state_close(&data->state);
	text_fini(&data->value);
	text_fini(&data->shown);
	arena_close(&data->request);
	arena_close(&data->arena);
}

static const char *show(struct report_data *data, struct slice bytes)
{
	text_clear(&data->shown);
	verdict_show(&data->shown, bytes);
	return data->shown.len == 0 ? "" : data->shown.data;
}

/* The value itself; empty where there is none. */
static struct slice value_of(struct report_data *data,
	const struct record *record, enum verdict_field field)
{
	text_clear(&data->value);
	verdict_value(&data->value, &record->verdict, field);
	return (struct slice){ data->value.len == 0 ? "" : data->value.data,
		data->value.len };
}

static unsigned name_of(struct report_data *data, struct report_names *names,
	const struct record *record, enum verdict_field field)
{
	if (!verdict_has(&record->verdict, field))
		return REPORT_NONE;
	return report_names_take(
		names, show(data, value_of(data, record, field)));
}

static void take_span(struct report_trouble *trouble, int64_t time_us)
{
	struct report_span *span = trouble->n_spans == 0
		? NULL
		: &trouble->spans[trouble->n_spans - 1];

	trouble->count++;
	if (span == NULL ||
		(trouble->n_spans < REPORT_SPANS_MAX &&
			(time_us > span->last_us + SPAN_BREAK_US ||
				time_us < span->first_us - SPAN_BREAK_US))) {
		span = &trouble->spans[trouble->n_spans++];
		*span = (struct report_span){ time_us, time_us, 0 };
	}
	span->count++;
	if (time_us < span->first_us)
		span->first_us = time_us;
	if (time_us > span->last_us)
		span->last_us = time_us;
}

/* As it may be shown, and with dots where the line was cut. */
static const char *recipient_of(
	struct report_data *data, const struct record *record)
{
	const char *shown = show(data, value_of(data, record, FIELD_RECIPIENT));

	return arena_printf(data->request, "%s%s", shown,
		verdict_is_cut(&record->verdict, FIELD_RECIPIENT) ? "..." : "");
}

static void count_ends(struct report_data *data, struct tally_entry *entry,
	const struct record *record)
{
	distinct_add(&entry->senders, value_of(data, record, FIELD_SENDER));
	distinct_add(&entry->clients, value_of(data, record, FIELD_CLIENT));
}

/*
 * Folded, so that one mailbox is one entry, but in the form of the log, without
 * quotes.  *key is without extension; NULL where it is not known.
 */
static const char *unknown_of(
	struct report_data *data, const struct record *record, const char **key)
{
	struct address address;

	*key = NULL;
	if (verdict_is_cut(&record->verdict, FIELD_RECIPIENT) ||
		!report_state_address(data->state,
			value_of(data, record, FIELD_RECIPIENT), &address,
			data->request))
		return recipient_of(data, record);
	*key = address.base;
	return arena_strdup(data->request,
		show(data,
			slice_of(arena_printf(data->request, "%s@%s",
				address.local, address.domain))));
}

static void take_unknown(
	struct report_data *data, const struct record *record, unsigned domain)
{
	const char *key;
	const char *shown = unknown_of(data, record, &key);
	struct tally_entry *entry =
		tally_take(&data->unknown, shown, record->time_us);

	entry->domain = domain;
	if (entry->address == NULL && key != NULL)
		entry->address = memory_must(strdup(key));
	count_ends(data, entry, record);
	if (entry->connector >= 0)
		return;
	const struct slice client = value_of(data, record, FIELD_CLIENT);

	entry->connector = report_state_connector(data->state, client.bytes);
	if (entry->connector >= 0)
		entry->detail = memory_must(strdup(show(data, client)));
}

static void take_loop(struct report_data *data, const struct record *record,
	const struct cube_cell *cell)
{
	const char *client = arena_strdup(data->request,
		show(data, value_of(data, record, FIELD_CLIENT)));
	struct tally_entry *entry = tally_take(&data->loops,
		arena_printf(data->request, "%s %s", client,
			recipient_of(data, record)),
		record->time_us);

	entry->domain = cell->domain;
	entry->connector = (int)cell->connector;
	if (entry->detail == NULL)
		entry->detail = memory_must(strdup(client));
	count_ends(data, entry, record);
}

static void take_reason(struct report_data *data, const struct record *record,
	const struct cube_cell *cell)
{
	switch (report_reason_list(cell->reason)) {
	case REPORT_LIST_NONE: return;
	case REPORT_LIST_UNKNOWN:
		take_unknown(data, record, cell->domain);
		return;
	case REPORT_LIST_LOOP: take_loop(data, record, cell); return;
	case REPORT_LIST_FAILED:
		take_span(&data->failed_lookups, record->time_us);
		return;
	case REPORT_LIST_STALE:
		take_span(&data->troubles[name_of(data, &data->directories,
				  record, FIELD_DIRECTORY)],
			record->time_us);
		return;
	}
}

static void take_facts(struct report_data *data, const struct record *record)
{
	const unsigned long generation =
		verdict_number(&record->verdict, FIELD_GENERATION);

	if (data->total++ == 0)
		data->least_generation = generation;
	if (generation < data->least_generation)
		data->least_generation = generation;
	if (generation > data->greatest_generation)
		data->greatest_generation = generation;
	data->shadow += verdict_has(&record->verdict, FIELD_SHADOW);
	if (record->time_us < data->first_us)
		data->first_us = record->time_us;
	if (record->time_us > data->last_us)
		data->last_us = record->time_us;
	report_names_take(&data->hosts, show(data, record->log.host));
}

void report_data_take(struct report_data *data, const struct record *record)
{
	const struct verdict_line *verdict = &record->verdict;
	const struct cube_cell cell = {
		.start_s = record->time_us / SECOND_US,
		.verdict =
			report_verdict_number(verdict->written[FIELD_VERDICT]),
		.reason = report_reason_number(verdict->written[FIELD_REASON]),
		.domain = name_of(data, &data->domains, record, FIELD_DOMAIN),
		.connector = name_of(
			data, &data->connectors, record, FIELD_CONNECTOR),
	};
	const unsigned long us = verdict_number(verdict, FIELD_US);

	take_facts(data, record);
	cube_take(&data->cube, &cell, us < US_MAX ? us : US_MAX);
	take_reason(data, record, &cell);
	arena_reset(data->request);
}

void report_data_conclude(struct report_data *data, int64_t now_s)
{
	data->now_s = now_s;
	tally_sort(&data->unknown);
	tally_sort(&data->loops);
	cube_reduce(&data->cube, REPORT_OTHER);
	data->likeness = likeness_open();
	for (size_t i = 0; i < data->unknown.n && i < REPORT_COMPARED_MAX;
		i++) {
		const char *key = data->unknown.entries[i]->address;

		likeness_ask(data->likeness, key == NULL ? "" : key,
			key == NULL ? NULL
				    : report_state_primary(data->state, key));
	}
	report_state_compare(data->state, data->likeness);
}
