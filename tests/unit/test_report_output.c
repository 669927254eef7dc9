/* From lines to the page: what is gathered and concluded. */
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#include "base/file.h"
#include "verdicts/report_output.h"

#include <jansson.h>

static const char config[] =
	"accepted-domain \"company.example\" {\n"
	"	type = internal-relay recipient-filter = directories\n"
	"}\n"
	"connector \"exchange\" {\n"
	"	address-spaces = { \"company.example\" }\n"
	"	smart-hosts = { \"10.8.0.25\" }\n"
	"}\n"
	"directory \"staff\" { path = \"staff.txt\" max-age = 1d }\n";

static struct model_case the_case;
static char *page_path;
static json_t *data;
static char *page;

static void setup(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	model_case_sound(&the_case, config,
		"staff ann.smith@company.example\n"
		"staff bob@company.example\n"
		"staff eva\xe2\x80\xaen@company.example");
	model_case_write(&the_case, 7);
	page_path =
		arena_printf(the_case.arena, "%s/page.html", the_case.folder);
	data = NULL;
}

static void teardown(void)
{
	json_decref(data);
	model_case_close(&the_case);
}

/* Seconds after MODEL_NOW, then the fields that matter here. */
struct said {
	int after_s;
	const char *verdict, *reason, *recipient, *connector, *directory;
	const char *client, *sender;
};

static void take(const struct output *out, const struct said *said)
{
	char line[2048];
	struct record record = { 0 };

	snprintf(line, sizeof line,
		"2023-11-14T22:13:20+00:00 mx1 postfix/policyd[8]: verdict=%s "
		"reason=%s recipient=%s domain=company.example "
		"type=internal-relay connector=%s nexthop=- directory=%s "
		"client=%s sender=<%s> queue_id=- instance=1.2 generation=7 "
		"reply=x us=14",
		said->verdict, said->reason, said->recipient, said->connector,
		said->directory, said->client, said->sender);
	record.line = slice_of(line);
	record.time_us = (MODEL_NOW + (int64_t)said->after_s) * 1000000;
	ck_assert(log_line_parse(&record.log, record.line));
	ck_assert_msg(
		verdict_parse(&record.verdict, record.log.message), "%s", line);
	out->take(out->context, &record);
}

/* What stands between the script element's tags. */
static void read_data(void)
{
	static const char begin[] = "id=\"data\">";
	size_t len;
	struct err err = { 0 };
	json_error_t why;

	page = file_read(page_path, &len, the_case.arena, &err);
	ck_assert_msg(page != NULL, "%s", err.text);
	/* each mark was replaced, wherever it stands */
	ck_assert_ptr_null(strstr(page, "@PERIOD@"));
	ck_assert_ptr_null(strstr(page, "@QUESTION@"));
	ck_assert_ptr_null(strstr(page, "@TABLES@"));
	ck_assert_ptr_null(strstr(page, "@DATA@"));
	const char *from = strstr(page, begin) + strlen(begin);
	const char *until = strstr(from, "</script>");

	data = json_loadb(from, (size_t)(until - from), 0, &why);
	ck_assert_msg(data != NULL, "%s", why.text);
}

static void write_report(
	const char *state, const struct said *said, size_t count)
{
	struct output out;
	struct err err = { 0 };
	const struct report_options options = { page_path, state,
		MODEL_NOW + 2 * MODEL_DAY, "policyd verdicts --sender '<>'" };

	ck_assert_msg(report_output_open(&out, &options, &err), "%s", err.text);
	for (size_t i = 0; i < count; i++)
		take(&out, &said[i]);
	ck_assert_msg(out.finish(out.context, &err), "%s", err.text);
	out.close(out.context);
	read_data();
}

static json_t *row(const char *list, const char *sub, size_t index)
{
	json_t *rows = json_object_get(data, list);

	return json_array_get(
		sub == NULL ? rows : json_object_get(rows, sub), index);
}

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

