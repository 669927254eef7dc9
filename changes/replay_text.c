/* Whatever touches many before whatever touches one, as in a diff. */
#include "changes/replay_text.h"

#include "base/text.h"
#include "changes/limit.h"
#include "changes/replay_result.h"
#include "verdicts/local_time.h"
#include "verdicts/stream.h"
#include "verdicts/verdict.h"

struct print {
	struct text text;
	struct local_time local;
	FILE *out;
};

static void add_number(struct print *print, unsigned long number)
{
	char text[TEXT_NUMBER_SIZE];

	text_addf(&print->text, " %10s", text_number(text, number));
}

static void print_head(struct print *print, const char *title)
{
	text_addf(&print->text, "%-34s %10s %10s %10s\n", title, "RCPTs",
		"messages", "recipients");
}

static void add_count(struct print *print, const struct replay_count *count)
{
	add_number(print, count->rcpts);
	add_number(print, count->messages);
	add_number(print, count->recipients);
}

static void print_count(
	struct print *print, const char *what, const struct replay_count *count)
{
	text_addf(&print->text, "  %-32s", what);
	add_count(print, count);
	text_adds(&print->text, "\n");
}

static void print_counts(
	struct print *print, const struct replay_result *result)
{
	const struct replay_count *changes = result->changes;

	text_adds(&print->text, "\n");
	print_head(print, "");
	print_count(print, "resolved", &result->all);
	print_count(print, "unchanged", &changes[CHANGE_NONE]);
	print_count(print, "not ours", &result->not_ours);
	print_count(print, "newly accepted", &changes[CHANGE_ACCEPTED]);
	print_count(print, "newly refused", &changes[CHANGE_REFUSED]);
	print_count(print, "newly deferred", &changes[CHANGE_DEFERRED]);
	print_count(print, "rerouted", &changes[CHANGE_REROUTED]);
}

/* Nothing where it is none. */
static void print_number(
	struct print *print, const char *what, unsigned long number)
{
	if (number == 0)
		return;
	text_addf(&print->text, "  %-32s", what);
	add_number(print, number);
	text_adds(&print->text, "\n");
}

/* What was read and not resolved; what the system behind refused. */
static void print_others(
	struct print *print, const struct replay_result *result)
{
	print_number(print, "accepted, but unknown behind us", result->bounced);
	print_number(print, "  of them newly refused", result->bounced_refused);
	print_number(
		print, "refused for other reasons", result->other_refusals);
	print_number(print, "recipients that were cut", result->cut);
	print_number(print, "damaged verdict lines", result->damaged);
	print_number(print, "lines of something else", result->headless);
	print_number(print, "lines that are too long", result->too_long);
}

static void add_shown(struct print *print, const char *text)
{
	verdict_show(&print->text, slice_of(text));
}

static void add_answers(struct print *print, const struct replay_group *group)
{
	text_addf(&print->text, "  %s: ", change_format(group->change));
	add_shown(print, group->from);
	text_adds(&print->text, " -> ");
	add_shown(print, group->to);
	text_adds(&print->text, "\n");
}

static void print_left(struct print *print, unsigned long left)
{
	char number[TEXT_NUMBER_SIZE];

	if (left > 0)
		text_addf(&print->text,
			"  ... and %s more (--limit 0 shows all)\n",
			text_number(number, left));
}

static void print_groups(struct print *print,
	const struct replay_result *result, unsigned long limit)
{
	const size_t n = limit_shown(limit, result->n_groups);

	if (n == 0)
		return;
	text_addf(&print->text, "\n%10s %10s %10s  %s\n", "RCPTs", "messages",
		"recipients", "by answers");
	for (size_t i = 0; i < n; i++) {
		const struct replay_count *count = &result->groups[i]->count;
		char number[TEXT_NUMBER_SIZE];

		text_addf(&print->text, "%10s",
			text_number(number, count->rcpts));
		add_number(print, count->messages);
		add_number(print, count->recipients);
		add_answers(print, result->groups[i]);
	}
	print_left(print, result->n_groups - n);
}

static void print_whose(struct print *print, const struct replay_whose *whose)
{
	char number[TEXT_NUMBER_SIZE];

	text_addf(&print->text, "%10s  ",
		text_number(number, whose->count.messages));
	local_time_format(&print->text, &print->local, whose->first_us);
	text_adds(&print->text, "  ");
	local_time_format(&print->text, &print->local, whose->last_us);
	text_adds(&print->text, "  ");
	add_shown(print, whose->recipient);
	add_answers(print, whose->group);
	stream_put(print->out, &print->text);
}

static void print_all_whose(struct print *print,
	const struct replay_result *result, unsigned long limit)
{
	const size_t n = limit_shown(limit, result->n_whose);

	if (n == 0)
		return;
	text_addf(&print->text, "\n%10s  %-19s  %-19s  %s\n", "messages",
		"first", "last", "whose");
	for (size_t i = 0; i < n; i++)
		print_whose(print, result->whose[i]);
	print_left(print, result->n_whose - n);
}

static void print_title(struct print *print, const struct replay_result *result,
	const struct replay_heading *heading)
{
	char lines[TEXT_NUMBER_SIZE];

	text_adds(&print->text, "log -> ");
	if (heading->against == 0)
		text_adds(&print->text, "candidate");
	else
		text_addf(&print->text, "generation %lu", heading->against);
	text_addf(
		&print->text, ": %s lines", text_number(lines, result->lines));
	if (result->all.rcpts > 0) {
		text_adds(&print->text, ", ");
		local_time_format(
			&print->text, &print->local, result->first_us);
		text_adds(&print->text, " to ");
		local_time_format(&print->text, &print->local, result->last_us);
	}
	text_adds(&print->text, "\n");
	if (result->n_groups == 0)
		text_adds(&print->text, "no difference\n");
}

void replay_print_text(const struct replay_result *result,
	const struct replay_heading *heading, FILE *out)
{
	struct print print = { .out = out };

	text_init(&print.text);
	print_title(&print, result, heading);
	print_counts(&print, result);
	print_others(&print, result);
	print_groups(&print, result, heading->limit);
	print_all_whose(&print, result, heading->limit);
	stream_put(out, &print.text);
	text_fini(&print.text);
}
