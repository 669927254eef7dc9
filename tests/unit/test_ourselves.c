/* No smart host is this machine, where its Postfix listens. */
#include "doctor/ourselves.h"

#include "doctor/instance.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#include <arpa/inet.h>
#include <ifaddrs.h>

static const struct {
	const char *name;
	const char *listeners; /* what postconf(1) -M says; NULL: it fails */
	const char *connector;
	const char *hop; /* that is this machine; NULL = none */
} cases[] = {
	{ "can not be asked: 25", NULL, "smart-hosts = '127.0.0.1'",
		"[127.0.0.1]" },
	{ "can not be asked: not 26", NULL, "smart-hosts = '127.0.0.1:26'",
		NULL },
	{ "says nothing: 25", "", "smart-hosts = '127.0.0.2:25'",
		"[127.0.0.2]:25" },
	{ "by name", "smtp inet n - y - - smtpd", "smart-hosts = '[::1]'",
		"[::1]" },
	{ "by number", "10025 inet n - y - - smtpd",
		"smart-hosts = '127.0.0.1:10025'", "[127.0.0.1]:10025" },
	{ "another port", "10025 inet n - y - - smtpd",
		"smart-hosts = '127.0.0.1:25'", NULL },
	{ "another machine", "smtp inet n - y - - smtpd",
		"smart-hosts = '192.0.2.77'", NULL },
	{ "a name is not looked up", "smtp inet n - y - - smtpd",
		"smart-hosts = 'localhost'", NULL },
	{ "bound to an address", "127.0.0.3:25 inet n - y - - smtpd",
		"smart-hosts = '127.0.0.3'", "[127.0.0.3]" },
	{ "bound to another address", "127.0.0.3:25 inet n - y - - smtpd",
		"smart-hosts = '127.0.0.4'", NULL },
	{ "bound to an address in brackets", "[::1]:smtp inet n - y - - smtpd",
		"smart-hosts = '[::1]:25'", "[::1]:25" },
	{ "bound to all", "0.0.0.0:25 inet n - y - - smtpd",
		"smart-hosts = '127.0.0.4'", "[127.0.0.4]" },
	{ "bound to all of IPv6", "[::]:25 inet n - y - - smtpd",
		"smart-hosts = '[::1]'", "[::1]" },
	{ "bound to a name", "localhost:25 inet n - y - - smtpd",
		"smart-hosts = '127.0.0.4'", "[127.0.0.4]" },
	{ "no listener is a socket",
		"pickup unix n - y 60 1 pickup\nno-such-port inet n - y - - "
		"smtpd\n99999 inet n\n10025 inet n - y - - smtpd",
		"smart-hosts = '127.0.0.1:25'", NULL },
	{ "the second of two", "smtp inet n - y - - smtpd",
		"smart-hosts = { '192.0.2.77', '127.0.0.1' }", "[127.0.0.1]" },
	{ "a transport", "smtp inet n - y - - smtpd",
		"transport = 'smtp:[127.0.0.1]:25'", "[127.0.0.1]:25" },
	{ "LMTP is no SMTP", "smtp inet n - y - - smtpd",
		"transport = 'lmtp:[127.0.0.1]:25'", NULL },
	{ "a socket", "smtp inet n - y - - smtpd",
		"transport = 'lmtp:unix:private/lmtp'", NULL },
	{ "disabled", "smtp inet n - y - - smtpd",
		"smart-hosts = '127.0.0.1' enabled = no", NULL },
};

/* A postconf of our own, and nothing else, in the PATH. */
static void put_postconf(const struct model_case *c, const char *listeners,
	const char *interfaces)
{
	const char *path = arena_printf(c->arena, "%s/postconf", c->folder);
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "#!/bin/sh\n");
	if (interfaces != NULL)
		fprintf(file,
			"[ \"$*\" = -x ] && "
			"echo 'inet_interfaces = %s'\n",
			interfaces);
	fprintf(file, "[ \"$*\" = -M ] || exit 0\n");
	if (listeners == NULL)
		fputs("exit 1\n", file);
	else
		fprintf(file, "printf '%%s\\n' '%s'\n", listeners);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0700), 0);
	ck_assert_int_eq(setenv("PATH", c->folder, 1), 0);
}

