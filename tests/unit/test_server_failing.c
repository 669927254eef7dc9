/*
 * A loop that can not be set up is told and left as if it had never been;
 * a peer that takes little, or is interrupted, gets all of its answers.
 */
#include "policyd/server.h"

#include "policyd/http.h"
#include "policyd/journal.h"
#include "policyd/keeper.h"
#include "policyd/listener.h"
#include "policyd/metrics.h"
#include "tests/unit/failing_event_calls.h"
#include "tests/unit/unit_main.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

FAILING_CALL(int, -1, accept4,
	(int fd, struct sockaddr *restrict addr, socklen_t *restrict addr_len,
		int flags),
	(fd, addr, addr_len, flags))
FAILING_CALL(ssize_t, -1, recv, (int fd, void *buf, size_t n, int flags),
	(fd, buf, n, flags))
FAILING_CALL(ssize_t, -1, read, (int fd, void *buf, size_t nbytes),
	(fd, buf, nbytes))
FAILING_CALL(
	ssize_t, -1, write, (int fd, const void *buf, size_t n), (fd, buf, n))

static struct {
	size_t taken_max; /* bytes that a send() takes; 0 = all */
	unsigned full_at; /* that send() finds no room, once; 0 = none */
} fake;

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	ssize_t (*next)(int, const void *, size_t, int);

	if (failing_call_is_due("send"))
		return -1;
	if (fake.full_at > 0 && --fake.full_at == 0) {
		errno = EAGAIN;
		return -1;
	}
	*(void **)&next = dlsym(RTLD_NEXT, "send");
	if (fake.taken_max != 0 && n > fake.taken_max)
		n = fake.taken_max;
	return next(fd, buf, n, flags);
}

static int log_ends[2];
static struct server_parts parts;

static void make_parts(void)
{
	fake.taken_max = 0;
	fake.full_at = 0;
	ck_assert_int_eq(pipe(log_ends), 0);
	parts.journal = journal_open_stream(log_ends[1]);
	parts.metrics = metrics_open();
	parts.keeper =
		keeper_open("/nonexistent", parts.journal, parts.metrics);
	parts.takes_files = true;
}

static void close_parts(void)
{
	keeper_close(&parts.keeper);
	metrics_close(&parts.metrics);
	journal_close(&parts.journal);
	close(log_ends[0]);
	close(log_ends[1]);
}

static void listen_on_nothing(struct listener *listener)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	listener->fds[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	listener->count = 1;
	ck_assert_int_eq(bind(listener->fds[0], (struct sockaddr *)&address,
				 sizeof address.sun_family),
		0);
	ck_assert_int_eq(listen(listener->fds[0], 8), 0);
}

/* -- set up */

/* With a listener of each kind. */
static bool set_up(struct server **server, struct err *err)
{
	struct listener asked, watched;

	listen_on_nothing(&asked);
	listen_on_nothing(&watched);
	*server = server_open(&parts, err);
	const bool is_up = *server != NULL &&
		server_listen(*server, &asked, err) &&
		server_tell(*server, &watched, err);

	server_close(server);
	listener_close(&asked);
	listener_close(&watched);
	return is_up;
}

static const struct {
	const char *name;
	unsigned times_least;
} set_up_calls[] = {
	{ "event_config_new", 1 },
	{ "event_base_new_with_config", 1 },
	{ "event_new", 5 + 1 + 2 + HTTP_CONNECTIONS_MAX },
	{ "event_add", 4 + 1 + 1 },
	{ "evhttp_new", 1 },
	{ "evconnlistener_new", 1 },
	{ "evhttp_bind_listener", 1 },
};

START_TEST(what_can_not_be_set_up_is_told)
{
	struct server *server;
	unsigned n = 0;

	for (;;) {
		struct err err = { 0 };

		failing_call_begin(set_up_calls[_i].name, ++n, ENOMEM);
		const bool is_up = set_up(&server, &err);

		if (!failing_call_end())
			break;
		/* Those after ours are libevent's own. */
		ck_assert_msg(!is_up || n > set_up_calls[_i].times_least,
			"%s %u", set_up_calls[_i].name, n);
		ck_assert(is_up ||
			strncmp(err.text, "libevent can not ", 17) == 0);
	}
	ck_assert_uint_gt(n, set_up_calls[_i].times_least);
}
END_TEST

