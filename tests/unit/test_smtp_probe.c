/* Over a socket of this process; TLS and time limits are of tests/e2e. */
#include "doctor/smtp_probe.h"

#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { REPLIES_MAX = 9 };

#define HELLO "220 mail.example ESMTP"

static const struct {
	const char *name;
	bool is_lmtp;
	enum smtp_tls tls;
	/* At once, then one for each line that was heard, then it closes. */
	const char *replies[REPLIES_MAX];
	const char *heard;
	const char *trouble, *tls_trouble;
	bool is_ourselves, has_utf8;
	unsigned sender, known, unknown; /* codes */
} SERVERS[] = {
	{ "polite", false, SMTP_TLS_NONE,
		{ HELLO, "250-mail.example\r\n250 SMTPUTF8", "250 2.1.0 Ok",
			"250 2.1.5 Ok", "550 5.1.1 no", "250 Ok", "221 bye" },
		"EHLO gw.example\nMAIL FROM:<>\nRCPT TO:<ann@d.example>\n"
		"RCPT TO:<nobody@d.example>\nRSET\nQUIT\n",
		"", "", false, true, 250, 250, 550 },
	{ "LMTP", true, SMTP_TLS_NONE,
		{ HELLO, "250 mail.example", "250 Ok", "452 full", "250 Ok",
			"250 Ok", "221 bye" },
		"LHLO gw.example\nMAIL FROM:<>\nRCPT TO:<ann@d.example>\n"
		"RCPT TO:<nobody@d.example>\nRSET\nQUIT\n",
		"", "", false, false, 250, 452, 250 },
	{ "so old that it knows no EHLO", false, SMTP_TLS_MAY,
		{ HELLO, "502 what?", "250 mail.example", "250 Ok", "250 Ok",
			"550 no", "250 Ok", "221 bye" },
		"EHLO gw.example\nHELO gw.example\nMAIL FROM:<>\n"
		"RCPT TO:<ann@d.example>\nRCPT TO:<nobody@d.example>\n"
		"RSET\nQUIT\n",
		"", "", false, false, 250, 250, 550 },
	{ "LMTP knows no HELO", true, SMTP_TLS_NONE, { HELLO, "502 what?" },
		"LHLO gw.example\n", "at LHLO: it answers 502 what?", "", false,
		false, 0, 0, 0 },
	{ "no service", false, SMTP_TLS_NONE, { "554 no" }, "",
		"at its greeting: it answers 554 no", "", false, false, 0, 0,
		0 },
	{ "our name", false, SMTP_TLS_MUST,
		{ HELLO, "250 MX.company.example hello", "250 Ok", "221 bye" },
		"EHLO gw.example\nRSET\nQUIT\n", "", "", true, false, 0, 0, 0 },
	{ "a name that begins with ours", false, SMTP_TLS_NONE,
		{ HELLO, "250 mx.company.example.org", "250 Ok", "250 Ok",
			"550 no", "250 Ok", "221 bye" },
		"EHLO gw.example\nMAIL FROM:<>\nRCPT TO:<ann@d.example>\n"
		"RCPT TO:<nobody@d.example>\nRSET\nQUIT\n",
		"", "", false, false, 250, 250, 550 },
	{ "no sender", false, SMTP_TLS_NONE,
		{ HELLO, "250 mail.example", "550 no", "250 Ok", "221 bye" },
		"EHLO gw.example\nMAIL FROM:<>\nRSET\nQUIT\n", "", "", false,
		false, 550, 0, 0 },
	{ "enough", false, SMTP_TLS_NONE,
		{ HELLO, "250 mail.example", "250 Ok", "421 enough" },
		"EHLO gw.example\nMAIL FROM:<>\nRCPT TO:<ann@d.example>\n",
		"at RCPT TO: it closes with 421", "", false, false, 250, 0, 0 },
	{ "gone at the farewell", false, SMTP_TLS_NONE,
		{ HELLO, "250 mail.example", "250 Ok", "250 Ok", "550 no" },
		"EHLO gw.example\nMAIL FROM:<>\nRCPT TO:<ann@d.example>\n"
		"RCPT TO:<nobody@d.example>\n",
		"", "", false, false, 250, 250, 550 },
	{ "no TLS", false, SMTP_TLS_MUST, { HELLO, "250 mail.example" },
		"EHLO gw.example\n", "", "it does not offer STARTTLS", false,
		false, 0, 0, 0 },
	{ "no TLS now", false, SMTP_TLS_MUST,
		{ HELLO, "250-mail.example\r\n250 STARTTLS", "454 later" },
		"EHLO gw.example\nSTARTTLS\n", "",
		"it answers STARTTLS with 454 later", false, false, 0, 0, 0 },
};

