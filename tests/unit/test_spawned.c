/* What a line of master.cf says of the policyd that spawn(8) runs. */
#include "doctor/spawned.h"

#include "tests/unit/instance_case.h"
#include "tests/unit/unit_main.h"

static struct arena *arena;

static const struct parse_case {
	const char *name, *arguments;
	const char *user, *group, *program, *state; /* "-" = NULL */
} PARSES[] = {
	{ "as in the manual", "user=a:b argv=/x/policyd -s /s", "a", "b",
		"/x/policyd", "/s" },
	{ "no group", "user=a argv=policyd", "a", "-", "policyd", "-" },
	{ "no user", "argv=/x/policyd", "", "-", "/x/policyd", "-" },
	{ "state without a blank", "user=a argv=/x/policyd -s/s", "a", "-",
		"/x/policyd", "/s" },
	{ "a long option", "user=a argv=/x/policyd --state /s", "a", "-",
		"/x/policyd", "/s" },
	{ "a long option's own value", "user=a argv=/x/policyd --state=/s", "a",
		"-", "/x/policyd", "/s" },
	{ "an empty group", "user=a: argv=/x/policyd", "a", "-", "/x/policyd",
		"-" },
	{ "an option without its value", "user=a argv=/x/policyd -s", "a", "-",
		"/x/policyd", "-" },
	{ "nothing", "", "", "-", "", "-" },
};

static const char *shown(const char *text)
{
	return text == NULL ? "-" : text;
}

START_TEST(arguments_are_understood)
{
	const struct parse_case *c = &PARSES[_i];
	const struct service service = { .arguments = c->arguments };
	struct spawned spawned;

	spawned_parse(&spawned, &service, arena);
	ck_assert_msg(strcmp(spawned.user, c->user) == 0, "%s", c->name);
	ck_assert_msg(
		strcmp(shown(spawned.group), c->group) == 0, "%s", c->name);
	ck_assert_msg(strcmp(spawned.program, c->program) == 0, "%s", c->name);
	ck_assert_msg(
		strcmp(shown(spawned.state), c->state) == 0, "%s", c->name);
}
END_TEST

static const struct find_case {
	const char *name, *service;
	bool is_found;
} FINDS[] = {
	{ "by its path", "a unix - n n - 0 spawn user=a argv=/x/policyd",
		true },
	{ "by its name", "a unix - n n - 0 spawn argv=policyd -s /x", true },
	{ "not another program",
		"a unix - n n - 0 spawn argv=/x/policyd-spf -s /x", false },
	{ "nor one that ends so", "a unix - n n - 0 spawn argv=/x/cbpolicyd",
		false },
	{ "nor what it is given", "a unix - n n - 0 spawn argv=/x/y /x/policyd",
		false },
	{ "nor what pipe runs", "a unix - n n - 0 pipe argv=/x/policyd",
		false },
	{ "nor nothing", "a unix - n n - 0 spawn user=a", false },
};

START_TEST(the_line_is_found)
{
	const struct find_case *c = &FINDS[_i];
	const struct instance_case lines = {
		.services = arena_printf(arena, "%s\n", c->service),
	};
	struct instance *instance = instance_of(&lines, arena);

	ck_assert_msg(
		(spawned_find(instance) != NULL) == c->is_found, "%s", c->name);
	instance_close(&instance);
}
END_TEST

START_TEST(one_argument_is_replaced)
{
	const struct service service = { .name = "p",
		.type = "unix",
		.command = "spawn",
		.arguments = "user=a argv=/x/policyd -s /s" };

	ck_assert_str_eq(spawned_fix(&service, "user=a", "user=b:c", arena),
		"postconf -Fe 'p/unix/command=spawn user=b:c "
		"argv=/x/policyd -s /s'");
	ck_assert_str_eq(spawned_fix(&service, NULL, "user=b", arena),
		"postconf -Fe 'p/unix/command=spawn user=b user=a "
		"argv=/x/policyd -s /s'");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("spawned");

	arena = arena_open();
	tcase_add_loop_test(tcase, arguments_are_understood, 0, COUNT(PARSES));
	tcase_add_loop_test(tcase, the_line_is_found, 0, COUNT(FINDS));
	tcase_add_test(tcase, one_argument_is_replaced);
	const int status = unit_run(suite_create("spawned"), tcase);

	arena_close(&arena);
	return status;
}
