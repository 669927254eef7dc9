/* All that is text goes through add(); nothing else writes what came. */
#include "verdicts/report_tables.h"

#include "verdicts/likeness.h"
#include "verdicts/report_lists.h"
#include "verdicts/report_words.h"

#include <string.h>

enum { SECOND_US = 1000000 };

static void add(struct text *out, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '<': text_adds(out, "&lt;"); break;
		case '>': text_adds(out, "&gt;"); break;
		case '&': text_adds(out, "&amp;"); break;
		case '"': text_adds(out, "&quot;"); break;
		default: text_add(out, text, 1);
		}
	}
}

static void add_cell(struct text *out, const char *text)
{
	text_adds(out, "<td>");
	add(out, text);
}

static void add_moment(struct text *out, int64_t time_us)
{
	text_adds(out, "<td>");
	report_time_format(out, time_us / SECOND_US);
}

/* columns: "<th>...", of the project's own words. */
static void begin(struct text *out, const char *title, const char *columns)
{
	text_addf(out,
		"<h2>%s</h2>\n<table class=plain><thead><tr>%s</thead>"
		"<tbody>\n",
		title, columns);
}

static void end(struct text *out)
{
	text_adds(out, "</tbody></table>\n");
}

/* What a cell is counted by; its name by number. */
struct side {
	const char *title;
	unsigned (*number)(const struct cube_cell *cell);
	const char *(*name)(const struct report_data *data, unsigned number);
};

static unsigned verdict_of(const struct cube_cell *cell)
{
	return cell->verdict;
}

static unsigned reason_of(const struct cube_cell *cell)
{
	return cell->reason;
}

static unsigned domain_of(const struct cube_cell *cell)
{
	return cell->domain;
}

static unsigned connector_of(const struct cube_cell *cell)
{
	return cell->connector;
}

static const char *verdict_name(const struct report_data *data, unsigned i)
{
	(void)data;
	return report_verdict_word(i);
}

static const char *reason_name(const struct report_data *data, unsigned i)
{
	(void)data;
	return report_reason_word(i);
}

static const char *domain_name(const struct report_data *data, unsigned i)
{
	return report_names_get(&data->domains, i);
}

static const char *connector_name(const struct report_data *data, unsigned i)
{
	return report_names_get(&data->connectors, i);
}

static void add_side(struct text *out, const struct report_data *data,
	const struct side *side)
{
	unsigned long counts[CUBE_DOMAINS] = { 0 };

	for (size_t i = 0; i < data->cube.cells.room; i++) {
		const struct report_count *place = &data->cube.cells.places[i];
		const struct cube_cell cell = cube_cell_of(place->key);

		counts[side->number(&cell)] += place->count;
	}
	begin(out, side->title, "<th>Name<th>Verdicts");
	for (unsigned i = 0; i < CUBE_DOMAINS; i++) {
		if (counts[i] == 0)
			continue;
		text_adds(out, "<tr>");
		add_cell(out, side->name(data, i));
		text_addf(out, "<td>%lu\n", counts[i]);
	}
	end(out);
}

/* What a directory lists is in no form yet that may be shown. */
static void add_likeness(struct text *out, const struct likeness_match *like)
{
	struct text shown;

	text_init(&shown);
	text_adds(&shown, "");
	if (like != NULL)
		verdict_show(&shown, slice_of(like->address));
	add_cell(out, shown.data);
	text_fini(&shown);
}

static void add_unknown(struct text *out, const struct report_data *data)
{
	begin(out, "Unknown recipients",
		"<th>Recipient<th>Count<th>Last seen<th>Resembles");
	for (size_t i = 0; i < data->unknown.n && i < REPORT_ROWS_MAX; i++) {
		const struct tally_entry *entry = data->unknown.entries[i];

		text_adds(out, "<tr>");
		add_cell(out, entry->key);
		text_addf(out, "<td>%lu", entry->count);
		add_moment(out, entry->last_us);
		add_likeness(out, report_likeness(data, i, 0));
		text_adds(out, "\n");
	}
	end(out);
}

