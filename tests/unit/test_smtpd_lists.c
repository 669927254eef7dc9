/* The lists of main.cf, and those that master.cf overrides. */
#include "doctor/smtpd_lists.h"

#include "tests/unit/instance_case.h"
#include "tests/unit/unit_main.h"

#define LIST "smtpd_client_restrictions"

static const struct instance_case setup = {
	.values = "smtpd_restriction_classes = deep, round\n"
		  "deep = round, b\n"
		  "round = round\n" LIST " = a, deep, permit_mynetworks\n",
	.written = LIST " = $other, permit_mynetworks\n",
	.overrides = "submission/inet/" LIST " = reject\n"
		     "pickup/unix/" LIST " = reject\n",
	.services = "smtp inet n - y - - smtpd\n"
		    "submission inet n - y - - smtpd -o " LIST "=reject\n"
		    "pickup unix n - n 60 1 pickup -o " LIST "=reject\n",
};

static struct arena *arena;
static struct instance *instance;

static void open_instance(void)
{
	arena = arena_open();
	instance = instance_of(&setup, arena);
}

static void close_instance(void)
{
	instance_close(&instance);
	arena_close(&arena);
}

START_TEST(each_smtpd_with_a_list_of_its_own_comes_once)
{
	struct smtpd_lists walk = { instance, LIST, arena, 0 };
	struct smtpd_list list;

	ck_assert(smtpd_lists_next(&walk, &list));
	ck_assert_ptr_null(list.service);
	ck_assert_str_eq(list.subject, LIST);
	ck_assert_str_eq(restrictions_format(&list.written, arena),
		"$other, permit_mynetworks");
	ck_assert(smtpd_lists_next(&walk, &list));
	ck_assert_str_eq(list.service->name, "submission");
	ck_assert_str_eq(list.subject, "submission/inet/" LIST);
	ck_assert_str_eq(restrictions_format(&list.run, arena), "reject");
	ck_assert(!smtpd_lists_next(&walk, &list));
}
END_TEST

/* One that names itself is no trap. */
START_TEST(classes_are_written_out)
{
	struct smtpd_list list;

	smtpd_list_of(&list, instance, NULL, LIST, arena);
	ck_assert_str_eq(restrictions_format(&list.run, arena),
		"a, round, b, permit_mynetworks");
}
END_TEST

START_TEST(many_classes_are_written_out)
{
	const struct instance_case many = {
		.values = "smtpd_restriction_classes = c1 c2 c3 c4 c5 c6\n"
			  "c1 = a\nc2 = b\nc3 = c\nc4 = d\nc5 = e\n"
			  "c6 = f, c1\n" LIST " = c1 c2 c3 c4 c5 c6 c2\n",
	};
	struct instance *own = instance_of(&many, arena);
	struct smtpd_list list;

	smtpd_list_of(&list, own, NULL, LIST, arena);
	ck_assert_str_eq(restrictions_format(&list.run, arena),
		"a, b, c, d, e, f, a, b");
	instance_close(&own);
}
END_TEST

START_TEST(a_service_without_its_own_has_that_of_main_cf)
{
	struct smtpd_list list;

	smtpd_list_of(
		&list, instance, instance_service(instance, 0), LIST, arena);
	ck_assert_ptr_null(list.service);
	smtpd_list_of(&list, instance, NULL, "smtpd_data_restrictions", arena);
	ck_assert_uint_eq(list.run.count, 0);
}
END_TEST

static const struct guard_case {
	const char *name, *text;
	size_t place;
} GUARDS[] = {
	{ "none", "permit_mynetworks, permit", 2 },
	{ "as usual", "permit_mynetworks, reject_unauth_destination", 1 },
	{ "deferring", "defer_unauth_destination", 0 },
	{ "all", "permit_sasl_authenticated, REJECT", 1 },
	{ "the first", "defer, reject_unauth_destination", 0 },
	{ "only warned of", "warn_if_reject reject_unauth_destination", 2 },
	{ "warned of and meant", "warn_if_reject reject, permit, reject", 3 },
};

