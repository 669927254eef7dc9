/* Lines that Prometheus takes, whatever a label has to say. */
#include "base/exposition.h"

#include "base/text.h"
#include "tests/unit/unit_main.h"

#include <string.h>

struct label_case {
	const char *name;
	const char *value, *written;
};

static const struct label_case label_cases[] = {
	{ "plain", "exchange", "exchange" },
	{ "empty", "", "" },
	{ "a quote and a backslash", "a\"b\\c", "a\\\"b\\\\c" },
	{ "an end of line", "a\nb", "a\\nb" },
	{ "what looks like another series", "\"} 1\nx{y=\"",
		"\\\"} 1\\nx{y=\\\"" },
	{ "two, three and four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xab",
		"\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xab" },
	{ "a byte of no character",
		"a\xff"
		"b",
		"a\xef\xbf\xbd"
		"b" },
	{ "a character cut in half", "a\xe2\x82", "a\xef\xbf\xbd\xef\xbf\xbd" },
	{ "too long a form of a slash", "\xc0\xaf",
		"\xef\xbf\xbd\xef\xbf\xbd" },
	{ "too long a form in three bytes", "\xe0\x80\xaf",
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "half of a surrogate pair", "\xed\xa0\x80",
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "too long a form in four bytes", "\xf0\x80\x80\xaf",
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "beyond the last character", "\xf4\x90\x80\x80",
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
};

START_TEST(a_label_is_escaped)
{
	const struct label_case *c = &label_cases[_i];
	const struct exposition_label labels[] = { { "a", c->value },
		{ "b", "2" } };
	struct text out, wanted;

	text_init(&out);
	text_init(&wanted);
	text_addf(
		&wanted, "postshare_x_total{a=\"%s\",b=\"2\"} 7\n", c->written);
	exposition_integer(&out,
		&(struct exposition_series){ "postshare_x_total", labels, 2 },
		7);
	ck_assert_msg(strcmp(out.data, wanted.data) == 0, "%s: %s", c->name,
		out.data);
	text_fini(&wanted);
	text_fini(&out);
}
END_TEST

START_TEST(a_family_is_told_before_its_samples)
{
	static const struct exposition_series series = { .name = "up_total" };
	struct text out;

	text_init(&out);
	exposition_family(&out, "up_total", EXPOSITION_COUNTER, "What it is.");
	exposition_integer(&out, &series, UINT64_MAX);
	exposition_family(&out, "g", EXPOSITION_GAUGE, "G.");
	exposition_family(&out, "h", EXPOSITION_HISTOGRAM, "H.");
	ck_assert_str_eq(out.data,
		"# HELP up_total What it is.\n"
		"# TYPE up_total counter\n"
		"up_total 18446744073709551615\n"
		"# HELP g G.\n# TYPE g gauge\n"
		"# HELP h H.\n# TYPE h histogram\n");
	text_fini(&out);
}
END_TEST

struct micros_case {
	int64_t us;
	const char *written;
};

static const struct micros_case micros_cases[] = {
	{ 0, "t 0.000000\n" },
	{ 7, "t 0.000007\n" },
	{ 1795253953000000, "t 1795253953.000000\n" },
	{ 12345678, "t 12.345678\n" },
	{ -1500000, "t -1.500000\n" },
	{ INT64_MIN, "t -9223372036854.775808\n" },
};

START_TEST(micros_are_seconds)
{
	static const struct exposition_series series = { .name = "t" };
	struct text out;

	text_init(&out);
	exposition_micros(&out, &series, micros_cases[_i].us);
	ck_assert_str_eq(out.data, micros_cases[_i].written);
	text_fini(&out);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("exposition");
	TCase *tcase = tcase_create("exposition");

	tcase_add_loop_test(tcase, a_label_is_escaped, 0, COUNT(label_cases));
	tcase_add_test(tcase, a_family_is_told_before_its_samples);
	tcase_add_loop_test(tcase, micros_are_seconds, 0, COUNT(micros_cases));
	return unit_run(suite, tcase);
}