static void add_missing(struct text *out, const struct report_data *data)
{
	struct text why;
	size_t n = 0;

	text_init(&why);
	begin(out, "Likely missing contacts", "<th>Recipient<th>Count<th>Why");
	for (size_t i = 0; i < data->unknown.n && n < REPORT_ROWS_MAX; i++) {
		text_clear(&why);
		if (!report_missing_why(&why, data, i))
			continue;
		text_adds(out, "<tr>");
		add_cell(out, data->unknown.entries[i]->key);
		text_addf(out, "<td>%lu", data->unknown.entries[i]->count);
		add_cell(out, why.data);
		text_adds(out, "\n");
		n++;
	}
	end(out);
	text_fini(&why);
}

static void add_loops(struct text *out, const struct report_data *data)
{
	begin(out, "Loops", "<th>Client<th>hands back<th>Count<th>Last seen");
	for (size_t i = 0; i < data->loops.n && i < REPORT_ROWS_MAX; i++) {
		const struct tally_entry *entry = data->loops.entries[i];

		text_adds(out, "<tr>");
		add_cell(out, entry->detail);
		add_cell(out, entry->key + strlen(entry->detail) + 1);
		text_addf(out, "<td>%lu", entry->count);
		add_moment(out, entry->last_us);
		text_adds(out, "\n");
	}
	end(out);
}

static void add_trouble(struct text *out, const char *name,
	const struct report_trouble *trouble)
{
	for (size_t i = 0; i < trouble->n_spans; i++) {
		text_adds(out, "<tr>");
		add_cell(out, name);
		add_moment(out, trouble->spans[i].first_us);
		add_moment(out, trouble->spans[i].last_us);
		text_addf(out, "<td>%lu\n", trouble->spans[i].count);
	}
}

static void add_troubles(struct text *out, const struct report_data *data)
{
	begin(out, "Deferred for stale directories and failed lookups",
		"<th>Directory<th>From<th>To<th>Verdicts");
	for (size_t i = 0; i < report_names_count(&data->directories); i++)
		add_trouble(out, report_names_get(&data->directories, i),
			&data->troubles[i]);
	add_trouble(out, "lookup-failed", &data->failed_lookups);
	end(out);
}

static void add_latency(struct text *out, const struct report_data *data)
{
	begin(out, "Time taken, microseconds",
		"<th>p50<th>p90<th>p99<th>Longest");
	text_addf(out, "<tr><td>%lu<td>%lu<td>%lu<td>%lu\n",
		report_percentile(&data->cube, 0.5),
		report_percentile(&data->cube, 0.9),
		report_percentile(&data->cube, 0.99), data->cube.us_max);
	end(out);
}

void report_tables(struct text *out, const struct report_data *data)
{
	static const struct side sides[] = {
		{ "Verdicts", verdict_of, verdict_name },
		{ "Reasons", reason_of, reason_name },
		{ "Domains", domain_of, domain_name },
		{ "Connectors", connector_of, connector_name },
	};

	if (data->total == 0)
		text_adds(out,
			"<p>No verdict was found: the log has no line that was "
			"asked for.</p>\n");
	if (data->total == 0)
		return;
	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
		add_side(out, data, &sides[i]);
	add_unknown(out, data);
	add_missing(out, data);
	add_loops(out, data);
	add_troubles(out, data);
	add_latency(out, data);
}

void report_period(struct text *out, const struct report_data *data)
{
	if (data->total == 0) {
		text_adds(out, "none found");
		return;
	}
	report_time_format(out, data->first_us / SECOND_US);
	text_adds(out, " to ");
	report_time_format(out, data->last_us / SECOND_US);
}

void report_question(struct text *out, const struct report_data *data)
{
	if (data->question == NULL)
		return;
	text_adds(out, "<p class=\"quiet name\">Asked by ");
	add(out, data->question);
	text_adds(out, "</p>");
}
