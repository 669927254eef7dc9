/*
 * Answers that come late or in pieces, below TLS.  libldap is given one end of
 * a pair of sockets; what is said at the other end stands there before it
 * looks, or comes while it waits.
 */
#include "directory/ldap_deadline.h"

#include "base/clock.h"
#include "tests/unit/failing_calls.h"
#include "unit_main.h"

#include <check.h>
#include <openldap.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* The answer to an anonymous bind, message 1. */
static const char ANSWER[] = "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00"
			     "\x04\x00";
enum { ANSWER_LEN = sizeof ANSWER - 1, HALF = 5 };

static LDAP *ld;
static struct ldap_deadline deadline;
static int server;

/* Where the layer waits: what then is said, and whether a signal comes. */
static struct {
	size_t rest_at; /* of the answer; 0 = nothing is to come */
	int error;
	unsigned n_asked;
} waiting;

FAILING_CALL(ssize_t, -1, write, (int fd, const void *bytes, size_t len),
	(fd, bytes, len))
FAILING_CALL(ssize_t, -1, read, (int fd, void *out, size_t len), (fd, out, len))

/* libldap's own asks for whatever may come; the layer for one. */
int poll(struct pollfd *fds, nfds_t count, int wait_ms)
{
	int (*next)(struct pollfd *, nfds_t, int);

	*(void **)&next = dlsym(RTLD_NEXT, "poll");
	if (count != 1 || deadline.at_ms == 0 ||
		(fds->events != POLLIN && fds->events != POLLOUT))
		return next(fds, count, wait_ms);
	waiting.n_asked++;
	if (waiting.rest_at > 0) {
		ck_assert_int_eq(send(server, ANSWER + waiting.rest_at,
					 ANSWER_LEN - waiting.rest_at, 0),
			(int)(ANSWER_LEN - waiting.rest_at));
		waiting.rest_at = 0;
	}
	if (waiting.error == 0)
		return next(fds, count, wait_ms);
	errno = waiting.error;
	waiting.error = 0;
	return -1;
}

