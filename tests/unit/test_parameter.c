/* A list in main.cf: its words, and the line that changes it. */
#include "doctor/parameter.h"

#include "doctor/instance.h"
#include "tests/unit/postconf_case.h"
#include "tests/unit/unit_main.h"

#include <string.h>

/* b.example is $mydomain, "w.example, v.example" is $both. */
static const struct {
	const char *name;
	const char *expanded; /* by postconf -x */
	const char *written; /* by postconf -n; NULL: not set */
	const char *values; /* joined by "|" */
	const char *fix;
} cases[] = {
	{ "empty", "", "", "", "" },
	{ "a default", "a.example, b.example", NULL, "a.example|b.example",
		"a.example, b.example" },
	{ "blanks and commas", "a  b,c ,, d", "a  b,c ,, d", "a|b|c|d",
		"a, b, c, d" },
	{ "a name is kept", "a b.example", "a $mydomain", "a|b.example",
		"a, $mydomain" },
	{ "a name in braces", "b.example:b.example", "${mydomain}:$(mydomain)",
		"b.example:b.example", "${mydomain}:$(mydomain)" },
	{ "a name that is a list", "a w.example, v.example", "a $both",
		"a|w.example|v.example", "a, w.example, v.example" },
	{ "a name that is nothing", "a", "a $none", "a", "a" },
	{ "braces", "inline:{ a=b, { c = d } }, e",
		"inline:{ a=b, { c = d } }, e", "inline:{ a=b, { c = d } }|e",
		"inline:{ a=b, { c = d } }, e" },
	{ "a condition is written out", "yes a", "${x?yes} a", "yes|a",
		"yes, a" },
	{ "a dollar alone", "a", "a $", "a", "a" },
	{ "an open brace", "{ a b", "{ a b", "{ a b", "{ a b" },
	{ "a quote", "it's", "it's", "it's", "it'\\''s" },
};

static struct instance *read_case(const struct postconf_case *p,
	const char *expanded, const char *written)
{
	return postconf_case_read(p,
		arena_printf(p->arena,
			"mydomain = b.example\nboth = w.example, v.example\n"
			"list = %s\n",
			expanded),
		written == NULL
			? ""
			: arena_printf(p->arena, "list = %s\n", written),
		"");
}

START_TEST(words_are_parted)
{
	struct postconf_case p;
	struct parameter parameter;
	struct text values;

	postconf_case_open(&p);
	struct instance *instance =
		read_case(&p, cases[_i].expanded, cases[_i].written);

	parameter_read(&parameter, instance, "list", p.arena);
	text_init(&values);
	text_adds(&values, "");
	for (size_t i = 0; i < parameter.count; i++)
		text_addf(&values, "%s%s", i == 0 ? "" : "|",
			parameter.words[i].value);
	ck_assert_msg(strcmp(values.data == NULL ? "" : values.data,
			      cases[_i].values) == 0,
		"%s: %s", cases[_i].name, values.data);
	ck_assert_str_eq(parameter_fix(&parameter),
		arena_printf(
			p.arena, "postconf -e 'list = %s'", cases[_i].fix));
	text_fini(&values);
	instance_close(&instance);
	postconf_case_close(&p);
}
END_TEST

START_TEST(words_come_and_go)
{
	struct postconf_case p;
	struct parameter parameter;

	postconf_case_open(&p);
	struct instance *instance =
		read_case(&p, "a b.example c", "a $mydomain c");

	parameter_read(&parameter, instance, "list", p.arena);
	ck_assert_uint_eq(parameter_find(&parameter, "b.example"), 1);
	ck_assert_uint_eq(parameter_find(&parameter, "$mydomain"), 3);
	parameter_remove(&parameter, 0);
	parameter_insert(&parameter, 0, "first");
	parameter_insert(&parameter, 3, "last");
	parameter_remove(&parameter, 2);
	ck_assert_str_eq(parameter_fix(&parameter),
		"postconf -e 'list = first, $mydomain, last'");
	instance_close(&instance);
	postconf_case_close(&p);
}
END_TEST

START_TEST(unknown_has_no_words)
{
	struct postconf_case p;
	struct parameter parameter;

	postconf_case_open(&p);
	struct instance *instance = read_case(&p, "", NULL);

	parameter_read(&parameter, instance, "no_such", p.arena);
	ck_assert_uint_eq(parameter.count, 0);
	parameter_insert(&parameter, 0, "a");
	ck_assert_str_eq(
		parameter_fix(&parameter), "postconf -e 'no_such = a'");
	instance_close(&instance);
	postconf_case_close(&p);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("parameter");

	tcase_add_loop_test(tcase, words_are_parted, 0, COUNT(cases));
	tcase_add_test(tcase, words_come_and_go);
	tcase_add_test(tcase, unknown_has_no_words);
	return unit_run(suite_create("parameter"), tcase);
}
