#include "verdicts/query_options.h"

#include "record_case.h"
#include "unit_main.h"

enum { WORDS_MAX = 8 };

static int words_count(const char *const words[])
{
	int n = 0;

	while (words[n] != NULL)
		n++;
	return n;
}

static bool parse(
	struct query_options *out, const char *const words[], struct err *err)
{
	static char program[] = "verdicts";
	static char *argv[WORDS_MAX + 2] = { program };
	const int n = words_count(words);

	for (int i = 0; i < n; i++)
		argv[i + 1] = (char *)words[i];
	argv[n + 1] = NULL;
	return query_options_parse(out, n + 1, argv, err);
}

static const struct fault_case {
	const char *words[WORDS_MAX];
	const char *err;
} FAULTS[] = {
	{ { "--bogus" },
		"--bogus is no option of policyd verdicts: see policyd "
		"verdicts --help" },
	{ { "x.log", "--bogus", "y.log" },
		"--bogus is no option of policyd verdicts: see policyd "
		"verdicts --help" },
	{ { "-qx" },
		"-x is no option of policyd verdicts: see policyd verdicts "
		"--help" },
	{ { "--tsv=x" },
		"--tsv=x is no option of policyd verdicts: see policyd "
		"verdicts --help" },
	{ { "--last" }, "--last wants a value" },
	{ { "-n" }, "--last wants a value" },
	{ { "--recipient" }, "--recipient wants a value" },
	{ { "--verdict", "rejct" },
		"--verdict: no such verdict rejct; there are accept, relay, "
		"reject, defer and pass" },
	{ { "--queue-id", "" },
		"--queue-id: an empty value among those of queue_id" },
	{ { "--since", "soon" },
		"--since: no time: \"soon\"; write 2026-11-21, \"2026-11-21 "
		"09:05\", 09:05, today, yesterday, now, or 90s, 15m, 12h, 2d, "
		"1w for so long ago" },
	{ { "--since", "1h", "--until", "2h" },
		"--since is not before --until: nothing lies between" },
	{ { "--since", "2026-11-21", "--until", "2026-11-21" },
		"--since is not before --until: nothing lies between" },
	{ { "-n", "0" }, "--last wants a number from 1 on, not \"0\"" },
	{ { "--last=-3" }, "--last wants a number from 1 on, not \"-3\"" },
	{ { "--count-by", "reason", "--top", "x" },
		"--top wants a number from 1 on, not \"x\"" },
	{ { "--year", "26" }, "--year wants a year such as 2026, not \"26\"" },
	{ { "--color", "red" },
		"--color is auto, always or never, not \"red\"" },
	{ { "--journal=" },
		"--journal=DIR wants a folder; --journal alone is this "
		"machine's" },
	{ { "--html", "" }, "--html wants a file" },
	{ { "--html", "-" },
		"--html wants a file, not -: the page is put in place as a "
		"whole" },
	{ { "-s", "", "--html", "x" },
		"-s wants a folder, /var/lib/postshare" },
	{ { "--count-by", "reason,x" },
		"--count-by: no field \"x\" to count by; there are verdict, "
		"reason, recipient, domain, type, connector, nexthop, "
		"directory, client, sender, queue_id, instance, generation, "
		"reply, us, shadow, host, day and hour" },
	{ { "--tsv", "--json" }, "--tsv or --json, not both" },
	{ { "--top", "3" }, "--top is for --count-by" },
	{ { "-f", "--count-by", "reason" },
		"--follow never ends, so there is nothing to count up: "
		"--count-by without it" },
	{ { "-f", "--with-delivery" },
		"--follow shows a verdict before anything is delivered: "
		"--with-delivery without it" },
	{ { "-f", "--queue-id", "4XyZ" },
		"--follow shows a verdict before its message has a queue ID: "
		"--queue-id without it" },
	{ { "-f", "--html", "x" },
		"--follow never ends, and a page is written at the end: "
		"--html without it" },
	{ { "--count-by", "reason", "--with-delivery" },
		"--count-by counts verdicts, not deliveries: one of "
		"--count-by and --with-delivery" },
	{ { "--html", "x", "--count-by", "reason" },
		"--html counts by itself: without --count-by" },
	{ { "--html", "x", "--json" },
		"--html is a form of its own: without --tsv and --json" },
	{ { "--html", "x", "--with-delivery" },
		"--html shows verdicts, not deliveries: one of --html and "
		"--with-delivery" },
	{ { "-s", "/x" }, "-s is for --html" },
	{ { "--journal", "mail.log" }, "FILE or --journal, not both" },
};

START_TEST(a_mistake_gets_a_sentence)
{
	struct query_options options;
	struct err err = { 0 };

	ck_assert_msg(
		!parse(&options, FAULTS[_i].words, &err), "%s", FAULTS[_i].err);
	ck_assert_str_eq(err.text, FAULTS[_i].err);
	query_options_fini(&options);
}
END_TEST

