/* columns.h aligns; here is what stands in a row, and its colour. */
#include "verdicts/table_output.h"

#include "base/memory.h"
#include "base/text.h"
#include "verdicts/columns.h"
#include "verdicts/local_time.h"
#include "verdicts/shown.h"
#include "verdicts/stream.h"

#include <stdlib.h>

/* A fate stands where a terminal of 80 columns does not cut it off. */
static const char *const names[] = { "time", "verdict", "reason", "recipient",
	"status", "dsn", "system", "said", "connector", "client", "sender" };
static const char *const names_without_fates[] = { "time", "verdict", "reason",
	"recipient", "connector", "client", "sender" };

enum { FATE_NAMES = 4, NAMES = sizeof names / sizeof *names, PART = 3 };

static const enum verdict_field before_fate[PART] = { FIELD_VERDICT,
	FIELD_REASON, FIELD_RECIPIENT };
static const enum verdict_field after_fate[PART] = { FIELD_CONNECTOR,
	FIELD_CLIENT, FIELD_SENDER };

struct table_output {
	struct shape shape;
	struct local_time local;
	struct columns *columns;
	struct text row;
};

static const char *colour_of(const struct record *record)
{
	static const struct {
		const char *verdict, *colour;
	} colours[] = { { "accept", "32" }, { "relay", "36" },
		{ "reject", "31" }, { "defer", "33" }, { "pass", "2" } };
	const struct slice verdict = record->verdict.written[FIELD_VERDICT];

	for (size_t i = 0; i < sizeof colours / sizeof *colours; i++) {
		if (slice_is(verdict, colours[i].verdict))
			return colours[i].colour;
	}
	return NULL;
}

static void add_fate(struct text *row, const struct fate *fate)
{
	const char *const texts[FATE_NAMES] = { fate->status, fate->dsn,
		fate->system, fate->said };

	for (size_t i = 0; i < FATE_NAMES; i++) {
		text_add(row, "\t", 1);
		shown_text(row, texts[i]);
	}
}

static void add_fields(struct text *row, const struct record *record,
	const enum verdict_field fields[PART])
{
	for (size_t i = 0; i < PART; i++) {
		text_add(row, "\t", 1);
		shown_add(row, fields[i], record->verdict.written[fields[i]]);
		if (fields[i] == FIELD_REASON &&
			verdict_has(&record->verdict, FIELD_SHADOW))
			text_adds(row, " (shadow)");
	}
}

static void put(struct table_output *table, const struct record *record,
	const struct fate *fate)
{
	const size_t len = table->row.len;

	if (fate != NULL)
		add_fate(&table->row, fate);
	else if (table->shape.has_fates)
		text_adds(&table->row, "\t-\t-\t-\t-");
	add_fields(&table->row, record, after_fate);
	columns_row(table->columns,
		(struct slice){ table->row.data, table->row.len },
		colour_of(record));
	table->row.len = len;
}

static void table_take(void *context, const struct record *record)
{
	struct table_output *table = context;
	struct text *row = &table->row;

	text_clear(row);
	local_time_format(row, &table->local, record->time_us);
	add_fields(row, record, before_fate);
	for (size_t i = 0; i < record->n_fates; i++)
		put(table, record, &record->fates[i]);
	if (record->n_fates == 0)
		put(table, record, NULL);
}

static void table_flush(void *context)
{
	struct table_output *table = context;

	columns_flush(table->columns);
	fflush(table->shape.to);
}

static bool table_finish(void *context, struct err *err)
{
	struct table_output *table = context;

	columns_flush(table->columns);
	return stream_finish(table->shape.to, err);
}

static void table_close(void *context)
{
	struct table_output *table = context;

	columns_close(&table->columns);
	text_fini(&table->row);
	free(table);
}

void table_output_open(struct output *out, const struct shape *shape)
{
	struct table_output *table = memory_must(calloc(1, sizeof *table));
	const struct columns_form form = shape->has_fates
		? (struct columns_form){ names, NAMES, false, 1 }
		: (struct columns_form){ names_without_fates,
			  NAMES - FATE_NAMES, false, 1 };

	table->shape = *shape;
	table->columns = columns_open(&form, shape);
	text_init(&table->row);
	*out = (struct output){ table_take, table_flush, table_finish,
		table_close, table };
}
