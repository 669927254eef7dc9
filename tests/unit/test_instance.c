/* One Postfix as postconf(1) tells of it; here a postconf of our own. */
#include "doctor/instance.h"

#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"

#include <sys/stat.h>

static const char script[] =
	"#!/bin/sh\n"
	"case $1 in\n"
	"-x) printf '%s\\n' 'relay_domains = cdb:/x,  foo {a b}'"
	" 'myhostname = mx.company.example' 'empty =' "
	"\"compatibility_level = $LEVEL\";;\n"
	"-n) printf '%s\\n' 'relay_domains = $other,\tfoo {a b}' 'empty =';;\n"
	"-Px) printf '%s\\n' 'smtp/inet/empty = a, b c';;\n"
	"-M) printf '%s\\n'"
	" 'smtp       inet  n       -       y       -       -       smtpd"
	" -o {empty=a, b c}'"
	" 'policyd unix - n n - 0 spawn user=a argv=/b' 'short line'"
	" 'pickup unix n - - 60 1 pickup';;\n"
	"-m) printf '%s\\n' btree cdb;;\n"
	"esac\n"
	"[ \"$1\" != \"$FAILS\" ]\n";

static char *put_postconf(struct arena *arena)
{
	char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/postconf", folder);

	test_write(path, script, strlen(script));
	ck_assert_int_eq(chmod(path, 0700), 0);
	setenv("PATH", folder, 1);
	setenv("FAILS", "", 1);
	setenv("LEVEL", "3.6", 1);
	return folder;
}

START_TEST(values_are_told)
{
	struct arena *arena = arena_open();
	char *folder = put_postconf(arena);
	struct err err = { 0 };
	struct instance *instance = instance_read(INSTANCE_ALL, &err);

	ck_assert_msg(instance != NULL, "%s", err.text);
	ck_assert_str_eq(
		instance_value(instance, "relay_domains"), "cdb:/x, foo {a b}");
	ck_assert_str_eq(instance_value(instance, "empty"), "");
	ck_assert_ptr_null(instance_value(instance, "no_such"));
	ck_assert_str_eq(instance_written(instance, "relay_domains"),
		"$other, foo {a b}");
	ck_assert_str_eq(instance_written(instance, "empty"), "");
	ck_assert_ptr_null(instance_written(instance, "myhostname"));
	ck_assert(instance_has_map_type(instance, "cdb"));
	ck_assert(!instance_has_map_type(instance, "pcre"));
	instance_close(&instance);
	instance_close(&instance);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

START_TEST(services_are_told)
{
	struct arena *arena = arena_open();
	char *folder = put_postconf(arena);
	struct instance *instance = instance_read(INSTANCE_ALL, NULL);

	ck_assert_ptr_nonnull(instance);
	ck_assert_uint_eq(instance_n_services(instance), 3);
	const struct service *smtp = instance_service(instance, 0);
	const struct service *policyd = instance_service(instance, 1);

	ck_assert_str_eq(smtp->name, "smtp");
	ck_assert_str_eq(smtp->type, "inet");
	ck_assert(!smtp->is_private && smtp->is_chrooted);
	ck_assert_str_eq(smtp->command, "smtpd");
	ck_assert_str_eq(smtp->arguments, "-o {empty=a, b c}");
	ck_assert(policyd->is_private && !policyd->is_chrooted);
	ck_assert_str_eq(policyd->limit, "0");
	ck_assert_str_eq(policyd->arguments, "user=a argv=/b");
	ck_assert_str_eq(instance_service(instance, 2)->arguments, "");
	ck_assert(!instance_service(instance, 2)->is_chrooted);
	ck_assert_str_eq(
		instance_service_value(instance, smtp, "empty"), "a, b c");
	ck_assert(instance_service_overrides(instance, smtp, "empty"));
	ck_assert_str_eq(
		instance_service_value(instance, policyd, "empty"), "");
	ck_assert(!instance_service_overrides(instance, policyd, "empty"));
	instance_close(&instance);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

START_TEST(old_default_is_chrooted)
{
	struct arena *arena = arena_open();
	char *folder = put_postconf(arena);

	setenv("LEVEL", "0", 1);
	struct instance *instance = instance_read(INSTANCE_ALL, NULL);

	ck_assert_ptr_nonnull(instance);
	ck_assert(instance_service(instance, 2)->is_chrooted);
	ck_assert(!instance_service(instance, 1)->is_chrooted);
	instance_close(&instance);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

static const char *const options[] = { "-x", "-n", "-Px", "-M", "-m" };

START_TEST(failure_says_what_was_asked)
{
	struct arena *arena = arena_open();
	char *folder = put_postconf(arena);
	struct err err = { 0 };
	const char *wanted = arena_printf(arena,
		"no Postfix can be asked: postconf %s failed with status 1; ",
		options[_i]);

	setenv("FAILS", options[_i], 1);
	ck_assert_ptr_null(instance_read(INSTANCE_ALL, &err));
	ck_assert_msg(text_starts(err.text, wanted), "%s", err.text);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("instance");

	tcase_add_test(tcase, values_are_told);
	tcase_add_test(tcase, services_are_told);
	tcase_add_test(tcase, old_default_is_chrooted);
	tcase_add_loop_test(
		tcase, failure_says_what_was_asked, 0, COUNT(options));
	return unit_run(suite_create("instance"), tcase);
}
