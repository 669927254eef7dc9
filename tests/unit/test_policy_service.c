/* What check_policy_service is given, and for what smtpd would not start. */
#include "doctor/policy_service.h"

#include "base/arena.h"
#include "unit_main.h"

#include <string.h>

static struct arena *arena;

static const struct service_case {
	const char *name, *text, *fault, *formatted;
} CASES[] = {
	{ "bare", "unix:private/policyd", "", "{ unix:private/policyd }" },
	{ "as in the manual",
		"{ unix:private/policyd, default_action=DUNNO, timeout=5s }",
		"",
		"{ unix:private/policyd, default_action=DUNNO, timeout=5s }" },
	{ "blanks alone part", "{inet:h:1 timeout=5s}", "",
		"{ inet:h:1, timeout=5s }" },
	{ "a value with blanks",
		"{ unix:p, { default_action = 451 4.3.5 away } }", "",
		"{ unix:p, { default_action = 451 4.3.5 away } }" },
	{ "blanks around the sign",
		"{ unix:p, default_action = DUNNO, timeout=5s }",
		"default_action",
		"{ unix:p, default_action=DUNNO, timeout=5s }" },
	{ "a blank before it", "{ unix:p, timeout =5s }", "timeout",
		"{ unix:p, timeout=5s }" },
	{ "a blank behind it", "{ unix:p, timeout= 5s, try_limit=3 }",
		"timeout=", "{ unix:p, timeout=5s, try_limit=3 }" },
	{ "an option that it does not know", "{ unix:p, timeot=5s }",
		"timeot=5s", "{ unix:p }" },
	{ "a sign and nothing else", "{ unix:p, = }", "=", "{ unix:p }" },
	{ "set twice", "{ unix:p, timeout=5s, timeout=7s }", "",
		"{ unix:p, timeout=7s }" },
	{ "nothing at all", "", "", "{  }" },
};

START_TEST(services_are_understood)
{
	const struct service_case *c = &CASES[_i];
	struct policy_service service;

	policy_service_parse(&service, c->text, arena);
	const char *fault = service.fault == NULL ? "" : service.fault;
	const char *formatted = policy_service_format(&service, arena);

	ck_assert_msg(strcmp(fault, c->fault) == 0, "%s: %s", c->name, fault);
	ck_assert_msg(strcmp(formatted, c->formatted) == 0, "%s: %s", c->name,
		formatted);
}
END_TEST

START_TEST(what_is_written_is_understood)
{
	const struct service_case *c = &CASES[_i];
	struct policy_service first, second;

	policy_service_parse(&first, c->text, arena);
	const char *once = policy_service_format(&first, arena);

	policy_service_parse(&second, once, arena);
	ck_assert_ptr_null(second.fault);
	ck_assert_str_eq(policy_service_format(&second, arena), once);
}
END_TEST

START_TEST(options_are_read_and_set)
{
	struct policy_service service;

	policy_service_parse(&service, "{ unix:p, timeout=5s }", arena);
	ck_assert_str_eq(service.endpoint, "unix:p");
	ck_assert_str_eq(policy_service_option(&service, "timeout"), "5s");
	ck_assert_ptr_null(policy_service_option(&service, "try_limit"));
	policy_service_set(&service, "timeout", "6s");
	policy_service_set(&service, "try_limit", "2");
	ck_assert_str_eq(policy_service_format(&service, arena),
		"{ unix:p, timeout=6s, try_limit=2 }");
}
END_TEST

START_TEST(too_many_options_are_left_out)
{
	const char *text = "{ unix:p";
	struct policy_service service;

	for (int i = 0; i < 3 * POLICY_OPTIONS_MAX; i++)
		text = arena_printf(arena, "%s, o%d=x", text, i);
	policy_service_parse(
		&service, arena_printf(arena, "%s }", text), arena);
	ck_assert_uint_eq(service.n_options, POLICY_OPTIONS_MAX);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("policy_service");

	arena = arena_open();
	tcase_add_loop_test(tcase, services_are_understood, 0, COUNT(CASES));
	tcase_add_loop_test(
		tcase, what_is_written_is_understood, 0, COUNT(CASES));
	tcase_add_test(tcase, options_are_read_and_set);
	tcase_add_test(tcase, too_many_options_are_left_out);
	const int status = unit_run(suite_create("policy_service"), tcase);

	arena_close(&arena);
	return status;
}
