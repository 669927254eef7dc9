/* Why a server can not be reached is told as the system has it. */
#include "directory/ldap_dial.h"

#include "base/clock.h"
#include "tests/unit/descriptors.h"
#include "tests/unit/failing_calls.h"

#include "sink_text.h"
#include "unit_main.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

FAILING_CALL(int, -1, socket, (int family, int type, int protocol),
	(family, type, protocol))
FAILING_CALL(int, -1, connect,
	(int fd, const struct sockaddr *address, socklen_t len),
	(fd, address, len))
/* What a look-up that fails says. */
static int no_address = EAI_SYSTEM;

FAILING_CALL(int, no_address, getaddrinfo,
	(const char *restrict host, const char *restrict port,
		const struct addrinfo *restrict hints,
		struct addrinfo **restrict out),
	(host, port, hints, out))

/* Of the calls that follow one that connects later; 0 = none. */
static struct {
	int poll, getsockopt;
} next_error;

static bool is_next(int *error)
{
	if (*error == 0)
		return false;
	errno = *error;
	*error = 0;
	return true;
}

int poll(struct pollfd *fds, nfds_t count, int wait_ms)
{
	int (*next)(struct pollfd *, nfds_t, int);

	if (is_next(&next_error.poll))
		return -1;
	*(void **)&next = dlsym(RTLD_NEXT, "poll");
	return next(fds, count, wait_ms);
}

int getsockopt(
	int fd, int level, int option, void *restrict out, socklen_t *len)
{
	int (*next)(int, int, int, void *, socklen_t *);

	if (is_next(&next_error.getsockopt))
		return -1;
	*(void **)&next = dlsym(RTLD_NEXT, "getsockopt");
	return next(fd, level, option, out, len);
}

static const struct failing_case {
	const char *name, *call;
	int error, poll_error, getsockopt_error;
	int due_ms; /* from now on */
	const char *err; /* "" = it is connected */
} FAILING[] = {
	{ "no look-up", "getaddrinfo", EMFILE, 0, 0, 60000,
		"look up 127.0.0.1: Too many open files" },
	{ "no socket", "socket", EMFILE, 0, 0, 60000,
		"connect to 127.0.0.1: Too many open files" },
	{ "refused", "connect", ECONNREFUSED, 0, 0, 60000,
		"connect to 127.0.0.1: Connection refused" },
	{ "no way", "connect", EHOSTUNREACH, 0, 0, 60000,
		"connect to 127.0.0.1: No route to host" },
	{ "too late", "connect", EINPROGRESS, 0, 0, -1,
		"connect to 127.0.0.1: no answer within connect-timeout" },
	{ "no poll", "connect", EINPROGRESS, ENOMEM, 0, 60000,
		"connect to 127.0.0.1: Cannot allocate memory" },
	{ "no answer to be had", "connect", EINPROGRESS, 0, ENOBUFS, 60000,
		"connect to 127.0.0.1: No buffer space available" },
	/* A socket that was never connected is ready, and without error. */
	{ "in time", "connect", EINPROGRESS, 0, 0, 60000, "" },
	{ "in time, through a signal", "connect", EINPROGRESS, EINTR, 0, 60000,
		"" },
};

static char LDAP_SCHEME[] = "ldap", LOCAL[] = "ldapi", HOST[] = "127.0.0.1";

START_TEST(failed_call_is_told)
{
	const struct failing_case *f = &FAILING[_i];
	const LDAPURLDesc url = {
		.lud_scheme = LDAP_SCHEME, .lud_host = HOST, .lud_port = 1
	};
	const size_t before = descriptors_count();
	struct err err = { 0 };

	failing_call_begin(f->call, 1, f->error);
	next_error.poll = f->poll_error;
	next_error.getsockopt = f->getsockopt_error;
	const int fd = ldap_dial(&url, clock_now_ms() + f->due_ms, &err);

	ck_assert_msg(failing_call_end(), "%s", f->name);
	ck_assert_int_eq(next_error.poll + next_error.getsockopt, 0);
	ck_assert_str_eq(err.text, f->err);
	ck_assert_int_eq(fd >= 0, *f->err == '\0');
	if (fd >= 0)
		close(fd);
	ck_assert_uint_eq(descriptors_count(), before);
}
END_TEST

/* lud_host: the path, without escapes. */
static int dial_local(const char *path, struct err *err)
{
	const LDAPURLDesc url = { .lud_scheme = LOCAL,
		.lud_host = (char *)path };

	return ldap_dial(&url, clock_now_ms() + 60000, err);
}

START_TEST(local_socket_is_told_by_its_path)
{
	struct err err = { 0 };
	char longest[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	char empty[] = "", too_long[sizeof longest + 1];

	memset(longest, 'x', sizeof longest);
	longest[0] = '/';
	longest[sizeof longest - 1] = '\0';
	memset(too_long, 'x', sizeof too_long);
	too_long[sizeof too_long - 1] = '\0';
	ck_assert_int_lt(dial_local(longest, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "xxx: No such file"));
	ck_assert_int_lt(dial_local(too_long, &err), 0);
	ck_assert_str_eq(
		err.text, "the path of its socket is longer than 107 bytes");
	failing_call_begin("connect", 1, ECONNREFUSED);
	ck_assert_int_lt(dial_local(empty, &err), 0);
	ck_assert_str_eq(err.text,
		"connect to /var/run/slapd/ldapi: Connection refused");
	failing_call_begin("connect", 1, ECONNREFUSED);
	ck_assert_int_lt(dial_local(NULL, &err), 0);
	ck_assert_str_eq(err.text,
		"connect to /var/run/slapd/ldapi: Connection refused");
	ck_assert(failing_call_end());
}
END_TEST

START_TEST(no_host_is_this_one)
{
	const LDAPURLDesc url = { .lud_scheme = LDAP_SCHEME, .lud_port = 1 };
	struct err err = { 0 };

	failing_call_begin("getaddrinfo", 1, EIO);
	ck_assert_int_lt(ldap_dial(&url, clock_now_ms() + 60000, &err), 0);
	ck_assert(failing_call_end());
	ck_assert_str_eq(err.text, "look up localhost: Input/output error");
}
END_TEST

START_TEST(name_that_is_none_is_told)
{
	const LDAPURLDesc url = {
		.lud_scheme = LDAP_SCHEME, .lud_host = HOST, .lud_port = 1
	};
	struct err err = { 0 };

	no_address = EAI_NONAME;
	failing_call_begin("getaddrinfo", 1, 0);
	ck_assert_int_lt(ldap_dial(&url, clock_now_ms() + 60000, &err), 0);
	ck_assert(failing_call_end());
	ck_assert_str_eq(
		err.text, "look up 127.0.0.1: Name or service not known");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("ldap_dial_failing");

	tcase_add_loop_test(tcase, failed_call_is_told, 0, COUNT(FAILING));
	tcase_add_test(tcase, local_socket_is_told_by_its_path);
	tcase_add_test(tcase, no_host_is_this_one);
	tcase_add_test(tcase, name_that_is_none_is_told);
	return unit_run(suite_create("ldap_dial_failing"), tcase);
}
