/* Calls that fail on a connection to a mail system, and a TLS that can not. */
#include "doctor/smtp_wire.h"

#include "sink_text.h"
#include "tests/unit/failing_calls.h"
#include "unit_main.h"

#include <netdb.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

FAILING_CALL(int, -1, socket, (int domain, int type, int protocol),
	(domain, type, protocol))
FAILING_CALL(int, -1, connect,
	(int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len))
FAILING_CALL(ssize_t, -1, recv, (int fd, void *buf, size_t n, int flags),
	(fd, buf, n, flags))
FAILING_CALL(ssize_t, -1, send, (int fd, const void *buf, size_t n, int flags),
	(fd, buf, n, flags))
FAILING_CALL(SSL_CTX *, NULL, SSL_CTX_new, (const SSL_METHOD *method), (method))
FAILING_CALL(SSL *, NULL, SSL_new, (SSL_CTX * ctx), (ctx))
FAILING_CALL(int, 0, SSL_set_fd, (SSL * tls, int fd), (tls, fd))
FAILING_CALL(int, 0, SSL_set1_host, (SSL * tls, const char *name), (tls, name))
FAILING_CALL(int, 0, SSL_add1_host, (SSL * tls, const char *name), (tls, name))

/* Of the call that follows the one that fails; 0 = none. */
static struct {
	int poll, getsockopt;
} next_error;

/* What a host's name leads to; NULL: what it really does. */
static struct addrinfo *addresses;
/* How long each connection was waited for, none of which came. */
static int waits_ms[4];
static size_t n_waits;

int getaddrinfo(const char *restrict host, const char *restrict port,
	const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
	int (*next)(const char *, const char *, const struct addrinfo *,
		struct addrinfo **);

	if (addresses != NULL) {
		*out = addresses;
		return 0;
	}
	*(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
	return next(host, port, hints, out);
}

void freeaddrinfo(struct addrinfo *list)
{
	void (*next)(struct addrinfo *);

	*(void **)&next = dlsym(RTLD_NEXT, "freeaddrinfo");
	if (list != addresses)
		next(list);
}

int poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	int (*next)(struct pollfd *, nfds_t, int);

	if (addresses != NULL) {
		ck_assert_uint_lt(n_waits, COUNT(waits_ms));
		waits_ms[n_waits++] = timeout;
		errno = EIO;
		return -1;
	}
	if (next_error.poll != 0) {
		errno = next_error.poll;
		next_error.poll = 0;
		return -1;
	}
	*(void **)&next = dlsym(RTLD_NEXT, "poll");
	return next(fds, nfds, timeout);
}

int getsockopt(int fd, int level, int name, void *restrict optval,
	socklen_t *restrict optlen)
{
	int (*next)(int, int, int, void *, socklen_t *);

	if (next_error.getsockopt != 0) {
		errno = next_error.getsockopt;
		return -1;
	}
	*(void **)&next = dlsym(RTLD_NEXT, "getsockopt");
	return next(fd, level, name, optval, optlen);
}

static struct arena *arena;
static char *folder;
static const char *path;
static int listener;

static void start_server(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	next_error.poll = next_error.getsockopt = 0;
	arena = arena_open();
	folder = test_folder(arena);
	path = arena_printf(arena, "%s/socket", folder);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(listener, (const struct sockaddr *)&address,
				 sizeof address),
		0);
	ck_assert_int_eq(listen(listener, 4), 0);
}

static void stop_server(void)
{
	close(listener);
	test_folder_remove(folder);
	arena_close(&arena);
}

static struct smtp_wire *open_wire(struct err *err)
{
	return smtp_wire_open(&(struct smtp_place){ .path = path }, err);
}

/* -- connecting */

