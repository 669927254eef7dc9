/* What is counted, over changes of the connectors, and how it is told. */
#include "policyd/metrics.h"

#include "base/text.h"
#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>

static const struct connector first[] = {
	{ .name = "exchange", .index = 0 },
	{ .name = "unix", .index = 1 },
};
static const struct view first_view = { .connectors = first,
	.n_connectors = 2 };

/* One went, one came, and the one that stayed stands elsewhere. */
static const struct connector second[] = {
	{ .name = "cloud", .index = 0 },
	{ .name = "exchange", .index = 1 },
};
static const struct view second_view = { .connectors = second,
	.n_connectors = 2 };

static void add(struct metrics *metrics, enum verdict verdict,
	enum reason reason, const struct connector *connector)
{
	static const struct domain domain = { .type = DOMAIN_INTERNAL_RELAY };
	struct resolution resolution = { .verdict = verdict, .reason = reason };

	if (reason != REASON_NOT_OURS)
		resolution.domain = &domain;
	if (connector != NULL) {
		resolution.route.connectors[0] = connector;
		resolution.route.count = 1;
	}
	metrics_add_verdict(metrics, &resolution, 1000);
}

/* Of the text, the lines that begin so. */
static void expect(const struct metrics *metrics, const char *beginning,
	const char *wanted)
{
	struct text all, some;

	text_init(&all);
	text_init(&some);
	text_adds(&some, "");
	metrics_format(&all, metrics);
	for (const char *line = all.data; *line != '\0';) {
		const size_t len = strcspn(line, "\n") + 1;

		if (text_starts(line, beginning))
			text_add(&some, line, len);
		line += len;
	}
	ck_assert_str_eq(some.data, wanted);
	text_fini(&all);
	text_fini(&some);
}

START_TEST(nothing_is_told_of_what_never_was)
{
	struct metrics *metrics = metrics_open();

	metrics_take_view(metrics, &first_view);
	expect(metrics, "postshare_verdicts_total", "");
	expect(metrics, "# TYPE postshare_verdicts_total",
		"# TYPE postshare_verdicts_total counter\n");
	metrics_close(&metrics);
	ck_assert_ptr_null(metrics);
	metrics_close(&metrics);
}
END_TEST

START_TEST(counts_survive_a_change_of_connectors)
{
	struct metrics *metrics = metrics_open();

	metrics_take_view(metrics, &first_view);
	add(metrics, VERDICT_ACCEPT, REASON_LISTED, &first[0]);
	add(metrics, VERDICT_ACCEPT, REASON_LISTED, &first[1]);
	add(metrics, VERDICT_REJECT, REASON_LOOP, &first[1]);
	add(metrics, VERDICT_REJECT, REASON_UNKNOWN, NULL);
	metrics_take_view(metrics, &second_view);
	add(metrics, VERDICT_ACCEPT, REASON_LISTED, &second[1]);
	add(metrics, VERDICT_RELAY, REASON_UNLISTED, &second[0]);
	add(metrics, VERDICT_PASS, REASON_NOT_OURS, NULL);
	expect(metrics, "postshare_verdicts_total",
		"postshare_verdicts_total{verdict=\"pass\",reason=\"not-ours\","
		"type=\"-\",connector=\"-\"} 1\n"
		"postshare_verdicts_total{verdict=\"reject\","
		"reason=\"unknown\",type=\"internal-relay\",connector=\"-\"} "
		"1\n"
		"postshare_verdicts_total{verdict=\"accept\","
		"reason=\"listed\",type=\"internal-relay\","
		"connector=\"exchange\"} 2\n"
		"postshare_verdicts_total{verdict=\"accept\","
		"reason=\"listed\",type=\"internal-relay\",connector=\"unix\"} "
		"1\n"
		"postshare_verdicts_total{verdict=\"reject\",reason=\"loop\","
		"type=\"internal-relay\",connector=\"unix\"} 1\n"
		"postshare_verdicts_total{verdict=\"relay\","
		"reason=\"unlisted\",type=\"internal-relay\","
		"connector=\"cloud\"} 1\n");
	metrics_close(&metrics);
}
END_TEST

START_TEST(a_time_is_counted_in_its_bucket_and_all_above)
{
	static const uint64_t took_ns[] = { 0, 5000, 5001, 10000000, 10000001 };
	const struct resolution pass = { .verdict = VERDICT_PASS };
	struct metrics *metrics = metrics_open();

	for (size_t i = 0; i < sizeof took_ns / sizeof took_ns[0]; i++)
		metrics_add_verdict(metrics, &pass, took_ns[i]);
#define BUCKET "postshare_decision_seconds_bucket{le="
	expect(metrics, "postshare_decision_seconds",
		BUCKET "\"5e-06\"} 2\n" BUCKET "\"1e-05\"} 3\n" BUCKET
		       "\"2.5e-05\"} 3\n" BUCKET "\"5e-05\"} 3\n" BUCKET
		       "\"0.0001\"} 3\n" BUCKET "\"0.00025\"} 3\n" BUCKET
		       "\"0.0005\"} 3\n" BUCKET "\"0.001\"} 3\n" BUCKET
		       "\"0.0025\"} 3\n" BUCKET "\"0.005\"} 3\n" BUCKET
		       "\"0.01\"} 4\n" BUCKET "\"+Inf\"} 5\n"
		       "postshare_decision_seconds_sum 0.020010\n"
		       "postshare_decision_seconds_count 5\n");
	metrics_close(&metrics);
}
END_TEST

START_TEST(requests_and_connections_are_counted)
{
	struct metrics *metrics = metrics_open();

	for (int i = 0; i < 5; i++)
		metrics_add(metrics, METRICS_OPENED);
	for (int i = 0; i < 2; i++)
		metrics_add(metrics, METRICS_CLOSED);
	for (int i = 0; i < 7; i++)
		metrics_add(metrics, METRICS_JUDGED);
	metrics_add(metrics, METRICS_UNJUDGED);
	metrics_add(metrics, METRICS_REFUSED);
	expect(metrics, "postshare_connections",
		"postshare_connections 3\npostshare_connections_total 5\n");
	expect(metrics, "postshare_requests",
		"postshare_requests_total{judged=\"yes\"} 7\n"
		"postshare_requests_total{judged=\"no\"} 1\n"
		"postshare_requests_refused_total 1\n");
	metrics_close(&metrics);
}
END_TEST

START_TEST(without_a_watcher_nothing_is_counted)
{
	const struct resolution pass = { .verdict = VERDICT_PASS };

	metrics_take_view(NULL, &first_view);
	metrics_add_verdict(NULL, &pass, 1);
	metrics_add(NULL, METRICS_JUDGED);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tcase = tcase_create("core");

	tcase_add_test(tcase, nothing_is_told_of_what_never_was);
	tcase_add_test(tcase, counts_survive_a_change_of_connectors);
	tcase_add_test(tcase, a_time_is_counted_in_its_bucket_and_all_above);
	tcase_add_test(tcase, requests_and_connections_are_counted);
	tcase_add_test(tcase, without_a_watcher_nothing_is_counted);
	return unit_run(suite, tcase);
}
