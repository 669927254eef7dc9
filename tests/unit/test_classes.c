/* Accepted domains in another address class of Postfix. */
#include "doctor/classes.h"

#include "doctor/instance.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

static const struct {
	const char *name;
	const char *parameters; /* what postconf -x says */
	const char *found; /* what postmap finds */
	const char *advice; /* "LINE PARAMETER"; NULL = none */
} cases[] = {
	{ "nowhere", "mydestination = localhost, mx.d.example", "", NULL },
	{ "in mydestination", "mydestination = localhost, d.example", "",
		"1 mydestination" },
	{ "in capitals", "mydestination = localhost, D.Example", "",
		"1 mydestination" },
	{ "blanks alone", "mydestination = localhost d.example", "",
		"1 mydestination" },
	{ "virtual", "virtual_mailbox_domains = d.example", "",
		"1 virtual_mailbox_domains" },
	{ "a name below", "mydestination = sub.d.example", "", NULL },
	{ "below alone accepted", "mydestination = b.example", "", NULL },
	{ "disabled", "mydestination = off.example", "", NULL },
	{ "U-labels", "mydestination = d\xc3\xbcrr.example", "",
		"3 mydestination" },
	{ "in a table", "virtual_alias_domains = hash:/x", "d.example\\tx",
		"1 virtual_alias_domains" },
	{ "not in a table", "virtual_alias_domains = hash:/x", "", NULL },
	{ "a table over a network", "virtual_alias_domains = ldap:/x",
		"d.example\\tx", NULL },
	{ "no value", "virtual_alias_domains =", "", NULL },
};

static const char config[] = "accepted-domain 'd.example' { }\n"
			     "accepted-domain '*.b.example' { }\n"
			     "accepted-domain 'd\xc3\xbcrr.example' { }\n"
			     "accepted-domain 'off.example' { enabled = no }\n";

static void put_program(const struct model_case *c, const char *name,
	const char *condition, const char *output)
{
	const char *path = arena_printf(c->arena, "%s/%s", c->folder, name);
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "#!/bin/sh\n[ %s ] || exit 0\n", condition);
	fprintf(file, "printf '%s\\n'\n", output);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0700), 0);
}

/* There is no name that a list could have. */
START_TEST(subdomains_alone_are_in_no_list)
{
	struct model_case c;

	model_case_sound(&c, "accepted-domain '*.b.example' { }\n", "");
	const char *list = arena_printf(c.arena, "%s/list", c.folder);
	FILE *file = fopen(list, "w");

	ck_assert_ptr_nonnull(file);
	fputs("b.example\n\n", file);
	ck_assert_int_eq(fclose(file), 0);
	put_program(&c, "postconf", "\"$1\" = -x",
		arena_printf(c.arena, "mydestination = %s", list));
	ck_assert_int_eq(setenv("PATH", c.folder, 1), 0);
	struct instance *instance = instance_read(INSTANCE_ALL, NULL);

	ck_assert_ptr_nonnull(instance);
	classes_check(c.ns, instance, c.faults);
	ck_assert_uint_eq(faults_count(c.faults), 0);
	instance_close(&instance);
	model_case_close(&c);
}
END_TEST

START_TEST(advises)
{
	struct model_case c;

	model_case_sound(&c, config, "");
	put_program(&c, "postconf", "\"$1\" = -x", cases[_i].parameters);
	put_program(&c, "postmap", "\"$1 $2\" = '-q -'", cases[_i].found);
	ck_assert_int_eq(setenv("PATH", c.folder, 1), 0);
	struct instance *instance = instance_read(INSTANCE_ALL, NULL);

	ck_assert_ptr_nonnull(instance);
	classes_check(c.ns, instance, c.faults);
	instance_close(&instance);
	if (cases[_i].advice == NULL) {
		ck_assert_msg(
			faults_count(c.faults) == 0, "%s", cases[_i].name);
	} else {
		ck_assert_msg(
			faults_count(c.faults) == 1, "%s", cases[_i].name);
		const struct fault *fault = faults_get(c.faults, 0);
		const char *parameter = cases[_i].advice + 2;

		ck_assert_int_eq(fault->kind, FAULT_ADVICE);
		ck_assert_uint_eq(fault->place.line,
			(unsigned)(cases[_i].advice[0] - '0'));
		ck_assert_ptr_nonnull(strstr(fault->text,
			arena_printf(c.arena, "stands in Postfix's %s too",
				parameter)));
	}
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("classes");

	tcase_add_loop_test(tcase, advises, 0, COUNT(cases));
	tcase_add_test(tcase, subdomains_alone_are_in_no_list);
	return unit_run(suite_create("classes"), tcase);
}