static long long number_in(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

#define UNKNOWN(recipient, client, sender) \
	{ \
		0, "reject", "unknown", recipient, "-", "-", client, sender \
	}

START_TEST(a_slip_resembles_who_was_meant)
{
	static const struct said said[] = {
		UNKNOWN("<ann.smiht@company.example>", "192.0.2.1", "a@b"),
		UNKNOWN("<Ann.Smiht@company.example>", "192.0.2.2", "a@b"),
		UNKNOWN("<ann.smiht@company.example>", "192.0.2.2", "c@d"),
	};

	write_report(the_case.folder, said, 3);
	const json_t *unknown = row("unknown", "rows", 0);
	const json_t *like =
		json_array_get(json_object_get(unknown, "like"), 0);

	ck_assert_str_eq(
		text_in(unknown, "recipient"), "ann.smiht@company.example");
	ck_assert_int_eq(number_in(unknown, "count"), 3);
	ck_assert_int_eq(number_in(unknown, "senders"), 2);
	ck_assert_int_eq(number_in(unknown, "clients"), 2);
	ck_assert_str_eq(json_string_value(json_array_get(like, 0)),
		"ann.smith@company.example");
	ck_assert_ptr_null(row("missing", NULL, 0));
}
END_TEST

START_TEST(whom_three_senders_know_is_missing)
{
	static const struct said said[] = {
		UNKNOWN("<carla@company.example>", "192.0.2.1", "a@b"),
		UNKNOWN("<carla@company.example>", "192.0.2.1", "c@d"),
		UNKNOWN("<carla@company.example>", "192.0.2.1", "e@f"),
		UNKNOWN("<dora@company.example>", "192.0.2.1", "a@b"),
		UNKNOWN("<dora@company.example>", "192.0.2.1", "c@d"),
	};

	write_report(the_case.folder, said, 5);
	ck_assert_str_eq(text_in(row("missing", NULL, 0), "recipient"),
		"carla@company.example");
	ck_assert_str_eq(text_in(row("missing", NULL, 0), "why"),
		"3 senders wrote to it, and it resembles nobody");
	ck_assert_ptr_null(row("missing", NULL, 1));
}
END_TEST

START_TEST(nothing_is_said_of_likeness_that_was_not_sought)
{
	static const struct said said[] = {
		UNKNOWN("<ann.smiht@company.example>", "192.0.2.1", "a@b"),
		UNKNOWN("<ann.smiht@company.example>", "192.0.2.1", "c@d"),
		UNKNOWN("<ann.smiht@company.example>", "192.0.2.1", "e@f"),
	};

	write_report("/nonexistent", said, 3);
	ck_assert_str_eq(text_in(row("missing", NULL, 0), "why"),
		"3 senders wrote to it");
}
END_TEST

START_TEST(whom_a_system_of_ours_hands_to_us_is_missing)
{
	static const struct said said[] = {
		UNKNOWN("<bib@company.example>", "10.8.0.25", "a@b"),
	};

	write_report(the_case.folder, said, 1);
	ck_assert_str_eq(text_in(row("missing", NULL, 0), "why"),
		"10.8.0.25, a client of connector exchange, hands it to us");
}
END_TEST

/* Whoever lists an address can write what turns the line around. */
START_TEST(a_likeness_is_shown_as_any_address)
{
	static const struct said said[] = {
		UNKNOWN("<evan@company.example>", "192.0.2.1", "a@b"),
	};

	write_report(the_case.folder, said, 1);
	const json_t *like = json_array_get(
		json_object_get(row("unknown", "rows", 0), "like"), 0);

	ck_assert_str_eq(json_string_value(json_array_get(like, 0)),
		"eva\\xe2\\x80\\xaen@company.example");
	ck_assert_ptr_nonnull(
		strstr(page, "<td>eva\\xe2\\x80\\xaen@company.example"));
}
END_TEST

START_TEST(loops_name_who_hands_back_what)
{
	static const struct said loop = { 5, "reject", "loop",
		"<eve@company.example>", "exchange", "-", "10.8.0.25", "" };
	const struct said said[] = { loop, loop };

	write_report(the_case.folder, said, 2);
	const json_t *found = row("loops", "rows", 0);

	ck_assert_str_eq(text_in(found, "client"), "10.8.0.25");
	ck_assert_str_eq(text_in(found, "recipient"), "eve@company.example");
	ck_assert_int_eq(number_in(found, "count"), 2);
}
END_TEST

START_TEST(stale_spans_end_where_an_hour_is_quiet)
{
#define STALE(after_s) \
	{ \
		after_s, "defer", "directory-stale", "<x@company.example>", \
			"-", "staff", "192.0.2.1", "" \
	}
	static const struct said said[] = {
		STALE(0),
		STALE(3600),
		STALE(7200),
		STALE(10801),
		{ 1, "defer", "lookup-failed", "<x@company.example>", "-", "-",
			"192.0.2.1", "" },
	};

	write_report(the_case.folder, said, 5);
	const json_t *spans = json_object_get(row("stale", NULL, 0), "spans");

	ck_assert_str_eq(text_in(row("stale", NULL, 0), "name"), "staff");
	ck_assert_uint_eq(json_array_size(spans), 2);
	ck_assert_int_eq(
		json_integer_value(json_array_get(json_array_get(spans, 0), 2)),
		3);
	ck_assert_int_eq(
		number_in(json_object_get(data, "failed"), "count"), 1);
	const json_t *staff = row("directories", NULL, 0);

	ck_assert_str_eq(text_in(staff, "name"), "staff");
	ck_assert_int_eq(number_in(staff, "age"), 2 * MODEL_DAY);
	ck_assert_int_eq(number_in(staff, "max_age"), MODEL_DAY);
}
END_TEST

START_TEST(nothing_can_end_the_script)
{
	static const struct said said[] = {
		UNKNOWN("\"<</script><!--&\\xe2\\x80\\xa8@company.example>\"",
			"192.0.2.1", "a@b"),
	};

	write_report(the_case.folder, said, 1);
	ck_assert_str_eq(text_in(row("unknown", "rows", 0), "recipient"),
		"</script><!--&\\xe2\\x80\\xa8@company.example");
	ck_assert_ptr_null(strstr(page, "</script><!--"));
	ck_assert_ptr_nonnull(strstr(page, "&lt;/script&gt;&lt;!--&amp;"));
}
END_TEST

START_TEST(the_page_says_what_was_asked)
{
	write_report(the_case.folder, NULL, 0);
	ck_assert_ptr_nonnull(strstr(
		page, "Asked by policyd verdicts --sender '&lt;&gt;'</p>"));
}
END_TEST

START_TEST(an_empty_log_has_no_total)
{
	write_report(the_case.folder, NULL, 0);
	ck_assert_ptr_null(json_object_get(data, "total"));
	ck_assert_ptr_nonnull(
		strstr(page, "<title>Verdicts, none found</title>"));
}
END_TEST

START_TEST(without_a_state_the_page_says_why)
{
	static const struct said said[] = {
		UNKNOWN("<bib@company.example>", "10.8.0.25", "a@b"),
	};

	write_report(NULL, said, 1);
	ck_assert_str_eq(text_in(data, "trouble"), "no state folder was named");
	ck_assert_uint_eq(json_array_size(json_object_get(
				  row("unknown", "rows", 0), "like")),
		0);
	json_decref(data);
	write_report("/nowhere", said, 1);
	ck_assert_ptr_nonnull(strstr(text_in(data, "trouble"), "/nowhere"));
	json_decref(data);
	write_report("/nowhere/\xc3", said, 1);
	ck_assert_ptr_nonnull(
		strstr(text_in(data, "trouble"), "/nowhere/\\xc3"));
}
END_TEST

START_TEST(a_path_that_can_not_be_written_is_told_at_once)
{
	struct output out;
	struct err err = { 0 };

	ck_assert(!report_output_open(&out,
		&(struct report_options){ .path = "/nowhere/page.html" },
		&err));
	ck_assert_str_eq(err.text,
		"can not write /nowhere/page.html: /nowhere: No such file or "
		"directory");
	ck_assert(!report_output_open(&out,
		&(struct report_options){ .path = the_case.folder }, &err));
	ck_assert_str_eq(err.text,
		arena_printf(the_case.arena, "%s is no regular file",
			the_case.folder));
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("report_output");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_slip_resembles_who_was_meant);
	tcase_add_test(tests, whom_three_senders_know_is_missing);
	tcase_add_test(tests, nothing_is_said_of_likeness_that_was_not_sought);
	tcase_add_test(tests, whom_a_system_of_ours_hands_to_us_is_missing);
	tcase_add_test(tests, a_likeness_is_shown_as_any_address);
	tcase_add_test(tests, loops_name_who_hands_back_what);
	tcase_add_test(tests, stale_spans_end_where_an_hour_is_quiet);
	tcase_add_test(tests, nothing_can_end_the_script);
	tcase_add_test(tests, the_page_says_what_was_asked);
	tcase_add_test(tests, an_empty_log_has_no_total);
	tcase_add_test(tests, without_a_state_the_page_says_why);
	tcase_add_test(tests, a_path_that_can_not_be_written_is_told_at_once);
	return unit_run(suite_create("report_output"), tests);
}
