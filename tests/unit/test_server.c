/*
 * The loop over a socket pair, without a generation: all is DUNNO, every
 * conversation is answered to its end, and a signal ends the loop in order.
 */
#include "policyd/server.h"

#include "base/text.h"
#include "policyd/journal.h"
#include "policyd/keeper.h"
#include "policyd/listener.h"
#include "policyd/repeats.h"
#include "tests/unit/unit_main.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define FIRST "request=smtpd_access_policy\n"
#define RCPT FIRST "protocol_state=RCPT\nrecipient=a@b\n\n"
#define DUNNO "action=DUNNO\n\n"

/* Of the clock that nobody sets; libevent, too, waits by it. */
static time_t clock_ahead_s;

int clock_gettime(clockid_t clock, struct timespec *out)
{
	const long result = syscall(SYS_clock_gettime, clock, out);

	if (clock != CLOCK_REALTIME)
		out->tv_sec += clock_ahead_s;
	return (int)result;
}

/* Who asks, and wants no more, while the state folder is looked into. */
static int asking = -1;
/* Who has asked before, and wants no more either; what he has heard by then. */
static int hearing = -1;
static ssize_t heard;
static unsigned n_links;

/* Of what is not there, which takes its time. */
ssize_t readlink(const char *restrict path, char *restrict out, size_t size)
{
	(void)path;
	if (size > 0)
		*out = '\0';
	n_links++;
	if (asking >= 0) {
		clock_ahead_s += 4;
		ck_assert_int_gt(write(asking, RCPT, sizeof RCPT - 1), 0);
		shutdown(asking, SHUT_WR);
		asking = -1;
	}
	if (hearing >= 0) {
		char bytes[sizeof DUNNO];

		heard = recv(
			hearing, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
		shutdown(hearing, SHUT_WR);
		hearing = -1;
	}
	errno = ENOENT;
	return -1;
}

struct setting {
	int log[2]; /* a pipe */
	struct server_parts parts;
	struct server *server;
	int peer;
};

static void set_up(struct setting *s)
{
	struct err err = { 0 };

	*s = (struct setting){ .peer = -1 };
	ck_assert_int_eq(pipe2(s->log, O_NONBLOCK), 0);
	s->parts.journal = journal_open_stream(s->log[1]);
	s->parts.keeper = keeper_open("/nonexistent", s->parts.journal, NULL);
	s->parts.takes_files = true;
	s->server = server_open(&s->parts, &err);
	ck_assert_msg(s->server != NULL, "%s", err.text);
}

static void converse(struct setting *s, const char *request)
{
	int ends[2];
	struct err err = { 0 };

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	s->peer = ends[1];
	ck_assert_int_eq(write(s->peer, request, strlen(request)),
		(ssize_t)strlen(request));
	ck_assert_msg(server_converse(s->server, ends[0], ends[0], &err), "%s",
		err.text);
}

static void tear_down(struct setting *s)
{
	server_close(&s->server);
	ck_assert_ptr_null(s->server);
	keeper_close(&s->parts.keeper);
	journal_close(&s->parts.journal);
	close(s->log[0]);
	close(s->log[1]);
	if (s->peer >= 0)
		close(s->peer);
}

static void read_all(int fd, struct text *out)
{
	char bytes[4096];
	ssize_t n;

	text_init(out);
	text_adds(out, "");
	while ((n = read(fd, bytes, sizeof bytes)) > 0)
		text_add(out, bytes, (size_t)n);
}

static void expect(int fd, const char *wanted)
{
	struct text out;

	read_all(fd, &out);
	ck_assert_str_eq(out.data, wanted);
	text_fini(&out);
}

START_TEST(a_conversation_is_answered_to_its_end)
{
	struct setting s;

	set_up(&s);
	converse(&s, RCPT RCPT FIRST "\n");
	shutdown(s.peer, SHUT_WR);
	ck_assert(server_run(s.server, NULL));
	expect(s.peer, DUNNO DUNNO DUNNO);
	tear_down(&s);
}
END_TEST

START_TEST(a_peer_of_another_protocol_is_hung_up_on)
{
	struct setting s;
	struct text log;

	set_up(&s);
	converse(&s, RCPT "HELO there\n");
	ck_assert(server_run(s.server, NULL));
	expect(s.peer, DUNNO);
	read_all(s.log[0], &log);
	ck_assert_ptr_nonnull(strstr(log.data,
		"a peer that does not speak the policy protocol is hung up "
		"on: a line of a request is not \"name=value\"\n"));
	text_fini(&log);
	tear_down(&s);
}
END_TEST

/* Until one is there: the server, another process, writes when it likes. */
static void read_line(int fd, struct text *out)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	ck_assert_int_eq(poll(&poller, 1, -1), 1);
	read_all(fd, out);
}

