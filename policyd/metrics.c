/*
 * A verdict's place is found by four small numbers: a block for each
 * connector that was ever in force, and in it a cell for each type of
 * domain, reason and verdict.  Most cells stay zero and are not told.  The
 * blocks of a view's connectors stand in an array in the order of the view,
 * so that no name is looked up while a client waits.
 */
#include "policyd/metrics.h"

#include "base/arena.h"
#include "base/exposition.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"

#include <stdlib.h>

enum {
	N_VERDICTS = VERDICT_PASS + 1,
	N_REASONS = REASON_LOOKUP_FAILED + 1,
	N_TYPES = DOMAIN_EXTERNAL_RELAY + 2, /* 0: no domain accepts it */
};

/* A decision takes some 10 us; 10 ms is a disk that is read. */
static const struct {
	uint64_t ns;
	const char *seconds;
} bounds[] = {
	{ 5000, "5e-06" },
	{ 10000, "1e-05" },
	{ 25000, "2.5e-05" },
	{ 50000, "5e-05" },
	{ 100000, "0.0001" },
	{ 250000, "0.00025" },
	{ 500000, "0.0005" },
	{ 1000000, "0.001" },
	{ 2500000, "0.0025" },
	{ 5000000, "0.005" },
	{ 10000000, "0.01" },
};

enum { N_BOUNDS = sizeof bounds / sizeof bounds[0] };

struct block {
	uint64_t cells[N_TYPES][N_REASONS][N_VERDICTS];
};

struct metrics {
	uint64_t counters[METRICS_COUNTERS];
	struct block no_connector;
	struct block **of_index; /* that of each connector of the view */
	struct table *blocks; /* by the connector's name */
	struct arena *program;
	uint64_t took[N_BOUNDS + 1]; /* the last: longer than all bounds */
	uint64_t took_ns;
};

struct metrics *metrics_open(void)
{
	struct metrics *metrics = memory_must(calloc(1, sizeof *metrics));

	metrics->blocks = table_open();
	metrics->program = arena_open();
	return metrics;
}

void metrics_close(struct metrics **metrics)
{
	if (*metrics == NULL)
		return;
	free((*metrics)->of_index);
	table_close(&(*metrics)->blocks);
	arena_close(&(*metrics)->program);
	free(*metrics);
	*metrics = NULL;
}

static struct block *block_of(struct metrics *metrics, const char *connector)
{
	struct block *block = table_find(metrics->blocks, connector);

	if (block != NULL)
		return block;
	block = arena_alloc(metrics->program, sizeof *block);
	table_put(metrics->blocks, arena_strdup(metrics->program, connector),
		block);
	return block;
}

void metrics_take_view(struct metrics *metrics, const struct view *view)
{
	if (metrics == NULL)
		return;
	free(metrics->of_index);
	metrics->of_index = memory_must(
		calloc(view->n_connectors + 1, sizeof *metrics->of_index));
	for (size_t i = 0; i < view->n_connectors; i++)
		metrics->of_index[view->connectors[i].index] =
			block_of(metrics, view->connectors[i].name);
}

static void add_time(struct metrics *metrics, uint64_t ns)
{
	size_t i = 0;

	while (i < N_BOUNDS && ns > bounds[i].ns)
		i++;
	metrics->took[i]++;
	metrics->took_ns += ns;
}

void metrics_add_verdict(struct metrics *metrics,
	const struct resolution *resolution, uint64_t ns)
{
	const struct route *route = &resolution->route;
	const struct domain *domain = resolution->domain;

	if (metrics == NULL)
		return;
	struct block *block = route->count > 0
		? metrics->of_index[route->connectors[0]->index]
		: &metrics->no_connector;
	const size_t type = domain == NULL ? 0 : domain->type + 1u;

	block->cells[type][resolution->reason][resolution->verdict]++;
	add_time(metrics, ns);
}

void metrics_add(struct metrics *metrics, enum metrics_counter counter)
{
	if (metrics != NULL)
		metrics->counters[counter]++;
}

