/* Which policy service is policyd, and where lists ask it. */
#include "doctor/asked.h"

#include "tests/unit/instance_case.h"
#include "tests/unit/unit_main.h"

#define SPAWN "spawn user=a:b argv=/usr/sbin/policyd -s /s\n"

static const struct asked_case {
	const char *name, *recipient, *services, *endpoint;
	size_t place; /* in smtpd_recipient_restrictions; 9 = none */
	bool is_asked;
} CASES[] = {
	{ "nobody is asked", "permit_mynetworks", NULL, "unix:private/policyd",
		9, false },
	{ "by its name",
		"check_policy_service inet:127.0.0.1:10023, "
		"check_policy_service unix:private/policyd",
		NULL, "unix:private/policyd", 2, true },
	{ "by an absolute path",
		"reject, check_policy_service { unix:/q/private/policyd, a=b }",
		NULL, "unix:private/policyd", 1, true },
	{ "as the only one", "check_policy_service inet:127.0.0.1:9998", NULL,
		"inet:127.0.0.1:9998", 0, true },
	{ "as the only one, asked twice",
		"check_policy_service inet:h:1, check_policy_service inet:h:1",
		NULL, "inet:h:1", 0, true },
	{ "not one of two others",
		"check_policy_service inet:h:1, check_policy_service inet:h:2",
		NULL, "unix:private/policyd", 9, false },
	{ "as the one that spawn runs",
		"check_policy_service unix:private/policyd, "
		"check_policy_service unix:private/judge",
		"judge unix - n n - 0 " SPAWN, "unix:private/judge", 2, true },
	{ "in public", "check_policy_service unix:public/judge",
		"judge unix n n n - 0 " SPAWN, "unix:public/judge", 0, true },
	{ "at a port that spawn has", "check_policy_service inet:127.0.0.1:9",
		"127.0.0.1:9 inet n n n - 0 " SPAWN, "inet:127.0.0.1:9", 0,
		true },
	{ "by the name of its socket",
		"check_policy_service unix:private/policyd-spf, "
		"check_policy_service unix:/run/judge/policyd.sock",
		NULL, "unix:/run/judge/policyd.sock", 2, true },
	{ "by ours in its path",
		"check_policy_service inet:h:1, "
		"check_policy_service unix:/run/postshare/judge",
		NULL, "unix:/run/postshare/judge", 2, true },
	{ "in a class", "ours, permit_mynetworks", NULL, "unix:private/policyd",
		0, true },
	{ "by what stands behind it",
		"check_policy_service inet:h:1, check_policy_service inet:h:2, "
		"check_recipient_access cdb:/s/current/recipient_access",
		NULL, "inet:h:2", 2, true },
	{ "but not heeded",
		"warn_if_reject check_policy_service unix:private/policyd",
		NULL, "unix:private/policyd", 9, false },
	{ "with no argument", "check_policy_service", NULL,
		"unix:private/policyd", 9, false },
};

START_TEST(policyd_is_told_from_others)
{
	const struct asked_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	const struct instance_case values = {
		.values = arena_printf(arena,
			"queue_directory = /q\n"
			"smtpd_restriction_classes = other, ours\n"
			"ours = check_policy_service unix:private/policyd\n"
			"smtpd_recipient_restrictions = %s\n",
			c->recipient),
		.services = c->services,
	};
	struct instance *instance = instance_of(&values, arena);
	const struct examination examination = { .instance = instance,
		.arena = arena };
	struct smtpd_list list;
	struct asked asked;

	asked_find(&asked, &examination);
	smtpd_list_of(&list, instance, NULL, SMTPD_RECIPIENT_LIST, arena);
	const size_t at = asked_place(&asked, &list.run, &examination);

	ck_assert_msg(strcmp(asked.endpoint, c->endpoint) == 0, "%s: %s",
		c->name, asked.endpoint);
	ck_assert_msg(asked.is_asked == c->is_asked, "%s", c->name);
	ck_assert_msg((at == list.run.count ? 9 : at) == c->place, "%s: %zu",
		c->name, at);
	instance_close(&instance);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("asked");

	tcase_add_loop_test(
		tcase, policyd_is_told_from_others, 0, COUNT(CASES));
	return unit_run(suite_create("asked"), tcase);
}