START_TEST(more_peers_of_another_protocol_are_counted)
{
	static const char counted[] =
		"2 more peers that do not speak the policy protocol were hung "
		"up on\n";
	static const char *const said[] = { "is hung up on: ", "", "" };
	struct setting s;
	struct text log;

	set_up(&s);
	for (int i = 0; i < 3; i++) {
		converse(&s, "HELO there\n");
		ck_assert(server_run(s.server, NULL));
		close(s.peer);
		read_all(s.log[0], &log);
		ck_assert_ptr_nonnull(strstr(log.data, said[i]));
		ck_assert_int_eq(log.len == 0, said[i][0] == '\0');
		text_fini(&log);
	}
	clock_ahead_s = REPEATS_PAUSE_S;
	converse(&s, "");
	const pid_t child = fork();

	if (child == 0) {
		server_run(s.server, NULL);
		_exit(0);
	}
	read_line(s.log[0], &log);
	ck_assert_ptr_nonnull(strstr(log.data, counted));
	text_fini(&log);
	kill(child, SIGTERM);
	tear_down(&s);
}
END_TEST

START_TEST(what_was_counted_is_told_at_the_end)
{
	struct setting s;
	struct text log;

	set_up(&s);
	for (int i = 0; i < 3; i++) {
		converse(&s, "HELO there\n");
		ck_assert(server_run(s.server, NULL));
		close(s.peer);
	}
	s.peer = -1;
	read_all(s.log[0], &log);
	text_fini(&log);
	server_close(&s.server);
	read_all(s.log[0], &log);
	ck_assert_ptr_nonnull(strstr(log.data,
		"2 more peers that do not speak the policy protocol were hung "
		"up on\n"));
	text_fini(&log);
	tear_down(&s);
}
END_TEST

START_TEST(a_missing_generation_is_said_once)
{
	static const char words[] = "no generation to judge by, every answer "
				    "is DUNNO and the maps alone decide: ";
	struct setting s;
	struct text log;

	set_up(&s);
	keeper_look(s.parts.keeper);
	keeper_look(s.parts.keeper);
	read_all(s.log[0], &log);
	const char *first = strstr(log.data, words);

	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_null(strstr(first + 1, words));
	text_fini(&log);
	tear_down(&s);
}
END_TEST

/* Or each answer would be one look apart from the next. */
START_TEST(a_slow_folder_leaves_time_for_answers)
{
	struct setting s;

	set_up(&s);
	n_links = 0;
	keeper_look(s.parts.keeper);
	const unsigned links_of_a_look = n_links;

	converse(&s, RCPT);
	n_links = 0;
	asking = s.peer;
	ck_assert(server_run(s.server, NULL));
	ck_assert_uint_gt(links_of_a_look, 0);
	ck_assert_uint_eq(n_links, links_of_a_look);
	expect(s.peer, DUNNO DUNNO);
	tear_down(&s);
}
END_TEST

/* Both are due in one pass of the loop: the look may take its time. */
START_TEST(what_was_taken_is_answered_before_a_look)
{
	struct setting s;

	set_up(&s);
	converse(&s, RCPT);
	clock_ahead_s += 4;
	hearing = s.peer;
	ck_assert(server_run(s.server, NULL));
	ck_assert_int_eq(heard, sizeof DUNNO - 1);
	expect(s.peer, DUNNO);
	tear_down(&s);
}
END_TEST

/* Reading and writing have to take turns on both sides. */
START_TEST(more_than_a_socket_holds_is_answered)
{
	enum { COUNT = 40000 };
	struct setting s;
	int ends[2];
	struct text out;

	set_up(&s);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	const pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		close(ends[1]);
		server_converse(s.server, ends[0], ends[0], NULL);
		_exit(server_run(s.server, NULL) ? 0 : 1);
	}
	close(ends[0]);
	const pid_t writer = fork();

	if (writer == 0) {
		for (int i = 0; i < COUNT; i++) {
			if (write(ends[1], FIRST "\n", strlen(FIRST) + 1) < 0)
				_exit(1);
		}
		shutdown(ends[1], SHUT_WR);
		_exit(0);
	}
	read_all(ends[1], &out);
	ck_assert_uint_eq(out.len, COUNT * strlen(DUNNO));
	text_fini(&out);
	close(ends[1]);
	tear_down(&s);
}
END_TEST

START_TEST(what_is_in_hand_is_answered_at_SIGTERM)
{
	struct setting s;

	set_up(&s);
	converse(&s, RCPT RCPT);
	raise(SIGTERM);
	ck_assert(server_run(s.server, NULL));
	shutdown(s.peer, SHUT_WR);
	expect(s.peer, DUNNO DUNNO);
	tear_down(&s);
}
END_TEST

