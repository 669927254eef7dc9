/*
 * Line by line, and nothing is kept but what an output keeps.  Every line
 * passes the clock, because years are told by the order of lines.
 */
#include "verdicts/query.h"

#include "base/file.h"
#include "base/text.h"
#include "base/version.h"
#include "verdicts/counts.h"
#include "verdicts/delivery.h"
#include "verdicts/json_output.h"
#include "verdicts/last.h"
#include "verdicts/query_options.h"
#include "verdicts/question.h"
#include "verdicts/report_output.h"
#include "verdicts/table_output.h"
#include "verdicts/tsv_output.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

/* What was no verdict. */
struct skipped {
	unsigned long others; /* of other programs, or policyd's, but no
				 verdicts */
	unsigned long damaged; /* policyd's, but no whole verdict */
	unsigned long headless; /* no line of a mail log */
};

struct query {
	struct text question; /* as it was written */
	struct query_options options;
	struct log_reader *reader;
	struct delivery *delivery; /* NULL: nobody asked */
	bool wants_ids; /* by their queue IDs, which it finds */
	unsigned long n_kept; /* by it, since the last time it gave up some */
	struct output output;
	struct record record; /* of the line at hand; fates are never in it */
	struct skipped skipped;
	bool is_damaged; /* a file ended too early */
};

static void complain(const char *text)
{
	fprintf(stderr, "policyd verdicts: %s\n", text);
}

static bool has_colour(const struct query_options *options, bool is_terminal)
{
	const char *refused = getenv("NO_COLOR");

	switch (options->colour) {
	case QUERY_COLOUR_ALWAYS: return true;
	case QUERY_COLOUR_NEVER: return false;
	case QUERY_COLOUR_AUTO: break;
	}
	return is_terminal && (refused == NULL || refused[0] == '\0');
}

static struct shape shape_of(const struct query_options *options)
{
	const bool is_terminal = isatty(STDOUT_FILENO) != 0;
	struct winsize size = { 0 };

	if (is_terminal)
		ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	return (struct shape){
		.format = options->format,
		.to = stdout,
		.columns = size.ws_col,
		.has_colour = has_colour(options, is_terminal),
		.has_fates = options->with_delivery,
	};
}

/* Counts off a terminal are for other programs. */
static void open_counts(
	struct output *out, const struct query_options *o, struct shape shape)
{
	if (shape.format == QUERY_TABLE && !isatty(STDOUT_FILENO))
		shape.format = QUERY_TSV;
	counts_open(
		out, &(struct counts_options){ o->count_by, o->top, shape });
}

static void open_shown(struct output *out, const struct shape *shape)
{
	switch (shape->format) {
	case QUERY_TABLE: table_output_open(out, shape); break;
	case QUERY_TSV: tsv_output_open(out, shape); break;
	case QUERY_JSON: json_output_open(out, shape); break;
	}
}

/* Most lines have no queue ID; those of Postfix tell it. */
static void open_delivery(struct query *query)
{
	struct filter *filter = query->options.filter;

	query->wants_ids = filter_asks(filter, FIELD_QUEUE_ID);
	if (!query->wants_ids && !query->options.with_delivery)
		return;
	query->delivery = delivery_open();
	if (query->wants_ids)
		delivery_set_filter(query->delivery, filter);
}

static bool open_output(struct query *query, struct err *err)
{
	const struct query_options *options = &query->options;
	const struct shape shape = shape_of(options);
	struct output output = { 0 };

	open_delivery(query);
	if (options->html != NULL) {
		if (!report_output_open(&output,
			    &(struct report_options){ .path = options->html,
				    .state = options->state,
				    .question = query->question.data },
			    err))
			return false;
	} else if (options->count_by.n > 0) {
		open_counts(&output, options, shape);
	} else {
		open_shown(&output, &shape);
	}
	/* What waits for its fate alone is counted where it waits. */
	if (options->last > 0 && (query->delivery == NULL || query->wants_ids))
		last_open(&query->output, &output, options->last);
	else
		query->output = output;
	return true;
}

static void show(struct query *query, const struct record *record)
{
	query->output.take(query->output.context, record);
}

/* With --last some more wait than will be shown, so that it costs little. */
static void keep(struct query *query, const struct record *record, bool wanted)
{
	enum { SURPLUS = 4096 };
	const unsigned long last = query->options.last;

	delivery_verdict(query->delivery, record, wanted);
	query->n_kept += wanted;
	if (last == 0 || query->wants_ids || query->n_kept <= SURPLUS ||
		query->n_kept - SURPLUS <= last)
		return;
	delivery_keep_last(query->delivery, last);
	query->n_kept = last;
}

static void take_verdict(struct query *query, struct record *record)
{
	if (!verdict_parse(&record->verdict, record->log.message)) {
		query->skipped.damaged++;
		return;
	}
	struct filter *filter = query->options.filter;
	const bool is_wanted = query->wants_ids
		? filter_may_take(filter, record)
		: filter_takes(filter, record);

	if (query->delivery != NULL)
		keep(query, record, is_wanted);
	else if (is_wanted)
		show(query, record);
}

static void take_other(struct query *query, const struct record *record)
{
	if (query->delivery != NULL)
		delivery_line(query->delivery, record->time_us, &record->log);
	else
		query->skipped.others++;
}

