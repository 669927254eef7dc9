/* Over a socket of this process; TCP and TLS are of tests/e2e. */
#include "doctor/smtp_wire.h"

#include "sink_text.h"
#include "unit_main.h"

#include <sys/socket.h>
#include <sys/un.h>

struct fixture {
	struct arena *arena;
	char *folder;
	const char *path;
	int listener;
};

static struct fixture fixture_make(void)
{
	struct fixture f = { .arena = arena_open() };
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	f.folder = test_folder(f.arena);
	f.path = arena_printf(f.arena, "%s/socket", f.folder);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", f.path);
	f.listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_ge(f.listener, 0);
	ck_assert_int_eq(bind(f.listener, (const struct sockaddr *)&address,
				 sizeof address),
		0);
	ck_assert_int_eq(listen(f.listener, 4), 0);
	return f;
}

static void fixture_end(struct fixture *f)
{
	close(f->listener);
	test_folder_remove(f->folder);
	arena_close(&f->arena);
}

START_TEST(replies_come_one_by_one)
{
	struct fixture f = fixture_make();
	struct err err = { 0 };
	struct smtp_reply reply;
	struct smtp_wire *wire =
		smtp_wire_open(&(struct smtp_place){ .path = f.path }, &err);
	char heard[64] = "";

	ck_assert_msg(wire != NULL, "%s", err.text);
	const int server = accept(f.listener, NULL, NULL);
	static const char says[] = "220 a\r\n250-b\r\n250 c\r\n999";

	ck_assert_int_eq(write(server, says, sizeof says - 1), sizeof says - 1);
	ck_assert(smtp_wire_read(wire, &reply, &err));
	ck_assert_str_eq(reply.text, "a\n");
	ck_assert(smtp_wire_read(wire, &reply, &err));
	ck_assert_str_eq(reply.text, "b\nc\n");
	ck_assert(smtp_wire_write(wire, "QUIT", &err));
	ck_assert_int_gt(read(server, heard, sizeof heard - 1), 0);
	ck_assert_str_eq(heard, "QUIT\r\n");
	close(server);
	ck_assert(!smtp_wire_read(wire, &reply, &err));
	ck_assert_str_eq(err.text, "it closed the connection");
	ck_assert(!smtp_wire_write(wire, "QUIT", &err));
	ck_assert_str_eq(err.text, "it closed the connection");
	smtp_wire_close(&wire);
	smtp_wire_close(&wire);
	fixture_end(&f);
}
END_TEST

START_TEST(broken_reply_is_told)
{
	struct fixture f = fixture_make();
	struct err err = { 0 };
	struct smtp_reply reply;
	struct smtp_wire *wire =
		smtp_wire_open(&(struct smtp_place){ .path = f.path }, &err);
	const int server = accept(f.listener, NULL, NULL);

	ck_assert_ptr_nonnull(wire);
	ck_assert_int_eq(write(server, "hello\r\n", 7), 7);
	ck_assert(!smtp_wire_read(wire, &reply, &err));
	ck_assert_str_eq(err.text, "\"hello\" is no SMTP reply");
	smtp_wire_close(&wire);
	close(server);
	fixture_end(&f);
}
END_TEST

START_TEST(long_command_is_not_sent)
{
	struct fixture f = fixture_make();
	struct err err = { 0 };
	struct smtp_wire *wire =
		smtp_wire_open(&(struct smtp_place){ .path = f.path }, &err);
	char line[2000];

	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	ck_assert(!smtp_wire_write(wire, line, &err));
	ck_assert_str_eq(err.text, "a command of more than 1024 octets");
	smtp_wire_close(&wire);
	fixture_end(&f);
}
END_TEST

START_TEST(socket_must_be_there)
{
	struct err err = { 0 };
	char path[200] = "/";

	ck_assert_ptr_null(smtp_wire_open(
		&(struct smtp_place){ .path = "/no/such/socket" }, &err));
	ck_assert_str_eq(err.text,
		"connect to /no/such/socket: No such file or directory");
	memset(path + 1, 'x', sizeof path - 2);
	ck_assert_ptr_null(
		smtp_wire_open(&(struct smtp_place){ .path = path }, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "xxx is longer than 107 bytes"));
}
END_TEST

START_TEST(cas_must_be_there)
{
	struct fixture f = fixture_make();
	struct err err = { 0 };
	const struct smtp_trust trust = { .is_verified = true,
		.ca_file = "/no/such/ca.pem",
		.ca_path = "",
		.name = "mail.company.example" };
	struct smtp_wire *wire =
		smtp_wire_open(&(struct smtp_place){ .path = f.path }, &err);

	ck_assert(!smtp_wire_start_tls(wire, &trust, &err));
	ck_assert_str_eq(err.text, "no CA could be read from /no/such/ca.pem");
	smtp_wire_close(&wire);
	fixture_end(&f);
}
END_TEST

START_TEST(handshake_may_end)
{
	struct fixture f = fixture_make();
	struct err err = { 0 };
	const struct smtp_trust trust = { .ca_file = "", .ca_path = "" };
	struct smtp_wire *wire =
		smtp_wire_open(&(struct smtp_place){ .path = f.path }, &err);
	const int server = accept(f.listener, NULL, NULL);

	ck_assert_int_eq(shutdown(server, SHUT_WR), 0);
	ck_assert(!smtp_wire_start_tls(wire, &trust, &err));
	ck_assert_str_eq(
		err.text, "it closed the connection in the TLS handshake");
	smtp_wire_close(&wire);
	close(server);
	fixture_end(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("smtp_wire");
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, replies_come_one_by_one);
	tcase_add_test(tcase, broken_reply_is_told);
	tcase_add_test(tcase, long_command_is_not_sent);
	tcase_add_test(tcase, socket_must_be_there);
	tcase_add_test(tcase, cas_must_be_there);
	tcase_add_test(tcase, handshake_may_end);
	return unit_run(suite, tcase);
}
