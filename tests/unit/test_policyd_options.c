/* The command line of policyd; every wrong one says what would be right. */
#include "policyd/policyd_options.h"

#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>

enum { ARGS_MAX = 40 };

static bool parse(
	struct policyd_options *out, const char *const *args, struct err *err)
{
	static char program[] = "policyd";
	char *argv[ARGS_MAX] = { program };
	int argc = 1;

	for (; args[argc - 1] != NULL; argc++)
		argv[argc] = (char *)args[argc - 1];
	return policyd_options_parse(out, argc, argv, err);
}

START_TEST(nothing_said_is_the_default)
{
	struct policyd_options o;
	struct err err = { 0 };

	ck_assert(parse(&o, (const char *const[]){ NULL }, &err));
	ck_assert_str_eq(o.state, "/var/lib/postshare");
	ck_assert_uint_eq(o.n_listen, 0);
	ck_assert_uint_eq(o.mode, 0660);
	ck_assert(!o.has_mode && !o.is_shadow && !o.logs_to_stderr);
	ck_assert(!o.wants_help && !o.wants_version);
	ck_assert_ptr_null(o.user);
	ck_assert(policyd_options_suit_spawn(&o, &err));
}
END_TEST

START_TEST(every_option_is_taken)
{
	static const char *const args[] = { "--state", "/s", "--listen",
		"unix:/run/p", "--listen=inet:[::1]:25", "--mode", "0600",
		"--user", "nobody", "--shadow", "--log", "stderr", "--help",
		"--version", "--metrics", "unix:/run/m", NULL };
	struct policyd_options o;
	struct err err = { 0 };

	ck_assert_msg(parse(&o, args, &err), "%s", err.text);
	ck_assert_str_eq(o.state, "/s");
	ck_assert(o.has_metrics);
	ck_assert_str_eq(o.metrics.path, "/run/m");
	ck_assert_uint_eq(o.n_listen, 2);
	ck_assert_str_eq(o.listen[0].path, "/run/p");
	ck_assert_str_eq(o.listen[1].host, "::1");
	ck_assert_uint_eq(o.mode, 0600);
	ck_assert_str_eq(o.user, "nobody");
	ck_assert(o.has_mode && o.is_shadow && o.logs_to_stderr);
	ck_assert(o.wants_help && o.wants_version);
}
END_TEST

START_TEST(verdicts_need_no_log)
{
	static const char *const args[] = { "--log", "none", NULL };
	struct policyd_options o;

	ck_assert(parse(&o, args, NULL));
	ck_assert(o.is_silent && !o.logs_to_stderr);
	ck_assert(policyd_options_suit_spawn(&o, NULL));
}
END_TEST

START_TEST(short_options_are_taken)
{
	static const char *const args[] = { "-hV", "-s/s", NULL };
	struct policyd_options o;

	ck_assert(parse(&o, args, NULL));
	ck_assert_str_eq(o.state, "/s");
	ck_assert(o.wants_help && o.wants_version);
}
END_TEST

struct wrong_case {
	const char *args[4];
	const char *err;
};

static const struct wrong_case wrong_cases[] = {
	{ { "--bogus" },
		"--bogus is no option of policyd: see policyd --help" },
	{ { "-x" }, "-x is no option of policyd: see policyd --help" },
	{ { "--shadow=yes" },
		"--shadow=yes is no option of policyd: see policyd --help" },
	{ { "-s" }, "-s wants a value" },
	{ { "--shadow", "--listen" }, "--listen wants a value" },
	{ { "-s", "" }, "-s wants a folder, /var/lib/postshare" },
	{ { "--user", "" }, "--user wants the name of a user" },
	{ { "--mode", "8" },
		"--mode wants an octal mode such as 0660, not \"8\"" },
	{ { "--mode", "0690" },
		"--mode wants an octal mode such as 0660, not \"0690\"" },
	{ { "--mode", "7777" }, "--mode is 0777 at most, not 7777" },
	{ { "--log", "file" },
		"--log is syslog, stderr or none, not \"file\"" },
	{ { "--metrics", "9090" },
		"9090: to listen on is unix:PATH or inet:HOST:PORT" },
	{ { "--metrics=unix:/a", "--metrics", "unix:/b" },
		"--metrics can be given once" },
	{ { "--listen", "25" },
		"25: to listen on is unix:PATH or inet:HOST:PORT" },
	{ { "verdicts" },
		"\"verdicts\" is too much: policyd [-s DIR] answers on stdin, "
		"policyd --listen unix:PATH is a daemon, policyd verdicts "
		"asks its log" },
	{ { "--shadow", "more" },
		"\"more\" is too much: policyd [-s DIR] answers on stdin, "
		"policyd --listen unix:PATH is a daemon, policyd verdicts "
		"asks its log" },
};

