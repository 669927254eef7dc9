#include "verdicts/table_output.h"

#include "fate_case.h"
#include "unit_main.h"

#define TIME "2026-11-21 11:05:03  "

START_TEST(what_matters_is_shown)
{
	struct record_case record;
	struct printed printed;
	struct output output;

	set_zone();
	printed_init(&printed);
	record_case_init(&record);
	table_output_open(&output, &(struct shape){ .to = printed.to });
	output_take(&output, &record);
	record.written[FIELD_SHADOW] = "yes";
	record.written[FIELD_SENDER] = "<>";
	output_take(&output, &record);
	output_end(&output);
	printed_is(&printed,
		"time                 verdict  reason            "
		"recipient            connector  client     sender\n" TIME
		"reject   unknown           bob@company.example  -          "
		"192.0.2.7  a@b.example\n" TIME
		"reject   unknown (shadow)  bob@company.example  -          "
		"192.0.2.7  <>\n");
	record_case_fini(&record);
	printed_fini(&printed);
}
END_TEST

static const struct {
	const char *verdict, *coloured;
} COLOURS[] = {
	{ "accept", "\033[32maccept\033[0m " },
	{ "relay", "\033[36mrelay\033[0m  " },
	{ "reject", "\033[31mreject\033[0m " },
	{ "defer", "\033[33mdefer\033[0m  " },
	{ "pass", "\033[2mpass\033[0m   " },
};

START_TEST(a_verdict_has_its_colour)
{
	struct record_case record;
	struct printed printed;
	struct output output;

	set_zone();
	printed_init(&printed);
	record_case_init(&record);
	record.written[FIELD_VERDICT] = COLOURS[_i].verdict;
	table_output_open(&output,
		&(struct shape){ .to = printed.to, .has_colour = true });
	output_take(&output, &record);
	output.flush(output.context);
	const char *line = strchr(printed.text, '\n') + 1 + strlen(TIME);

	ck_assert_msg(strncmp(line, COLOURS[_i].coloured,
			      strlen(COLOURS[_i].coloured)) == 0,
		"%s", line);
	output_end(&output);
	record_case_fini(&record);
	printed_fini(&printed);
}
END_TEST

START_TEST(each_fate_has_a_row)
{
	static const char head[] = TIME
		"reject   unknown  bob@company.example  ";
	static const char tail[] = "  -          192.0.2.7  a@b.example\n";
	struct record_case record;
	struct printed printed;
	struct output output;
	struct text expected;

	set_zone();
	printed_init(&printed);
	record_case_init(&record);
	text_init(&expected);
	table_output_open(&output,
		&(struct shape){ .to = printed.to, .has_fates = true });
	output.take(output.context, fate_case_make(&record, 2));
	output.take(output.context, fate_case_make(&record, 0));
	output_end(&output);
	text_addf(&expected,
		"%ssent    2.0.0  mx[10.8.0.25]:25  250 2.0.0 \"ok\"\\x1b[2J%s"
		"%squeued  -      -                 -                    %s"
		"%s-       -      -                 -                    %s",
		head, tail, head, tail, head, tail);
	ck_assert_str_eq(strchr(printed.text, '\n') + 1, expected.data);
	text_fini(&expected);
	record_case_fini(&record);
	printed_fini(&printed);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, what_matters_is_shown);
	tcase_add_loop_test(tcase, a_verdict_has_its_colour, 0, COUNT(COLOURS));
	tcase_add_test(tcase, each_fate_has_a_row);
	return unit_run(suite_create("table_output"), tcase);
}