START_TEST(nothing_is_closed_twice)
{
	struct server *server = NULL;
	struct http *http = NULL;

	server_close(&server);
	http_close(&http);
}
END_TEST

static const struct {
	const char *name;
	rlim_t files;
} limits[] = {
	{ "next to none", 16 },
	{ "few", 44 },
	{ "some", 200 },
};

/* However many descriptors there may be, somebody is served. */
START_TEST(each_limit_leaves_room)
{
	struct rlimit limit;
	struct server *server;
	struct err err = { 0 };

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limits[_i].files;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_msg(set_up(&server, &err), "%s", limits[_i].name);
}
END_TEST

/* -- one conversation */

#define FIRST "request=smtpd_access_policy\n"
#define RCPT FIRST "protocol_state=RCPT\nrecipient=a@b\n\n"
#define DUNNO "action=DUNNO\n\n"

static const struct {
	const char *name;
	unsigned n;
	const char *sentence;
} converse_calls[] = {
	{ "evutil_make_socket_nonblocking", 1,
		"stdin and stdout: Input/output error" },
	{ "evutil_make_socket_nonblocking", 2,
		"stdin and stdout: Input/output error" },
	{ "event_new", 1, "libevent can not watch stdin" },
	{ "event_assign", 1, "libevent can not watch stdin" },
	{ "event_add", 1, "libevent can not watch stdin" },
};

START_TEST(conversation_that_can_not_begin_is_told)
{
	struct server *server = server_open(&parts, NULL);
	struct err err = { 0 };
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	failing_call_begin(converse_calls[_i].name, converse_calls[_i].n, EIO);
	ck_assert(!server_converse(server, ends[0], ends[0], &err));
	ck_assert(failing_call_end());
	ck_assert_str_eq(err.text, converse_calls[_i].sentence);
	server_close(&server);
	close(ends[1]);
}
END_TEST

START_TEST(loop_that_can_not_run_is_told)
{
	struct server *server = server_open(&parts, NULL);
	struct err err = { 0 };

	failing_call_begin("event_base_dispatch", 1, EIO);
	ck_assert(!server_run(server, &err));
	ck_assert(failing_call_end());
	ck_assert_str_eq(err.text, "the event loop failed");
	server_close(&server);
}
END_TEST

static void ask(int peer)
{
	ck_assert_int_eq(write(peer, RCPT, strlen(RCPT)), strlen(RCPT));
	shutdown(peer, SHUT_WR);
}

static void expect_answer(int peer, const char *wanted)
{
	char said[64] = "";
	size_t len = 0;
	ssize_t n;

	while ((n = read(peer, said + len, sizeof said - 1 - len)) > 0)
		len += (size_t)n;
	ck_assert_str_eq(said, wanted);
}

static const struct {
	const char *name;
	unsigned n;
	int error;
	size_t taken_max;
	const char *answer;
} turns[] = {
	{ "none", 1, 0, 3, DUNNO },
	{ "recv", 1, EINTR, 0, DUNNO },
	{ "recv", 1, EAGAIN, 0, DUNNO },
	{ "recv", 1, ECONNRESET, 0, "" },
	{ "send", 1, EINTR, 0, DUNNO },
	{ "send", 1, EAGAIN, 0, DUNNO },
	{ "send", 2, EAGAIN, 3, DUNNO },
	{ "send", 1, EPIPE, 0, "" },
	{ "send", 2, EPIPE, 3, "act" },
};

START_TEST(socket_that_takes_its_time_is_answered)
{
	struct server *server = server_open(&parts, NULL);
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	ck_assert(server_converse(server, ends[0], ends[0], NULL));
	ask(ends[1]);
	fake.taken_max = turns[_i].taken_max;
	failing_call_begin(turns[_i].name, turns[_i].n, turns[_i].error);
	ck_assert(server_run(server, NULL));
	failing_call_end();
	expect_answer(ends[1], turns[_i].answer);
	server_close(&server);
	close(ends[1]);
}
END_TEST

/* The rest waits, but not for long. */
static const struct {
	const char *name;
	unsigned n;
} waits[] = {
	{ "send", 3 },
	{ "event_assign", 1 },
};

