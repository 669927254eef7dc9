/* An object is one line, so it can be written before the next is known. */
#include "verdicts/json_output.h"

#include "base/memory.h"
#include "base/text.h"
#include "verdicts/json_text.h"
#include "verdicts/local_time.h"
#include "verdicts/stream.h"

#include <stdlib.h>

struct json {
	struct shape shape;
	struct local_time local;
	struct text line;
};

static void add_time(struct json *json, int64_t time_us)
{
	text_adds(&json->line, "{\"time\":\"");
	local_time_format_exact(&json->line, &json->local, time_us);
	text_adds(&json->line, "\"");
}

static void add_text(struct json *json, const char *name, const char *text)
{
	text_addf(&json->line, ",\"%s\":", name);
	json_text_optional(&json->line, text);
}

static void add_fate(struct json *json, const struct fate *fate)
{
	add_time(json, fate->time_us);
	add_text(json, "to", fate->to);
	add_text(json, "status", fate->status);
	add_text(json, "dsn", fate->dsn);
	add_text(json, "system", fate->system);
	add_text(json, "said", fate->said);
	text_adds(&json->line, "}");
}

static void add_fates(struct json *json, const struct record *record)
{
	text_adds(&json->line, ",\"delivery\":[");
	for (size_t i = 0; i < record->n_fates; i++) {
		if (i > 0)
			text_adds(&json->line, ",");
		add_fate(json, &record->fates[i]);
	}
	text_adds(&json->line, "]");
}

static void add_field(struct json *json, const struct record *record,
	enum verdict_field field)
{
	struct text *line = &json->line;

	text_adds(line, ",\"");
	text_adds(line, verdict_field_name(field));
	text_adds(line, "\":");
	json_text_field(line, field, record->verdict.written[field]);
}

static void add_cut(struct json *json, const struct record *record)
{
	bool is_first = true;

	text_adds(&json->line, ",\"cut\":[");
	for (unsigned i = 0; i < VERDICT_FIELDS; i++) {
		const enum verdict_field field = (enum verdict_field)i;

		if (!verdict_is_cut(&record->verdict, field))
			continue;
		text_addf(&json->line, "%s\"%s\"", is_first ? "" : ",",
			verdict_field_name(field));
		is_first = false;
	}
	text_adds(&json->line, "]");
}

static void json_take(void *context, const struct record *record)
{
	struct json *json = context;

	add_time(json, record->time_us);
	text_adds(&json->line, ",\"host\":");
	json_text_string(&json->line, record->log.host);
	for (unsigned i = 0; i < VERDICT_FIELDS; i++)
		add_field(json, record, (enum verdict_field)i);
	add_cut(json, record);
	if (json->shape.has_fates)
		add_fates(json, record);
	text_adds(&json->line, "}\n");
	stream_put(json->shape.to, &json->line);
}

static void json_flush(void *context)
{
	struct json *json = context;

	fflush(json->shape.to);
}

static bool json_finish(void *context, struct err *err)
{
	struct json *json = context;

	return stream_finish(json->shape.to, err);
}

static void json_close(void *context)
{
	struct json *json = context;

	text_fini(&json->line);
	free(json);
}

void json_output_open(struct output *out, const struct shape *shape)
{
	struct json *json = memory_must(calloc(1, sizeof *json));

	json->shape = *shape;
	text_init(&json->line);
	*out = (struct output){ json_take, json_flush, json_finish, json_close,
		json };
}
