#include "directory/ldap_answer.h"

#include "tests/unit/unit_main.h"

#include <stdbool.h>

static char oid[] = "1.2.840.113556.1.4.319", other[] = "1.2.3";
static char bytes[] = "\x30"; /* and a NUL: an empty sequence */

static const struct {
	const char *name;
	LDAPControl control;
	bool is_found;
} CASES[] = {
	{ "a value", { oid, { 2, bytes }, 0 }, true },
	{ "no value", { oid, { 0, NULL }, 0 }, false },
	{ "an empty value", { oid, { 0, bytes }, 0 }, false },
	{ "another control", { other, { 2, bytes }, 0 }, false },
};

START_TEST(control_counts_with_a_value)
{
	LDAPControl control = CASES[_i].control;
	LDAPControl *controls[] = { &control, NULL };
	BerElement *value = ldap_answer_value(controls, oid);

	ck_assert_msg((ldap_answer_control(controls, oid) == &control) ==
			CASES[_i].is_found,
		"%s", CASES[_i].name);
	ck_assert_msg(
		(value != NULL) == CASES[_i].is_found, "%s", CASES[_i].name);
	if (value != NULL)
		ck_assert_int_ne(ber_scanf(value, "{}"), (int)LBER_ERROR);
	ber_free(value, 1);
}
END_TEST

START_TEST(no_controls_are_none)
{
	ck_assert_ptr_null(ldap_answer_control(NULL, oid));
	ck_assert_ptr_null(ldap_answer_value(NULL, oid));
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, control_counts_with_a_value, 0, COUNT(CASES));
	tcase_add_test(all, no_controls_are_none);
	return unit_run(suite_create("ldap_answer"), all);
}