static const struct guard_case PERMITS[] = {
	{ "none", "permit_mynetworks, reject", 2 },
	{ "everybody", "permit_mynetworks, permit, reject", 1 },
	{ "a table of everybody",
		"check_client_access static:OK, reject_unauth_destination", 1 },
	{ "a table that refuses", "check_client_access static:REJECT", 2 },
};

START_TEST(the_guard_is_found)
{
	const struct guard_case *c = &GUARDS[_i];
	struct restrictions list;

	restrictions_parse(&list, c->text, arena);
	ck_assert_msg(smtpd_guard_place(&list) == c->place, "%s", c->name);
}
END_TEST

START_TEST(a_permit_for_everybody_is_found)
{
	const struct guard_case *c = &PERMITS[_i];
	struct restrictions list;

	restrictions_parse(&list, c->text, arena);
	ck_assert_msg(smtpd_permit_place(&list) == c->place, "%s", c->name);
}
END_TEST

/* A listener and what it overrides. */
static const struct filter_case {
	const char *name, *listener, *filter, *overrides;
	bool is_behind;
} FILTERS[] = {
	{ "on loopback, its filter taken away", "127.0.0.1:10025", "scan:[h]",
		"content_filter =", true },
	{ "on loopback by its IPv6 address", "[::1]:10025", "",
		"smtpd_authorized_xforward_hosts = 127.0.0.0/8", true },
	{ "on loopback and like any other", "127.0.0.1:10025", "scan:[h]", "",
		false },
	{ "elsewhere, open to all", "10026", "scan:[h]",
		"content_filter =", false },
	{ "elsewhere, for some", "10026", "scan:[h]",
		"content_filter =\n10026/inet/smtpd_recipient_restrictions = "
		"permit_mynetworks,reject",
		true },
	{ "elsewhere, for some and then all", "10026", "scan:[h]",
		"content_filter =\n10026/inet/smtpd_recipient_restrictions = "
		"permit,reject",
		false },
	{ "submission where there is no filter", "587", "",
		"receive_override_options = no_milters", false },
};

START_TEST(a_way_back_in_is_known)
{
	const struct filter_case *c = &FILTERS[_i];
	const struct instance_case other = {
		.values =
			arena_printf(arena, "content_filter = %s\n", c->filter),
		.overrides = arena_printf(
			arena, "%s/inet/%s\n", c->listener, c->overrides),
		.services = arena_printf(
			arena, "%s inet n - n - - smtpd\n", c->listener),
	};
	struct instance *filtered = instance_of(&other, arena);

	ck_assert_msg(
		smtpd_is_behind_filter(filtered, instance_service(filtered, 0),
			arena) == c->is_behind,
		"%s", c->name);
	instance_close(&filtered);
}
END_TEST

START_TEST(all_names_are_of_smtpd)
{
	size_t count = 0;

	for (; smtpd_lists_name(count) != NULL; count++)
		ck_assert(strncmp(smtpd_lists_name(count), "smtpd_", 6) == 0);
	ck_assert_uint_eq(count, 8);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("smtpd_lists");

	tcase_add_checked_fixture(tcase, open_instance, close_instance);
	tcase_add_test(tcase, each_smtpd_with_a_list_of_its_own_comes_once);
	tcase_add_test(tcase, classes_are_written_out);
	tcase_add_test(tcase, many_classes_are_written_out);
	tcase_add_test(tcase, a_service_without_its_own_has_that_of_main_cf);
	tcase_add_loop_test(
		tcase, a_permit_for_everybody_is_found, 0, COUNT(PERMITS));
	tcase_add_loop_test(tcase, a_way_back_in_is_known, 0, COUNT(FILTERS));
	tcase_add_loop_test(tcase, the_guard_is_found, 0, COUNT(GUARDS));
	tcase_add_test(tcase, all_names_are_of_smtpd);
	return unit_run(suite_create("smtpd_lists"), tcase);
}