START_TEST(tells)
{
	struct model_case c;
	char config[256];

	snprintf(config, sizeof config,
		"accepted-domain 'd.example' { }\nconnector ex { %s }\n",
		cases[_i].connector);
	model_case_sound(&c, config, "");
	put_postconf(&c, cases[_i].listeners, NULL);
	struct instance *instance = instance_read(INSTANCE_ALL, NULL);

	ourselves_check(c.ns, instance, c.faults);
	instance_close(&instance);
	if (cases[_i].hop == NULL) {
		ck_assert_msg(faults_count(c.faults) == 0, "%s: %s",
			cases[_i].name, faults_get(c.faults, 0)->text);
	} else {
		ck_assert_msg(
			faults_errors(c.faults) == 1, "%s", cases[_i].name);
		const struct fault *fault = faults_get(c.faults, 0);

		ck_assert_uint_eq(fault->place.line, 2);
		ck_assert_str_eq(fault->text,
			arena_printf(c.arena,
				"smart host %s of connector \"ex\" is this "
				"machine, where this Postfix itself listens: "
				"mail would come straight back; name the other "
				"system's address",
				cases[_i].hop));
	}
	model_case_close(&c);
}
END_TEST

/* The first address of this machine that is not loopback; false: none. */
static bool find_own_address(char out[INET_ADDRSTRLEN])
{
	struct ifaddrs *all = NULL;
	bool is_found = false;

	if (getifaddrs(&all) != 0)
		return false;
	for (const struct ifaddrs *at = all; at != NULL && !is_found;
		at = at->ifa_next) {
		if (at->ifa_addr == NULL || at->ifa_addr->sa_family != AF_INET)
			continue;
		inet_ntop(AF_INET,
			&((const struct sockaddr_in *)(const void *)
					at->ifa_addr)
				 ->sin_addr,
			out, INET_ADDRSTRLEN);
		is_found = strncmp(out, "127.", 4) != 0;
	}
	freeifaddrs(all);
	return is_found;
}

/* OWN stands for that address. */
static const struct {
	const char *interfaces;
	bool is_told;
} interfaces[] = {
	{ "all", true },
	{ "OWN", true },
	{ "127.0.0.1, OWN", true },
	{ "mx.d.example", true }, /* who knows which address it has */
	{ "loopback-only", false },
	{ "127.0.0.1, [::1]", false },
	{ "192.0.2.250", false },
};

START_TEST(interfaces_are_asked)
{
	struct model_case c;
	char own[INET_ADDRSTRLEN];
	char config[256];
	char words[256];
	const char *mark = strstr(interfaces[_i].interfaces, "OWN");

	if (!find_own_address(own))
		return; /* nothing but loopback here, which is always ours */
	snprintf(config, sizeof config,
		"accepted-domain 'd.example' { }\n"
		"connector ex { smart-hosts = '%s' }\n",
		own);
	snprintf(words, sizeof words, "%.*s%s",
		mark == NULL ? (int)strlen(interfaces[_i].interfaces)
			     : (int)(mark - interfaces[_i].interfaces),
		interfaces[_i].interfaces, mark == NULL ? "" : own);
	model_case_sound(&c, config, "");
	put_postconf(&c, "smtp inet n - y - - smtpd", words);
	struct instance *instance = instance_read(INSTANCE_ALL, NULL);

	ourselves_check(c.ns, instance, c.faults);
	instance_close(&instance);
	ck_assert_msg((faults_errors(c.faults) == 1) == interfaces[_i].is_told,
		"%s", interfaces[_i].interfaces);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("ourselves");

	tcase_add_loop_test(tcase, tells, 0, COUNT(cases));
	tcase_add_loop_test(tcase, interfaces_are_asked, 0, COUNT(interfaces));
	return unit_run(suite_create("ourselves"), tcase);
}