static const struct {
	const char *call;
	int error, poll, getsockopt;
	const char *why; /* NULL: it is connected */
} dials[] = {
	{ "socket", EMFILE, 0, 0, "Too many open files" },
	{ "connect", ECONNREFUSED, 0, 0, "Connection refused" },
	{ "connect", ETIMEDOUT, 0, 0, "no answer in time" },
	{ "connect", EINPROGRESS, 0, 0, NULL },
	{ "connect", EINPROGRESS, EINTR, 0, NULL },
	{ "connect", EINPROGRESS, ENOMEM, 0, "Cannot allocate memory" },
	{ "connect", EINPROGRESS, 0, EIO, "Input/output error" },
};

START_TEST(connection_that_fails_is_told)
{
	struct err err = { 0 };

	failing_call_begin(dials[_i].call, 1, dials[_i].error);
	next_error.poll = dials[_i].poll;
	next_error.getsockopt = dials[_i].getsockopt;
	struct smtp_wire *wire = open_wire(&err);

	ck_assert(failing_call_end());
	ck_assert_int_eq(wire == NULL, dials[_i].why != NULL);
	if (dials[_i].why != NULL)
		ck_assert_str_eq(err.text,
			arena_printf(arena, "connect to %s: %s", path,
				dials[_i].why));
	smtp_wire_close(&wire);
}
END_TEST

/* A queue that is full answers nobody. */
static void fill(const struct sockaddr_in *to, int fds[3])
{
	for (size_t i = 0; i < 3; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(fds[i], (const struct sockaddr *)to, sizeof *to);
	}
}

/* So that one which nobody answers at takes not the time of all. */
START_TEST(each_address_has_its_share)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof to;
	const int full = socket(AF_INET, SOCK_STREAM, 0);
	int fds[3];
	struct addrinfo list[3] = { 0 };
	struct err err = { 0 };

	ck_assert_int_eq(bind(full, (const struct sockaddr *)&to, len), 0);
	ck_assert_int_eq(getsockname(full, (struct sockaddr *)&to, &len), 0);
	ck_assert_int_eq(listen(full, 0), 0);
	fill(&to, fds);
	for (size_t i = 0; i < COUNT(list); i++)
		list[i] = (struct addrinfo){ .ai_addr = (struct sockaddr *)&to,
			.ai_addrlen = sizeof to,
			.ai_next = i + 1 < COUNT(list) ? &list[i + 1] : NULL };
	n_waits = 0;
	addresses = list;
	ck_assert_ptr_null(smtp_wire_open(
		&(struct smtp_place){ .host = "several", .port = 25 }, &err));
	addresses = NULL;
	ck_assert_uint_eq(n_waits, 3);
	ck_assert_int_le(waits_ms[0], 3334);
	ck_assert_int_le(waits_ms[1], 5000);
	ck_assert_int_le(waits_ms[0], waits_ms[1]);
	ck_assert_int_le(waits_ms[1], waits_ms[2]);
	for (size_t i = 0; i < 3; i++)
		close(fds[i]);
	close(full);
}
END_TEST

static const struct {
	const char *name;
	struct smtp_place place;
	const char *begin;
} hosts[] = {
	{ "another family", { .host = "::1", .port = 1, .is_ipv4_alone = true },
		"look up ::1: " },
	{ "the other family",
		{ .host = "127.0.0.1", .port = 1, .is_ipv6_alone = true },
		"look up 127.0.0.1: " },
	{ "no socket", { .host = "127.0.0.1", .port = 1 },
		"connect to 127.0.0.1: Too many open files" },
};

START_TEST(host_that_fails_is_told)
{
	struct err err = { 0 };

	failing_call_begin("socket", 1, EMFILE);
	ck_assert_ptr_null(smtp_wire_open(&hosts[_i].place, &err));
	failing_call_end();
	ck_assert_msg(text_starts(err.text, hosts[_i].begin), "%s: %s",
		hosts[_i].name, err.text);
}
END_TEST

/* -- talking */

static const struct {
	const char *call;
	int error;
	const char *why; /* NULL: it goes on */
} talks[] = {
	{ "recv", EAGAIN, NULL },
	{ "recv", EINTR, NULL },
	{ "recv", EIO, "Input/output error" },
	{ "recv", ECONNRESET, "it closed the connection" },
	{ "send", EAGAIN, NULL },
	{ "send", EINTR, NULL },
	{ "send", EPIPE, "it closed the connection" },
};