START_TEST(a_wrong_one_says_what_is_right)
{
	const struct wrong_case *c = &wrong_cases[_i];
	struct policyd_options o;
	struct err err = { 0 };

	ck_assert(!parse(&o, c->args, &err));
	ck_assert_str_eq(err.text, c->err);
}
END_TEST

START_TEST(numbers_are_told_on_loopback)
{
	static const char *const hosts[] = { "127.0.0.1", "127.8.9.10", "[::1]",
		"[0:0::1]" };
	struct policyd_options o;
	struct err err = { 0 };
	char text[64];

	snprintf(text, sizeof text, "--metrics=inet:%s:9154", hosts[_i]);
	ck_assert_msg(parse(&o, (const char *const[]){ text, NULL }, &err),
		"%s", err.text);
	ck_assert(o.has_metrics);
}
END_TEST

START_TEST(numbers_are_told_nowhere_else)
{
	static const char *const hosts[] = { "0.0.0.0", "10.0.0.1", "[::]",
		"localhost", "[::ffff:127.0.0.1]", "128.0.0.1" };
	struct policyd_options o;
	struct err err = { 0 };
	char text[64], wanted[256];

	snprintf(text, sizeof text, "--metrics=inet:%s:9154", hosts[_i]);
	snprintf(wanted, sizeof wanted,
		"--metrics inet:%s:9154: numbers are told to this machine "
		"alone, they say who has mail here and nobody is asked for a "
		"password: inet:127.0.0.1:PORT, inet:[::1]:PORT or unix:PATH",
		hosts[_i]);
	ck_assert(!parse(&o, (const char *const[]){ text, NULL }, &err));
	ck_assert_str_eq(err.text, wanted);
}
END_TEST

START_TEST(too_many_sockets_are_refused)
{
	const char *args[LISTEN_MAX * 2 + 3] = { NULL };
	struct policyd_options o;
	struct err err = { 0 };

	for (size_t i = 0; i <= LISTEN_MAX; i++) {
		args[2 * i] = "--listen";
		args[2 * i + 1] = "unix:/p";
	}
	ck_assert(!parse(&o, args, &err));
	ck_assert_str_eq(err.text, "--listen can be given 16 times at most");
}
END_TEST

static const struct wrong_case daemon_cases[] = {
	{ { "--metrics", "unix:/run/m" },
		"--metrics is for a daemon (--listen unix:PATH): without, "
		"there is a process for each smtpd and none knows all "
		"numbers; count what the log says, policyd verdicts "
		"--count-by verdict,reason" },
	{ { "--mode", "0600" },
		"--mode is for a daemon: give --listen unix:PATH or --listen "
		"inet:HOST:PORT" },
	{ { "--user", "nobody" },
		"--user is for a daemon: give --listen unix:PATH or --listen "
		"inet:HOST:PORT" },
	{ { "--log", "stderr" },
		"--log stderr is for a daemon: give --listen unix:PATH or "
		"--listen inet:HOST:PORT" },
};

START_TEST(what_only_a_daemon_has_is_refused_under_spawn)
{
	const struct wrong_case *c = &daemon_cases[_i];
	struct policyd_options o;
	struct err err = { 0 };

	ck_assert(parse(&o, c->args, &err));
	ck_assert(!policyd_options_suit_spawn(&o, &err));
	ck_assert_str_eq(err.text, c->err);
}
END_TEST

START_TEST(the_help_names_every_option)
{
	static const char *const names[] = { "-s, --state", "--listen",
		"--mode", "--user", "--shadow", "--log", "-h, --help",
		"-V, --version" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_msg(strstr(policyd_help(), names[i]) != NULL, "%s",
			names[i]);
	ck_assert_ptr_nonnull(strstr(policyd_version(), "policyd"));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_test(tcase, nothing_said_is_the_default);
	tcase_add_test(tcase, every_option_is_taken);
	tcase_add_test(tcase, verdicts_need_no_log);
	tcase_add_test(tcase, short_options_are_taken);
	tcase_add_loop_test(
		tcase, a_wrong_one_says_what_is_right, 0, COUNT(wrong_cases));
	tcase_add_loop_test(tcase, numbers_are_told_on_loopback, 0, 4);
	tcase_add_loop_test(tcase, numbers_are_told_nowhere_else, 0, 6);
	tcase_add_test(tcase, too_many_sockets_are_refused);
	tcase_add_loop_test(tcase,
		what_only_a_daemon_has_is_refused_under_spawn, 0,
		COUNT(daemon_cases));
	tcase_add_test(tcase, the_help_names_every_option);
	return unit_run(suite_create("policyd_options"), tcase);
}