/* In the words of the verdict log, "-" where there is none. */
static void format_type(struct text *out, const struct block *block,
	const char *connector, size_t type)
{
	const char *type_word = type == 0
		? "-"
		: domain_type_format((enum domain_type)(type - 1));

	for (size_t i = 0; i < N_REASONS * N_VERDICTS; i++) {
		const size_t reason = i / N_VERDICTS, verdict = i % N_VERDICTS;
		const uint64_t count = block->cells[type][reason][verdict];
		const struct exposition_label labels[] = {
			{ "verdict", verdict_format((enum verdict)verdict) },
			{ "reason", reason_format((enum reason)reason) },
			{ "type", type_word },
			{ "connector", connector },
		};
		const struct exposition_series series = {
			"postshare_verdicts_total", labels, 4
		};

		if (count > 0)
			exposition_integer(out, &series, count);
	}
}

static void format_block(
	struct text *out, const struct block *block, const char *connector)
{
	for (size_t type = 0; type < N_TYPES; type++)
		format_type(out, block, connector, type);
}

static void format_verdicts(struct text *out, const struct metrics *metrics)
{
	exposition_family(out, "postshare_verdicts_total", EXPOSITION_COUNTER,
		"Verdicts on recipients, as in the verdict log.");
	format_block(out, &metrics->no_connector, "-");
	for (size_t i = 0; i < table_count(metrics->blocks); i++)
		format_block(out, table_value(metrics->blocks, i),
			table_key(metrics->blocks, i));
}

static void format_took(struct text *out, const struct metrics *metrics)
{
	static const struct exposition_series sum = {
		.name = "postshare_decision_seconds_sum",
	};
	static const struct exposition_series count = {
		.name = "postshare_decision_seconds_count",
	};
	uint64_t total = 0;

	exposition_family(out, "postshare_decision_seconds",
		EXPOSITION_HISTOGRAM, "Time that the decisions took.");
	for (size_t i = 0; i <= N_BOUNDS; i++) {
		const struct exposition_label le = { "le",
			i < N_BOUNDS ? bounds[i].seconds : "+Inf" };

		total += metrics->took[i];
		exposition_integer(out,
			&(struct exposition_series){
				"postshare_decision_seconds_bucket", &le, 1 },
			total);
	}
	exposition_micros(out, &sum, (int64_t)(metrics->took_ns / 1000));
	exposition_integer(out, &count, total);
}

static void format_requests(struct text *out, const struct metrics *metrics)
{
	static const char name[] = "postshare_requests_total";
	static const struct exposition_label judged = { "judged", "yes" };
	static const struct exposition_label unjudged = { "judged", "no" };

	exposition_family(out, name, EXPOSITION_COUNTER,
		"Requests answered; not judged are other states than RCPT, "
		"and all without a generation.");
	exposition_integer(out, &(struct exposition_series){ name, &judged, 1 },
		metrics->counters[METRICS_JUDGED]);
	exposition_integer(out,
		&(struct exposition_series){ name, &unjudged, 1 },
		metrics->counters[METRICS_UNJUDGED]);
}

static void format_one(struct text *out, const char *name,
	enum exposition_type type, const char *help, uint64_t value)
{
	exposition_family(out, name, type, help);
	exposition_integer(
		out, &(struct exposition_series){ .name = name }, value);
}

void metrics_format(struct text *out, const struct metrics *metrics)
{
	const uint64_t *counters = metrics->counters;

	format_verdicts(out, metrics);
	format_took(out, metrics);
	format_requests(out, metrics);
	format_one(out, "postshare_requests_refused_total", EXPOSITION_COUNTER,
		"Connections hung up on: what came was no request.",
		counters[METRICS_REFUSED]);
	format_one(out, "postshare_connections", EXPOSITION_GAUGE,
		"Connections of policy clients that are open.",
		counters[METRICS_OPENED] - counters[METRICS_CLOSED]);
	format_one(out, "postshare_connections_total", EXPOSITION_COUNTER,
		"Connections of policy clients that were accepted.",
		counters[METRICS_OPENED]);
}