START_TEST(rest_that_can_not_be_sent_ends_it)
{
	struct server *server = server_open(&parts, NULL);
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	ck_assert(server_converse(server, ends[0], ends[0], NULL));
	ask(ends[1]);
	fake.taken_max = 3;
	fake.full_at = 2;
	failing_call_begin(waits[_i].name, waits[_i].n, EPIPE);
	ck_assert(server_run(server, NULL));
	ck_assert(failing_call_end());
	expect_answer(ends[1], "act");
	server_close(&server);
	close(ends[1]);
}
END_TEST

/* A peer that has no room at SIGTERM is waited for. */
START_TEST(what_waits_is_sent_at_SIGTERM)
{
	struct server *server = server_open(&parts, NULL);
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	ck_assert(server_converse(server, ends[0], ends[0], NULL));
	ck_assert_int_eq(write(ends[1], RCPT, strlen(RCPT)), strlen(RCPT));
	fake.full_at = 1;
	raise(SIGTERM);
	raise(SIGINT);
	ck_assert(server_run(server, NULL));
	server_close(&server);
	expect_answer(ends[1], DUNNO);
	close(ends[1]);
}
END_TEST

static const int pipe_errors[] = { EINTR, EAGAIN, EPIPE };

/* Two descriptors, as a regular file and a pipe have it. */
START_TEST(pipes_are_answered)
{
	struct server *server = server_open(&parts, NULL);
	const bool is_gone = pipe_errors[_i] == EPIPE;
	int in[2], out[2];

	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	ck_assert_int_eq(write(in[1], RCPT, strlen(RCPT)), strlen(RCPT));
	close(in[1]);
	ck_assert(server_converse(server, in[0], out[1], NULL));
	failing_call_begin("write", 1, pipe_errors[_i]);
	ck_assert(server_run(server, NULL));
	ck_assert(failing_call_end());
	server_close(&server);
	expect_answer(out[0], is_gone ? "" : DUNNO);
	close(out[0]);
}
END_TEST

/* -- accepting */

static const int accept_errors[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM,
	ECONNABORTED };

/* At the next look, or at once; whoever was answered ends the loop. */
START_TEST(who_can_not_be_accepted_is_a_moment_later)
{
	struct server *server = server_open(&parts, NULL);
	struct listener listener;
	struct sockaddr_un address;
	socklen_t size = sizeof address;

	listen_on_nothing(&listener);
	ck_assert(server_listen(server, &listener, NULL));
	getsockname(listener.fds[0], (struct sockaddr *)&address, &size);
	const int peer = socket(AF_UNIX, SOCK_STREAM, 0);

	ck_assert_int_eq(connect(peer, (struct sockaddr *)&address, size), 0);
	ask(peer);
	const pid_t waiting = fork();

	ck_assert_int_ge(waiting, 0);
	if (waiting == 0) {
		expect_answer(peer, DUNNO);
		kill(getppid(), SIGTERM);
		_exit(0);
	}
	failing_call_begin("accept4", 1, accept_errors[_i]);
	ck_assert(server_run(server, NULL));
	ck_assert(failing_call_end());
	server_close(&server);
	listener_close(&listener);
	close(peer);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	signal(SIGPIPE, SIG_IGN);
	tcase_add_checked_fixture(tcase, make_parts, close_parts);
	tcase_add_loop_test(
		tcase, what_can_not_be_set_up_is_told, 0, COUNT(set_up_calls));
	tcase_add_test(tcase, nothing_is_closed_twice);
	tcase_add_loop_test(tcase, each_limit_leaves_room, 0, COUNT(limits));
	tcase_add_loop_test(tcase, conversation_that_can_not_begin_is_told, 0,
		COUNT(converse_calls));
	tcase_add_test(tcase, loop_that_can_not_run_is_told);
	tcase_add_loop_test(
		tcase, socket_that_takes_its_time_is_answered, 0, COUNT(turns));
	tcase_add_loop_test(
		tcase, rest_that_can_not_be_sent_ends_it, 0, COUNT(waits));
	tcase_add_test(tcase, what_waits_is_sent_at_SIGTERM);
	tcase_add_loop_test(tcase, pipes_are_answered, 0, COUNT(pipe_errors));
	tcase_add_loop_test(tcase, who_can_not_be_accepted_is_a_moment_later, 0,
		COUNT(accept_errors));
	return unit_run(suite_create("server_failing"), tcase);
}
