/*
 * Answers that come late or in pieces, below TLS.  libldap is given one end of
 * a pair of sockets; what is said at the other end stands there before it
 * looks, or comes while it waits.
 */
#include "directory/ldap_deadline.h"

#include "base/clock.h"
#include "tests/unit/failing_calls.h"
#include "unit_main.h"

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

enum { NO_DEADLINE, AHEAD, PASSED };

static const struct answer_case {
	const char *name;
	int deadline;
	size_t said; /* before it looks */
	const char *failing; /* its first call */
	int error;
	size_t rest_at; /* see waiting */
	int wait_error;
	bool hangs_up;
	int type; /* see bind_and_ask() */
	unsigned n_asked;
	bool is_missed;
} ANSWERS[] = {
	{ "a whole answer needs no waiting", AHEAD, ANSWER_LEN,
		.type = LDAP_RES_BIND },
	{ "without a deadline nothing waits", NO_DEADLINE, HALF, .type = 0 },
	{ "the rest of an answer is waited for", AHEAD, HALF, .rest_at = HALF,
		.type = LDAP_RES_BIND, .n_asked = 1 },
	{ "a signal does not end the waiting", AHEAD, HALF, .rest_at = HALF,
		.wait_error = EINTR, .type = LDAP_RES_BIND, .n_asked = 1 },
	{ "a wait that fails is no missed deadline", AHEAD, HALF,
		.wait_error = ENOMEM, .type = -1, .n_asked = 1 },
	{ "half an answer is left at the deadline", PASSED, HALF, .type = -1,
		.is_missed = true },
	{ "a server that hangs up is not waited for", AHEAD, HALF,
		.hangs_up = true, .type = -1 },
	{ "a lost connection is not waited for", AHEAD, ANSWER_LEN, "read",
		ECONNRESET, .type = -1 },
	{ "a full socket is waited for", AHEAD, ANSWER_LEN, "write", EAGAIN,
		.type = LDAP_RES_BIND, .n_asked = 1 },
	{ "a full socket is left at the deadline", PASSED, ANSWER_LEN, "write",
		EAGAIN, .type = -1, .is_missed = true },
};

static long long deadline_ms(int deadline_is)
{
	if (deadline_is == NO_DEADLINE)
		return 0;
	return clock_now_ms() + (deadline_is == AHEAD ? 60000 : -1);
}

START_TEST(deadline_is_kept)
{
	const struct answer_case *c = &ANSWERS[_i];

	deadline.at_ms = deadline_ms(c->deadline);
	waiting.rest_at = c->rest_at;
	waiting.error = c->wait_error;
	ck_assert_int_eq(send(server, ANSWER, c->said, 0), (int)c->said);
	if (c->hangs_up)
		shutdown(server, SHUT_WR);
	if (c->failing != NULL)
		failing_call_begin(c->failing, 1, c->error);
	const int type = bind_and_ask();

	if (c->failing != NULL)
		ck_assert_msg(failing_call_end(), "%s", c->name);
	ck_assert_msg(type == c->type, "%s: %d", c->name, type);
	ck_assert_msg(waiting.n_asked == c->n_asked, "%s: asked %u times",
		c->name, waiting.n_asked);
	ck_assert_msg(deadline.is_missed == c->is_missed, "%s", c->name);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("ldap_deadline");

	tcase_add_checked_fixture(tcase, connect_both, hang_up);
	tcase_add_loop_test(tcase, deadline_is_kept, 0, COUNT(ANSWERS));
	return unit_run(suite_create("ldap_deadline"), tcase);
}
