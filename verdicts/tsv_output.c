/* No value has a tab or a line feed in it, as shown. */
#include "verdicts/tsv_output.h"

#include "base/memory.h"
#include "base/text.h"
#include "verdicts/local_time.h"
#include "verdicts/shown.h"
#include "verdicts/stream.h"

#include <stdlib.h>

struct tsv {
	struct shape shape;
	struct local_time local;
	struct text line;
	struct text fate;
};

static void add_fate(struct tsv *tsv, const struct fate *fate)
{
	const char *const texts[] = { fate->to, fate->status, fate->dsn,
		fate->system, fate->said };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		text_add(&tsv->fate, "\t", 1);
		shown_text(&tsv->fate, texts[i]);
	}
	text_add(&tsv->fate, "\t", 1);
	local_time_format_exact(&tsv->fate, &tsv->local, fate->time_us);
}

static void put(struct tsv *tsv, const struct fate *fate)
{
	if (fate != NULL)
		add_fate(tsv, fate);
	else if (tsv->shape.has_fates)
		text_adds(&tsv->fate, "\t-\t-\t-\t-\t-\t-");
	fwrite(tsv->line.data, 1, tsv->line.len, tsv->shape.to);
	text_add(&tsv->fate, "\n", 1);
	stream_put(tsv->shape.to, &tsv->fate);
}

static void tsv_take(void *context, const struct record *record)
{
	struct tsv *tsv = context;

	text_clear(&tsv->line);
	local_time_format_exact(&tsv->line, &tsv->local, record->time_us);
	text_add(&tsv->line, "\t", 1);
	verdict_show(&tsv->line, record->log.host);
	for (unsigned i = 0; i < VERDICT_FIELDS; i++) {
		text_add(&tsv->line, "\t", 1);
		shown_add(&tsv->line, (enum verdict_field)i,
			record->verdict.written[i]);
	}
	for (size_t i = 0; i < record->n_fates; i++)
		put(tsv, &record->fates[i]);
	if (record->n_fates == 0)
		put(tsv, NULL);
}

static void tsv_flush(void *context)
{
	struct tsv *tsv = context;

	fflush(tsv->shape.to);
}

static bool tsv_finish(void *context, struct err *err)
{
	struct tsv *tsv = context;

	return stream_finish(tsv->shape.to, err);
}

static void tsv_close(void *context)
{
	struct tsv *tsv = context;

	text_fini(&tsv->line);
	text_fini(&tsv->fate);
	free(tsv);
}

static void put_header(struct tsv *tsv)
{
	text_adds(&tsv->line, "time\thost");
	for (unsigned i = 0; i < VERDICT_FIELDS; i++)
		text_addf(&tsv->line, "\t%s",
			verdict_field_name((enum verdict_field)i));
	if (tsv->shape.has_fates)
		text_adds(&tsv->line,
			"\tto\tstatus\tdsn\tsystem\tsaid\tdelivery_time");
	text_adds(&tsv->line, "\n");
	stream_put(tsv->shape.to, &tsv->line);
}

void tsv_output_open(struct output *out, const struct shape *shape)
{
	struct tsv *tsv = memory_must(calloc(1, sizeof *tsv));

	tsv->shape = *shape;
	text_init(&tsv->line);
	text_init(&tsv->fate);
	put_header(tsv);
	*out = (struct output){ tsv_take, tsv_flush, tsv_finish, tsv_close,
		tsv };
}
