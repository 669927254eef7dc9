/* By hand, as what strangers wrote need not be UTF-8; see json_text.h. */
#include "changes/replay_json.h"

#include "base/text.h"
#include "changes/limit.h"
#include "changes/replay_result.h"
#include "verdicts/json_text.h"
#include "verdicts/local_time.h"
#include "verdicts/stream.h"

#include <string.h>

struct print {
	struct text text;
	struct local_time local;
	FILE *out;
};

static void add_text(struct print *print, const char *key, const char *value)
{
	text_addf(&print->text, "\"%s\": ", key);
	json_text_string(&print->text, slice_of(value));
}

static void add_number(struct print *print, const char *key, unsigned long n)
{
	text_addf(&print->text, "  \"%s\": %lu,\n", key, n);
}

/* null where there is none */
static void add_generation(
	struct print *print, const char *key, unsigned long number)
{
	if (number == 0)
		text_addf(&print->text, "  \"%s\": null,\n", key);
	else
		add_number(print, key, number);
}

/* Named as diff names it. */
static void add_against(struct print *print, unsigned long number)
{
	if (number == 0)
		text_adds(&print->text, "  \"against\": \"candidate\",\n");
	else
		add_number(print, "against", number);
}

static void add_count(struct print *print, const struct replay_count *count)
{
	text_addf(&print->text,
		"\"rcpts\": %lu, \"messages\": %lu, \"recipients\": %lu",
		count->rcpts, count->messages, count->recipients);
}

static void add_counted(
	struct print *print, const char *key, const struct replay_count *count)
{
	text_addf(&print->text, "  \"%s\": {", key);
	add_count(print, count);
	text_adds(&print->text, "},\n");
}

static void add_time(struct print *print, const char *key, int64_t time_us)
{
	text_addf(&print->text, "\"%s\": \"", key);
	local_time_format_exact(&print->text, &print->local, time_us);
	text_adds(&print->text, "\"");
}

static void add_period(struct print *print, const struct replay_result *result)
{
	text_adds(&print->text, "  ");
	if (result->all.rcpts == 0) {
		text_adds(&print->text, "\"first\": null,\n  \"last\": null");
	} else {
		add_time(print, "first", result->first_us);
		text_adds(&print->text, ",\n  ");
		add_time(print, "last", result->last_us);
	}
	text_adds(&print->text, ",\n");
}

static void add_counts(struct print *print, const struct replay_result *result)
{
	add_number(print, "lines", result->lines);
	add_number(print, "damaged_verdict_lines", result->damaged);
	add_number(print, "foreign_lines", result->headless);
	add_number(print, "too_long_lines", result->too_long);
	add_number(print, "other_refusals", result->other_refusals);
	add_number(print, "cut_recipients", result->cut);
	add_number(print, "bounced", result->bounced);
	add_number(print, "bounced_now_refused", result->bounced_refused);
	add_counted(print, "resolved", &result->all);
	add_counted(print, "unchanged", &result->changes[CHANGE_NONE]);
	add_counted(print, "not_ours", &result->not_ours);
	for (unsigned i = CHANGE_NONE + 1; i < CHANGES; i++)
		add_counted(print, change_format(i), &result->changes[i]);
}

static void add_answers(struct print *print, const struct replay_group *group)
{
	add_text(print, "change", change_format(group->change));
	text_adds(&print->text, ", ");
	add_text(print, "from", group->from);
	text_adds(&print->text, ", ");
	add_text(print, "to", group->to);
	text_adds(&print->text, ", ");
}

static void begin_entry(struct print *print, bool is_first)
{
	text_adds(&print->text, is_first ? "\n    {" : ",\n    {");
}

static void add_groups(struct print *print, const struct replay_result *result,
	unsigned long limit)
{
	const size_t n = limit_shown(limit, result->n_groups);

	text_adds(&print->text, "  \"groups\": [");
	for (size_t i = 0; i < n; i++) {
		begin_entry(print, i == 0);
		add_answers(print, result->groups[i]);
		add_count(print, &result->groups[i]->count);
		text_adds(&print->text, "}");
	}
	text_adds(&print->text, n == 0 ? "],\n" : "\n  ],\n");
}

static void add_whose(struct print *print, const struct replay_whose *whose)
{
	add_text(print, "recipient", whose->recipient);
	text_adds(&print->text, ", ");
	add_answers(print, whose->group);
	text_addf(&print->text, "\"rcpts\": %lu, \"messages\": %lu, ",
		whose->count.rcpts, whose->count.messages);
	add_time(print, "first", whose->first_us);
	text_adds(&print->text, ", ");
	add_time(print, "last", whose->last_us);
	text_adds(&print->text, "}");
}

static void add_all_whose(struct print *print,
	const struct replay_result *result, unsigned long limit)
{
	const size_t n = limit_shown(limit, result->n_whose);

	text_adds(&print->text, "  \"recipients\": [");
	for (size_t i = 0; i < n; i++) {
		begin_entry(print, i == 0);
		add_whose(print, result->whose[i]);
		stream_put(print->out, &print->text);
	}
	text_adds(&print->text, n == 0 ? "]\n" : "\n  ]\n");
}

void replay_print_json(const struct replay_result *result,
	const struct replay_heading *heading, FILE *out)
{
	struct print print = { .out = out };

	text_init(&print.text);
	text_adds(&print.text, "{\n");
	add_against(&print, heading->against);
	add_generation(&print, "published", heading->published);
	add_period(&print, result);
	add_counts(&print, result);
	add_groups(&print, result, heading->limit);
	add_all_whose(&print, result, heading->limit);
	text_adds(&print.text, "}\n");
	stream_put(out, &print.text);
	text_fini(&print.text);
}