/* journalctl(1) writes "-- Boot 3f2a... --" between the lines of two boots. */
static void take_headless(struct query *query, struct slice line)
{
	if (slice_starts(line, "-- "))
		query->skipped.others++;
	else
		query->skipped.headless++;
}

static void take_line(struct query *query, struct slice line)
{
	struct record *record = &query->record;

	record->line = line;
	if (!log_line_parse(&record->log, line) ||
		!log_clock_read(log_reader_clock(query->reader),
			record->log.stamp, &record->time_us))
		take_headless(query, line);
	else if (slice_is(log_line_service(&record->log), "policyd") &&
		verdict_begins(record->log.message))
		take_verdict(query, record);
	else
		take_other(query, record);
}

/* Until the end of all files, or of the reader's patience. */
static void read_all(struct query *query)
{
	struct err err = { 0 };

	while (!ferror(stdout)) {
		struct slice line;

		switch (log_reader_next(query->reader, &line, &err)) {
		case LOG_READ_LINE: take_line(query, line); break;
		case LOG_READ_QUIET:
			query->output.flush(query->output.context);
			break;
		case LOG_READ_WARNING: complain(err.text); break;
		case LOG_READ_DAMAGED:
			complain(err.text);
			query->is_damaged = true;
			break;
		case LOG_READ_END: return;
		}
	}
}

static void add_number(
	struct text *out, unsigned long n, const char *one, const char *several)
{
	if (n > 0)
		text_addf(out, "%s%lu %s", out->len > 0 ? ", " : "", n,
			n == 1 ? one : several);
}

/* What was skipped: where somebody watches, or a line was damaged. */
static void sum_up(const struct query *query)
{
	const struct skipped *skipped = &query->skipped;
	const unsigned long too_long = log_reader_too_long(query->reader);
	const bool is_sound =
		skipped->damaged + skipped->headless + too_long == 0;
	struct text list;

	if (query->options.is_quiet || (is_sound && !isatty(STDERR_FILENO)))
		return;
	text_init(&list);
	add_number(&list, skipped->others, "other line", "other lines");
	add_number(&list, skipped->damaged, "damaged verdict line",
		"damaged verdict lines");
	add_number(&list, skipped->headless, "line that is none of a mail log",
		"lines that are none of a mail log");
	add_number(&list, too_long, "line that is too long",
		"lines that are too long");
	if (list.len > 0)
		fprintf(stderr, "policyd verdicts: %s skipped\n", list.data);
	text_fini(&list);
}

/* The fate may not have been asked for, but the queue ID. */
static void show_delivery(struct query *query, const struct record *record)
{
	if (record == NULL)
		return;
	struct record shown = *record;

	if (!query->options.with_delivery)
		shown.n_fates = 0;
	show(query, &shown);
}

/* What has waited for its fate. */
static void show_deliveries(struct query *query)
{
	if (query->delivery == NULL)
		return;
	if (query->options.last > 0 && !query->wants_ids)
		delivery_keep_last(query->delivery, query->options.last);
	const size_t n = delivery_count(query->delivery);

	for (size_t i = 0; i < n && !ferror(stdout); i++)
		show_delivery(query, delivery_record(query->delivery, i));
}

static int finish(struct query *query)
{
	struct err err = { 0 };

	show_deliveries(query);
	if (!query->output.finish(query->output.context, &err)) {
		complain(err.text);
		return EX_IOERR;
	}
	sum_up(query);
	return query->is_damaged ? EX_DATAERR : EX_OK;
}

static int ask(struct query *query)
{
	struct err err = { 0 };
	int status = EX_IOERR;

	query->reader = log_reader_open(&query->options.sources, &err);
	if (query->reader == NULL) {
		complain(err.text);
		return EX_NOINPUT;
	}
	if (open_output(query, &err)) {
		read_all(query);
		status = finish(query);
		query->output.close(query->output.context);
	} else {
		complain(err.text);
	}
	delivery_close(&query->delivery);
	log_reader_close(&query->reader);
	return status;
}

/*
 * A closed standard output becomes one that can not be written: whoever asks
 * and can not be told should learn it.
 */
static void fill_stdio(void)
{
	if (fcntl(STDOUT_FILENO, F_GETFD) < 0) {
		const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		if (fd >= 0 && fd != STDOUT_FILENO) {
			dup2(fd, STDOUT_FILENO);
			close(fd);
		}
	}
	file_fill_stdio();
}

static int print(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? EX_IOERR
							      : EX_OK;
}

int query_main(int argc, char **argv)
{
	struct query query = { 0 };
	struct err err = { 0 };
	int status;

	fill_stdio();
	text_init(&query.question);
	question_format(&query.question, argv);
	/* Whoever stops reading ends it, and needs no word about it. */
	signal(SIGPIPE, SIG_DFL);
	if (!query_options_parse(&query.options, argc, argv, &err)) {
		complain(err.text);
		status = EX_USAGE;
	} else if (query.options.wants_help) {
		status = print(query_help());
	} else if (query.options.wants_version) {
		status = print("policyd (Postshare) " VERSION "\n");
	} else {
		status = ask(&query);
	}
	text_fini(&query.question);
	query_options_fini(&query.options);
	return status;
}
