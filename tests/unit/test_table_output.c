#include "verdicts/table_output.h"

#include "output_case.h"
#include "unit_main.h"

#define TIME "2026-11-21 11:05:03  "

START_TEST(what_matters_is_shown)
{
	struct output_case c;

	output_case_init(&c, table_output_open, (struct shape){ 0 });
	output_case_take(&c);
	c.record.written[FIELD_SHADOW] = "yes";
	c.record.written[FIELD_SENDER] = "<>";
	output_case_take(&c);
	output_case_end(&c,
		"time                 verdict  reason            "
		"recipient            connector  client     sender\n" TIME
		"reject   unknown           bob@company.example  -          "
		"192.0.2.7  a@b.example\n" TIME
		"reject   unknown (shadow)  bob@company.example  -          "
		"192.0.2.7  <>\n");
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
	struct output_case c;

	output_case_init(
		&c, table_output_open, (struct shape){ .has_colour = true });
	c.record.written[FIELD_VERDICT] = COLOURS[_i].verdict;
	output_case_take(&c);
	c.output.flush(c.output.context);
	const char *line = strchr(c.printed.text, '\n') + 1 + strlen(TIME);

	ck_assert_msg(strncmp(line, COLOURS[_i].coloured,
			      strlen(COLOURS[_i].coloured)) == 0,
		"%s", line);
	output_end(&c.output);
	output_case_fini(&c);
}
END_TEST

START_TEST(each_fate_has_a_row)
{
	static const char head[] = TIME
		"reject   unknown  bob@company.example  ";
	static const char tail[] = "  -          192.0.2.7  a@b.example\n";
	struct output_case c;
	struct text expected;

	text_init(&expected);
	output_case_init(
		&c, table_output_open, (struct shape){ .has_fates = true });
	output_case_take_fates(&c, 2);
	output_case_take_fates(&c, 0);
	output_end(&c.output);
	text_addf(&expected,
		"%ssent    2.0.0  mx[10.8.0.25]:25  250 2.0.0 \"ok\"\\x1b[2J%s"
		"%squeued  -      -                 -                    %s"
		"%s-       -      -                 -                    %s",
		head, tail, head, tail, head, tail);
	ck_assert_str_eq(strchr(c.printed.text, '\n') + 1, expected.data);
	text_fini(&expected);
	output_case_fini(&c);
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
