/* Findings: kept, told to a person, and to a program. */
#include "doctor/findings.h"

#include "doctor/findings_json.h"
#include "doctor/findings_text.h"
#include "tests/unit/instance_case.h"
#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"

static struct findings *findings_of(const struct finding *list, size_t count)
{
	struct findings *findings = findings_open();

	for (size_t i = 0; i < count; i++)
		findings_add(findings, &list[i]);
	return findings;
}

static const struct {
	const char *name;
	struct finding list[3];
	size_t count;
	bool errors_alone;
	const char *printed;
} cases[] = {
	{ "none", { { .check = "" } }, 0, false,
		"nothing is wrong: 31 checks\n" },
	{ "none, errors alone", { { .check = "" } }, 0, true, "" },
	{ "by severity",
		{ { "c", SEVERITY_UNKNOWN, "s", "is not known", "" },
			{ "b", SEVERITY_WARNING, "s", "costs", "one\ntwo" },
			{ "a", SEVERITY_ERROR, "s", "is wrong", "three" } },
		3, false,
		"error a s: is wrong\n    three\nwarning b s: costs\n"
		"    one\n    two\nunknown c s: is not known\n"
		"1 error, 1 warning, 1 could not be found out\n" },
	{ "errors alone",
		{ { "b", SEVERITY_WARNING, "s", "costs", "" },
			{ "a", SEVERITY_ERROR, "s", "is wrong", "" } },
		2, true, "error a s: is wrong\n" },
	{ "two of a kind",
		{ { "b", SEVERITY_WARNING, "s", "costs", "" },
			{ "b", SEVERITY_WARNING, "t", "costs", "" } },
		2, false,
		"warning b s: costs\nwarning b t: costs\n"
		"0 errors, 2 warnings\n" },
	{ "what a terminal should not get",
		{ { "a", SEVERITY_ERROR, "s\x1b[1m", "\xff\xc3\xbc\n",
			"a\x07" } },
		1, false, "error a s?[1m: ?\xc3\xbc?\n1 error, 0 warnings\n" },
};

START_TEST(are_printed)
{
	struct findings *findings =
		findings_of(cases[_i].list, cases[_i].count);
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	findings_text(findings, 31, cases[_i].errors_alone, out);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_msg(strcmp(printed, cases[_i].printed) == 0, "%s:\n%s",
		cases[_i].name, printed);
	free(printed);
	findings_close(&findings);
	findings_close(&findings);
}
END_TEST

START_TEST(many_are_kept)
{
	struct findings *findings = findings_open();
	char subject[8];

	for (int i = 0; i < 100; i++) {
		snprintf(subject, sizeof subject, "%d", i);
		findings_add(findings,
			&(struct finding){
				"a", SEVERITY_ERROR, subject, "", "" });
	}
	ck_assert_uint_eq(findings_count(findings), 100);
	ck_assert_str_eq(findings_get(findings, 0)->subject, "0");
	ck_assert_str_eq(findings_get(findings, 99)->subject, "99");
	findings_close(&findings);
}
END_TEST

/* A folder may be called by any bytes, and JSON has UTF-8 alone. */
START_TEST(folder_that_is_no_utf8_hides_nothing)
{
	const struct instance_case here = {
		.values = "config_directory = /etc/\xff\n",
	};
	struct examination examination = { .arena = arena_open(),
		.findings = findings_of(cases[2].list, cases[2].count) };
	struct instance *instance = instance_of(&here, examination.arena);
	const struct check_list none = { .count = 0 };
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	examination.instance = instance;
	findings_json(&examination, &none, out);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_msg(
		strstr(printed, "\"config_directory\": \"/etc/?\"") != NULL &&
			strstr(printed, "\"mail_version\": null") != NULL &&
			strstr(printed, "is not known") != NULL,
		"%s", printed);
	free(printed);
	instance_close(&instance);
	findings_close(&examination.findings);
	arena_close(&examination.arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("findings");

	tcase_add_loop_test(tcase, are_printed, 0, COUNT(cases));
	tcase_add_test(tcase, many_are_kept);
	tcase_add_test(tcase, folder_that_is_no_utf8_hides_nothing);
	return unit_run(suite_create("findings"), tcase);
}