START_TEST(call_that_fails_is_made_again_or_told)
{
	struct err err = { 0 };
	struct smtp_reply reply;
	struct smtp_wire *wire = open_wire(&err);
	const int server = accept(listener, NULL, NULL);

	ck_assert_int_eq(write(server, "250 a\r\n", 7), 7);
	failing_call_begin(talks[_i].call, 1, talks[_i].error);
	const bool is_done = smtp_wire_write(wire, "NOOP", &err) &&
		smtp_wire_read(wire, &reply, &err);

	ck_assert(failing_call_end());
	ck_assert_int_eq(is_done, talks[_i].why == NULL);
	if (!is_done)
		ck_assert_str_eq(err.text, talks[_i].why);
	smtp_wire_close(&wire);
	close(server);
}
END_TEST

/* -- TLS */

static const struct {
	const char *call, *why;
} begins[] = {
	{ "SSL_CTX_new", "OpenSSL has no TLS client" },
	{ "SSL_new", "OpenSSL can not begin" },
	{ "SSL_set_fd", "OpenSSL can not begin" },
	{ "SSL_set1_host", "OpenSSL can not begin" },
	{ "SSL_add1_host", "OpenSSL can not begin" },
};

START_TEST(tls_that_can_not_begin_is_told)
{
	const struct smtp_trust trust = { .is_verified = true,
		.has_default_cas = true,
		.ca_file = "",
		.ca_path = folder,
		.name = "company.example",
		.takes_subdomains = true };
	struct err err = { 0 };
	struct smtp_wire *wire = open_wire(&err);

	failing_call_begin(begins[_i].call, 1, 0);
	ck_assert(!smtp_wire_start_tls(wire, &trust, &err));
	ck_assert(failing_call_end());
	ck_assert_str_eq(err.text, begins[_i].why);
	smtp_wire_close(&wire);
}
END_TEST

START_TEST(server_that_goes_on_in_plain_text_is_told)
{
	const struct smtp_trust trust = { .ca_file = "", .ca_path = "" };
	struct err err = { 0 };
	struct smtp_wire *wire = open_wire(&err);
	const int server = accept(listener, NULL, NULL);

	ck_assert_int_eq(write(server, "220 go on\r\n", 11), 11);
	ck_assert(!smtp_wire_start_tls(wire, &trust, &err));
	ck_assert_msg(text_starts(err.text, "the TLS handshake failed: "), "%s",
		err.text);
	smtp_wire_close(&wire);
	close(server);
}
END_TEST

START_TEST(handshake_that_can_not_be_waited_for_is_told)
{
	const struct smtp_trust trust = { .ca_file = "", .ca_path = "" };
	struct err err = { 0 };
	struct smtp_wire *wire = open_wire(&err);

	next_error.poll = ENOMEM;
	ck_assert(!smtp_wire_start_tls(wire, &trust, &err));
	ck_assert_str_eq(
		err.text, "in the TLS handshake: Cannot allocate memory");
	smtp_wire_close(&wire);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_checked_fixture(tcase, start_server, stop_server);
	tcase_add_loop_test(
		tcase, connection_that_fails_is_told, 0, COUNT(dials));
	tcase_add_test(tcase, each_address_has_its_share);
	tcase_add_loop_test(tcase, host_that_fails_is_told, 0, COUNT(hosts));
	tcase_add_loop_test(
		tcase, call_that_fails_is_made_again_or_told, 0, COUNT(talks));
	tcase_add_loop_test(
		tcase, tls_that_can_not_begin_is_told, 0, COUNT(begins));
	tcase_add_test(tcase, server_that_goes_on_in_plain_text_is_told);
	tcase_add_test(tcase, handshake_that_can_not_be_waited_for_is_told);
	return unit_run(suite_create("smtp_wire_failing"), tcase);
}