START_TEST(options_and_files_come_in_any_order)
{
	const char *const words[] = { "a.log", "-n3", "-", "--json", "-q",
		"b.log.gz", NULL };
	struct query_options options;

	ck_assert(parse(&options, words, NULL));
	ck_assert_uint_eq(options.last, 3);
	ck_assert_uint_eq(options.sources.n_files, 3);
	ck_assert_str_eq(options.sources.files[0], "a.log");
	ck_assert_str_eq(options.sources.files[1], "-");
	ck_assert_str_eq(options.sources.files[2], "b.log.gz");
	ck_assert_int_eq(options.format, QUERY_JSON);
	ck_assert(options.is_quiet);
	query_options_fini(&options);
}
END_TEST

START_TEST(everything_has_a_default)
{
	const char *const words[] = { NULL };
	struct query_options options;

	ck_assert(parse(&options, words, NULL));
	ck_assert_uint_eq(options.sources.n_files, 0);
	ck_assert(!options.sources.journal && !options.sources.follow);
	ck_assert_int_eq(options.sources.since, 0);
	ck_assert_int_eq(options.format, QUERY_TABLE);
	ck_assert_int_eq(options.colour, QUERY_COLOUR_AUTO);
	ck_assert_ptr_null(options.state);
	query_options_fini(&options);
}
END_TEST

START_TEST(the_rest_is_taken)
{
	const char *const words[] = { "--journal=/j", "--year=2025", "-f",
		"--since", "2026-11-21T09:05:03.5Z", "--color=never", NULL };
	const char *const counting[] = { "--count-by=day,reason", "--top=5",
		"--tsv", NULL };
	const char *const page[] = { "--html", "x.html", NULL };
	struct query_options options;

	ck_assert(parse(&options, words, NULL));
	ck_assert(options.sources.journal && options.sources.follow);
	ck_assert_str_eq(options.sources.journal_folder, "/j");
	ck_assert_int_eq(options.sources.first_year, 2025);
	ck_assert_int_eq(options.sources.since, 1795251903);
	ck_assert_int_eq(options.colour, QUERY_COLOUR_NEVER);
	query_options_fini(&options);
	ck_assert(parse(&options, counting, NULL));
	ck_assert_uint_eq(options.count_by.n, 2);
	ck_assert_uint_eq(options.top, 5);
	query_options_fini(&options);
	ck_assert(parse(&options, page, NULL));
	ck_assert_str_eq(options.html, "x.html");
	ck_assert_str_eq(options.state, "/var/lib/postshare");
	query_options_fini(&options);
}
END_TEST

/* Filters and times reach the filter. */
START_TEST(what_is_asked_for_is_filtered)
{
	const char *const words[] = { "--recipient", "Bob@*", "--until",
		"2026-11-21T09:05:04Z", "--since", "2026-11-21T09:05:03Z",
		NULL };
	struct query_options options;
	struct record_case record;

	record_case_init(&record);
	ck_assert(parse(&options, words, NULL));
	ck_assert(filter_takes(options.filter, record_case_make(&record)));
	record.time_us += 1000000;
	ck_assert(!filter_takes(options.filter, record_case_make(&record)));
	record.time_us -= 1000000;
	record.written[FIELD_RECIPIENT] = "<rob@company.example>";
	ck_assert(!filter_takes(options.filter, record_case_make(&record)));
	query_options_fini(&options);
	record_case_fini(&record);
}
END_TEST

START_TEST(help_names_every_option)
{
	static const char *const names[] = { "--recipient", "--sender",
		"--client", "--domain", "--verdict", "--reason", "--connector",
		"--directory", "--generation", "--queue-id", "--since",
		"--until", "-n, --last", "--journal[=DIR]", "--year",
		"-f, --follow", "--tsv", "--json", "--color", "--count-by",
		"--top", "--with-delivery", "--html", "-s, --state",
		"-q, --quiet", "-h, --help", "-V, --version" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_msg(
			strstr(query_help(), names[i]) != NULL, "%s", names[i]);
}
END_TEST

/* Whatever else is wrong with the files. */
START_TEST(help_is_given_with_options_that_clash)
{
	const char *const words[] = { "--top", "3", "-h", "-V", NULL };
	struct query_options options;

	ck_assert(parse(&options, words, NULL));
	ck_assert(options.wants_help && options.wants_version);
	query_options_fini(&options);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, a_mistake_gets_a_sentence, 0, COUNT(FAULTS));
	tcase_add_test(tcase, options_and_files_come_in_any_order);
	tcase_add_test(tcase, everything_has_a_default);
	tcase_add_test(tcase, the_rest_is_taken);
	tcase_add_test(tcase, what_is_asked_for_is_filtered);
	tcase_add_test(tcase, help_names_every_option);
	tcase_add_test(tcase, help_is_given_with_options_that_clash);
	return unit_run(suite_create("query_options"), tcase);
}
