#include "verdicts/counts.h"

#include "record_case.h"
#include "unit_main.h"

/* So many records of a domain and a reason. */
struct lot {
	unsigned n;
	const char *domain, *reason;
	int64_t after_us;
};

static const struct lot LOTS[] = {
	{ 2, "b.example", "unknown", 0 },
	{ 3, "a.example", "loop", INT64_C(3600000000) },
	{ 2, "a.example", "unknown", 0 },
	{ 1, "-", "not-ours", INT64_C(86400000000) },
	{ 1, "\"-\"", "unknown", 0 },
	{ 1, "\"tab\\x09\"", "unknown", 0 },
};

static const struct counts_case {
	const char *name, *key;
	unsigned long top;
	enum query_format format;
	const char *expected;
} CASES[] = {
	{ "most frequent first, then by value", "domain,reason", 0, QUERY_TSV,
		"count\tdomain\treason\n"
		"3\ta.example\tloop\n"
		"2\ta.example\tunknown\n"
		"2\tb.example\tunknown\n"
		"1\t-\tnot-ours\n"
		"1\t\\x2d\tunknown\n"
		"1\ttab\\x09\tunknown\n" },
	{ "of one field", "reason", 0, QUERY_TSV,
		"count\treason\n6\tunknown\n3\tloop\n1\tnot-ours\n" },
	{ "days in order", "day,verdict", 0, QUERY_TSV,
		"count\tday\tverdict\n"
		"9\t2026-11-21\treject\n1\t2026-11-22\treject\n" },
	{ "hours in order, local time", "hour", 0, QUERY_TSV,
		"count\thour\n6\t2026-11-21 11\n3\t2026-11-21 12\n"
		"1\t2026-11-22 11\n" },
	{ "the busiest hours, in order", "hour", 2, QUERY_TSV,
		"count\thour\n6\t2026-11-21 11\n3\t2026-11-21 12\n" },
	{ "days behind another field", "host,day", 0, QUERY_TSV,
		"count\thost\tday\n9\tmx1\t2026-11-21\n1\tmx1\t2026-11-22\n" },
	{ "the top of lines of tabs is these alone", "reason", 1, QUERY_TSV,
		"count\treason\n6\tunknown\n" },
	{ "a table", "domain,reason", 0, QUERY_TABLE,
		"count  domain     reason\n"
		"    3  a.example  loop\n"
		"    2  a.example  unknown\n"
		"    2  b.example  unknown\n"
		"    1  -          not-ours\n"
		"    1  \\x2d       unknown\n"
		"    1  tab\\x09    unknown\n" },
	{ "a table says how many others there are", "domain,reason", 2,
		QUERY_TABLE,
		"count  domain      reason\n"
		"    3  a.example   loop\n"
		"    2  a.example   unknown\n"
		"    5  (4 others)\n" },
	{ "a top that is more than all", "reason", 9, QUERY_TABLE,
		"count  reason\n    6  unknown\n    3  loop\n"
		"    1  not-ours\n" },
	{ "JSON", "domain,generation,hour", 2, QUERY_JSON,
		"{\"count\":3,\"domain\":\"a.example\",\"generation\":42,"
		"\"hour\":\"2026-11-21 12\"}\n"
		"{\"count\":2,\"domain\":\"a.example\",\"generation\":42,"
		"\"hour\":\"2026-11-21 11\"}\n" },
	{ "none in JSON", "domain,reason", 0, QUERY_JSON,
		"{\"count\":3,\"domain\":\"a.example\",\"reason\":\"loop\"}\n"
		"{\"count\":2,\"domain\":\"a.example\",\"reason\":\"unknown\"}"
		"\n{\"count\":2,\"domain\":\"b.example\",\"reason\":"
		"\"unknown\"}\n"
		"{\"count\":1,\"domain\":null,\"reason\":\"not-ours\"}\n"
		"{\"count\":1,\"domain\":\"-\",\"reason\":\"unknown\"}\n"
		"{\"count\":1,\"domain\":\"tab\\u0009\",\"reason\":"
		"\"unknown\"}\n" },
};

static void take_lots(struct output *output)
{
	struct record_case record;

	record_case_init(&record);
	for (size_t i = 0; i < sizeof LOTS / sizeof *LOTS; i++) {
		record.written[FIELD_DOMAIN] = LOTS[i].domain;
		record.written[FIELD_REASON] = LOTS[i].reason;
		record.time_us = RECORD_TIME_US + LOTS[i].after_us;
		for (unsigned n = 0; n < LOTS[i].n; n++)
			output_take(output, &record);
	}
	record_case_fini(&record);
}

START_TEST(verdicts_are_counted)
{
	const struct counts_case *c = &CASES[_i];
	struct counts_options options = { .top = c->top };
	struct printed printed;
	struct output output;

	set_zone();
	printed_init(&printed);
	options.shape = (struct shape){ .format = c->format, .to = printed.to };
	ck_assert(count_key_parse(&options.key, c->key, NULL));
	counts_open(&output, &options);
	take_lots(&output);
	output_end(&output);
	ck_assert_int_eq(fflush(printed.to), 0);
	ck_assert_msg(strcmp(printed.text, c->expected) == 0, "%s:\n%s",
		c->name, printed.text);
	printed_fini(&printed);
}
END_TEST

START_TEST(nothing_counted_is_a_header_alone)
{
	struct counts_options options = { 0 };
	struct printed printed;
	struct output output;

	printed_init(&printed);
	options.shape = (struct shape){ .format = QUERY_TSV, .to = printed.to };
	ck_assert(count_key_parse(&options.key, "reason", NULL));
	counts_open(&output, &options);
	output_end(&output);
	printed_is(&printed, "count\treason\n");
	printed_fini(&printed);
}
END_TEST

/* More values than any table begins with. */
START_TEST(many_values_are_told_apart)
{
	enum { MANY = 5000 };
	struct counts_options options = { 0 };
	struct record_case record;
	struct printed printed;
	struct output output;

	printed_init(&printed);
	record_case_init(&record);
	options.shape = (struct shape){ .format = QUERY_TSV, .to = printed.to };
	ck_assert(count_key_parse(&options.key, "recipient", NULL));
	counts_open(&output, &options);
	for (unsigned i = 0; i < 2 * MANY; i++) {
		char recipient[32];

		snprintf(recipient, sizeof recipient, "<u%04u@d.example>",
			i % MANY);
		record.written[FIELD_RECIPIENT] = recipient;
		output_take(&output, &record);
	}
	output_end(&output);
	const char *at = printed.text;

	for (unsigned i = 0; i < MANY; i++) {
		char line[32];

		snprintf(line, sizeof line, "\n2\tu%04u@d.example", i);
		at = strstr(at, line);
		ck_assert_ptr_nonnull(at);
	}
	ck_assert_str_eq(at, "\n2\tu4999@d.example\n");
	record_case_fini(&record);
	printed_fini(&printed);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, verdicts_are_counted, 0, COUNT(CASES));
	tcase_add_test(tcase, nothing_counted_is_a_header_alone);
	tcase_add_test(tcase, many_values_are_told_apart);
	return unit_run(suite_create("counts"), tcase);
}