struct server {
	int listener;
	const char *const *replies;
	struct text heard;
};

static void say(int fd, const char *reply)
{
	ck_assert_int_eq(
		send(fd, reply, strlen(reply), MSG_NOSIGNAL), strlen(reply));
	ck_assert_int_eq(send(fd, "\r\n", 2, MSG_NOSIGNAL), 2);
}

/* One connection, line by line; false: the client has closed. */
static bool hear(int fd, struct text *heard)
{
	char c = '\0';

	while (c != '\n' && read(fd, &c, 1) == 1)
		if (c != '\r')
			text_add(heard, &c, 1);
	return c == '\n';
}

static void *serve(void *context)
{
	struct server *server = context;
	const int fd = accept(server->listener, NULL, NULL);

	for (size_t i = 0; server->replies[i] != NULL; i++)
		if (i == 0 || hear(fd, &server->heard))
			say(fd, server->replies[i]);
	close(fd);
	return NULL;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	ck_assert_int_eq(
		bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

START_TEST(conversation_is_as_smtp_has_it)
{
	struct arena *arena = arena_open();
	char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/socket", folder);
	struct server server = { listen_at(path), SERVERS[_i].replies,
		.heard = { .data = NULL } };
	struct smtp_probe probe = { .place = { .path = path },
		.is_lmtp = SERVERS[_i].is_lmtp,
		.helo = "gw.example",
		.myhostname = "mx.company.example",
		.tls = SERVERS[_i].tls,
		.known = "ann@d.example",
		.unknown = { "nobody@d.example" },
		.n_unknown = 1 };
	const char *name = SERVERS[_i].name;
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, serve, &server), 0);
	smtp_probe_run(&probe);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_msg(strcmp(text_of(&server.heard), SERVERS[_i].heard) == 0,
		"%s: %s", name, text_of(&server.heard));
	ck_assert_msg(strcmp(probe.trouble, SERVERS[_i].trouble) == 0, "%s: %s",
		name, probe.trouble);
	ck_assert_msg(strcmp(probe.tls_trouble, SERVERS[_i].tls_trouble) == 0,
		"%s: %s", name, probe.tls_trouble);
	ck_assert_msg(probe.is_ourselves == SERVERS[_i].is_ourselves &&
			probe.has_utf8 == SERVERS[_i].has_utf8,
		"%s", name);
	ck_assert_msg(probe.sender.code == SERVERS[_i].sender &&
			probe.to_known.code == SERVERS[_i].known &&
			probe.to_unknown[0].code == SERVERS[_i].unknown,
		"%s: %u %u %u", name, probe.sender.code, probe.to_known.code,
		probe.to_unknown[0].code);
	text_fini(&server.heard);
	close(server.listener);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

START_TEST(nobody_is_there)
{
	struct smtp_probe probe = { .place = { .path = "/no/such/socket" } };

	smtp_probe_run(&probe);
	ck_assert_str_eq(probe.trouble,
		"connect to /no/such/socket: No such file or directory");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(
		tcase, conversation_is_as_smtp_has_it, 0, COUNT(SERVERS));
	tcase_add_test(tcase, nobody_is_there);
	return unit_run(suite_create("smtp_probe"), tcase);
}