static void connect_both(void)
{
	int ends[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	server = ends[1];
	deadline = (struct ldap_deadline){ 0 };
	waiting.rest_at = waiting.error = waiting.n_asked = 0;
	ck_assert_int_eq(
		ldap_init_fd(ends[0], LDAP_PROTO_IPC, "ldapi:///", &ld),
		LDAP_SUCCESS);
	ck_assert(ldap_deadline_init(&deadline, ld));
}

static void hang_up(void)
{
	ldap_unbind_ext(ld, NULL, NULL);
	close(server);
}

/* What libldap makes of it: the kind of a message, 0 = none yet, -1. */
static int bind_and_ask(void)
{
	char empty[] = "";
	struct berval credentials = { 0, empty };
	struct timeval none = { 0, 0 };
	LDAPMessage *message = NULL;
	int msgid;

	if (ldap_sasl_bind(ld, "", LDAP_SASL_SIMPLE, &credentials, NULL, NULL,
		    &msgid) != LDAP_SUCCESS)
		return -1;
	const int type = ldap_result(ld, msgid, LDAP_MSG_ALL, &none, &message);

	ldap_msgfree(message);
	return type;
}

static void say(size_t len)
{
	ck_assert_int_eq(send(server, ANSWER, len, 0), (int)len);
}

START_TEST(whole_answer_needs_no_waiting)
{
	deadline.at_ms = clock_now_ms() + 60000;
	say(ANSWER_LEN);
	ck_assert_int_eq(bind_and_ask(), LDAP_RES_BIND);
	ck_assert(!deadline.is_missed);
}
END_TEST

START_TEST(without_a_deadline_nothing_waits)
{
	say(HALF);
	ck_assert_int_eq(bind_and_ask(), 0);
	ck_assert_uint_eq(waiting.n_asked, 0);
	ck_assert(!deadline.is_missed);
}
END_TEST

START_TEST(rest_of_an_answer_is_waited_for)
{
	deadline.at_ms = clock_now_ms() + 60000;
	waiting.rest_at = HALF;
	say(HALF);
	ck_assert_int_eq(bind_and_ask(), LDAP_RES_BIND);
	ck_assert_uint_eq(waiting.n_asked, 1);
	ck_assert(!deadline.is_missed);
}
END_TEST

START_TEST(signal_does_not_end_the_waiting)
{
	deadline.at_ms = clock_now_ms() + 60000;
	waiting.rest_at = HALF;
	waiting.error = EINTR;
	say(HALF);
	ck_assert_int_eq(bind_and_ask(), LDAP_RES_BIND);
	ck_assert(!deadline.is_missed);
}
END_TEST

START_TEST(wait_that_fails_is_no_missed_deadline)
{
	deadline.at_ms = clock_now_ms() + 60000;
	waiting.error = ENOMEM;
	say(HALF);
	ck_assert_int_le(bind_and_ask(), 0);
	ck_assert_uint_eq(waiting.n_asked, 1);
	ck_assert(!deadline.is_missed);
}
END_TEST

START_TEST(half_an_answer_is_left_at_the_deadline)
{
	deadline.at_ms = clock_now_ms() - 1;
	say(HALF);
	ck_assert_int_le(bind_and_ask(), 0);
	ck_assert(deadline.is_missed);
	ck_assert_uint_eq(waiting.n_asked, 0);
}
END_TEST

START_TEST(server_that_hangs_up_is_not_waited_for)
{
	deadline.at_ms = clock_now_ms() + 60000;
	say(HALF);
	shutdown(server, SHUT_WR);
	ck_assert_int_lt(bind_and_ask(), 0);
	ck_assert(!deadline.is_missed);
}
END_TEST

START_TEST(lost_connection_is_not_waited_for)
{
	deadline.at_ms = clock_now_ms() + 60000;
	failing_call_begin("read", 1, ECONNRESET);
	say(ANSWER_LEN);
	ck_assert_int_lt(bind_and_ask(), 0);
	ck_assert(failing_call_end());
	ck_assert_uint_eq(waiting.n_asked, 0);
	ck_assert(!deadline.is_missed);
}
END_TEST

START_TEST(full_socket_is_waited_for)
{
	deadline.at_ms = clock_now_ms() + 60000;
	failing_call_begin("write", 1, EAGAIN);
	say(ANSWER_LEN);
	ck_assert_int_eq(bind_and_ask(), LDAP_RES_BIND);
	ck_assert(failing_call_end());
	ck_assert_uint_eq(waiting.n_asked, 1);
}
END_TEST

START_TEST(full_socket_is_left_at_the_deadline)
{
	deadline.at_ms = clock_now_ms() - 1;
	failing_call_begin("write", 1, EAGAIN);
	(void)bind_and_ask();
	ck_assert(failing_call_end());
	ck_assert(deadline.is_missed);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("ldap_deadline");

	tcase_add_checked_fixture(tcase, connect_both, hang_up);
	tcase_add_test(tcase, whole_answer_needs_no_waiting);
	tcase_add_test(tcase, without_a_deadline_nothing_waits);
	tcase_add_test(tcase, rest_of_an_answer_is_waited_for);
	tcase_add_test(tcase, signal_does_not_end_the_waiting);
	tcase_add_test(tcase, wait_that_fails_is_no_missed_deadline);
	tcase_add_test(tcase, half_an_answer_is_left_at_the_deadline);
	tcase_add_test(tcase, server_that_hangs_up_is_not_waited_for);
	tcase_add_test(tcase, lost_connection_is_not_waited_for);
	tcase_add_test(tcase, full_socket_is_waited_for);
	tcase_add_test(tcase, full_socket_is_left_at_the_deadline);
	return unit_run(suite_create("ldap_deadline"), tcase);
}