/* All are ready in the same pass of the loop, the signal as the last. */
START_TEST(several_in_hand_are_answered_at_SIGTERM)
{
	enum { PEERS = 20 };
	struct setting s;
	int peers[PEERS];

	set_up(&s);
	for (int i = 0; i < PEERS; i++) {
		converse(&s, i % 2 == 0 ? RCPT : RCPT RCPT FIRST);
		peers[i] = s.peer;
	}
	raise(SIGTERM);
	for (int i = 1; i < PEERS; i += 2)
		ck_assert_int_eq(write(peers[i], "\n", 1), 1);
	ck_assert(server_run(s.server, NULL));
	s.peer = -1;
	for (int i = 0; i < PEERS; i++) {
		expect(peers[i], i % 2 == 0 ? DUNNO : DUNNO DUNNO DUNNO);
		close(peers[i]);
	}
	tear_down(&s);
}
END_TEST

/* Two are heard before it is seen that they left. */
START_TEST(who_leaves_before_the_answer_disturbs_nobody)
{
	struct setting s;
	int peers[3];

	set_up(&s);
	for (int i = 0; i < 3; i++) {
		converse(&s, RCPT);
		peers[i] = s.peer;
	}
	close(peers[0]);
	close(peers[1]);
	shutdown(peers[2], SHUT_WR);
	signal(SIGPIPE, SIG_IGN);
	ck_assert(server_run(s.server, NULL));
	expect(peers[2], DUNNO);
	tear_down(&s);
}
END_TEST

/* It is not read at once, and each read ends where a request does. */
START_TEST(more_than_a_read_takes_is_answered_at_SIGTERM)
{
	enum { COUNT = 2048 }; /* of 32 bytes */
	struct setting s;
	struct text in, out;

	set_up(&s);
	text_init(&in);
	for (int i = 0; i < COUNT; i++)
		text_adds(&in, FIRST "a=\n\n");
	converse(&s, in.data);
	raise(SIGTERM);
	ck_assert(server_run(s.server, NULL));
	shutdown(s.peer, SHUT_WR);
	read_all(s.peer, &out);
	ck_assert_uint_eq(out.len, COUNT * strlen(DUNNO));
	text_fini(&in);
	text_fini(&out);
	tear_down(&s);
}
END_TEST

START_TEST(an_idle_server_ends_at_SIGINT)
{
	struct setting s;

	set_up(&s);
	raise(SIGHUP); /* no end, only a look */
	raise(SIGINT);
	ck_assert(server_run(s.server, NULL));
	tear_down(&s);
}
END_TEST

START_TEST(a_client_of_a_listener_is_answered)
{
	struct setting s;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size = sizeof address.sun_family;
	struct listener listener = { .count = 1 };

	/* An address that the system picks, without a file. */
	set_up(&s);
	listener.fds[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(
		bind(listener.fds[0], (struct sockaddr *)&address, size), 0);
	size = sizeof address;
	getsockname(listener.fds[0], (struct sockaddr *)&address, &size);
	ck_assert_int_eq(listen(listener.fds[0], 1), 0);
	ck_assert(server_listen(s.server, &listener, NULL));
	const pid_t child = fork();

	if (child == 0) {
		server_run(s.server, NULL);
		_exit(0);
	}
	s.peer = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(s.peer, (struct sockaddr *)&address, size), 0);
	ck_assert_int_gt(write(s.peer, RCPT, strlen(RCPT)), 0);
	shutdown(s.peer, SHUT_WR);
	expect(s.peer, DUNNO);
	kill(child, SIGTERM);
	listener_close(&listener);
	tear_down(&s);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_test(tcase, a_conversation_is_answered_to_its_end);
	tcase_add_test(tcase, a_peer_of_another_protocol_is_hung_up_on);
	tcase_add_test(tcase, more_peers_of_another_protocol_are_counted);
	tcase_add_test(tcase, what_was_counted_is_told_at_the_end);
	tcase_add_test(tcase, a_missing_generation_is_said_once);
	tcase_add_test(tcase, a_slow_folder_leaves_time_for_answers);
	tcase_add_test(tcase, what_was_taken_is_answered_before_a_look);
	tcase_add_test(tcase, more_than_a_socket_holds_is_answered);
	tcase_add_test(tcase, what_is_in_hand_is_answered_at_SIGTERM);
	tcase_add_test(tcase, several_in_hand_are_answered_at_SIGTERM);
	tcase_add_test(tcase, who_leaves_before_the_answer_disturbs_nobody);
	tcase_add_test(tcase, more_than_a_read_takes_is_answered_at_SIGTERM);
	tcase_add_test(tcase, an_idle_server_ends_at_SIGINT);
	tcase_add_test(tcase, a_client_of_a_listener_is_answered);
	return unit_run(suite_create("server"), tcase);
}
