/* What fails on the way to a policy service: a guess is never an answer. */
#include "doctor/policy_socket.h"

#include "tests/unit/failing_calls.h"
#include "tests/unit/unit_main.h"

#include <grp.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

FAILING_CALL(int, -1, pipe, (int pipedes[2]), (pipedes))
FAILING_CALL(int, -1, socket, (int domain, int type, int protocol),
	(domain, type, protocol))
FAILING_CALL(int, -1, connect,
	(int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len))
FAILING_CALL(ssize_t, -1, send, (int fd, const void *buf, size_t n, int flags),
	(fd, buf, n, flags))
FAILING_CALL(ssize_t, -1, read, (int fd, void *buf, size_t nbytes),
	(fd, buf, nbytes))
FAILING_CALL(
	ssize_t, -1, write, (int fd, const void *buf, size_t n), (fd, buf, n))
FAILING_CALL(pid_t, -1, waitpid, (pid_t pid, int *stat_loc, int options),
	(pid, stat_loc, options))
FAILING_CALL(int, -1, setgroups, (size_t n, const gid_t *groups), (n, groups))
FAILING_CALL(int, -1, setgid, (gid_t gid), (gid))
FAILING_CALL(int, -1, seteuid, (uid_t uid), (uid))
FAILING_CALL(int, EAI_FAIL, getaddrinfo,
	(const char *restrict name, const char *restrict service,
		const struct addrinfo *restrict req,
		struct addrinfo **restrict pai),
	(name, service, req, pai))

static char folder[32];
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int listener;

/* Takes all, and answers nothing. */
static void start_service(void)
{
	snprintf(folder, sizeof folder, "/tmp/policyXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chmod(folder, 0755), 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s/s", folder);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(
		bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	ck_assert_int_eq(chmod(address.sun_path, 0666), 0);
	ck_assert_int_eq(listen(listener, 8), 0);
}

static void stop_service(void)
{
	close(listener);
	ck_assert_int_eq(unlink(address.sun_path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}

static const struct {
	const char *name;
	unsigned n;
	int error;
	const char *endpoint, *recipient;
	enum policy_reach reach;
	bool is_of_root; /* others do not even try */
} calls[] = {
	{ "none", 1, 0, "unix:s", NULL, POLICY_ANSWERED, false },
	{ "pipe", 1, EMFILE, "unix:s", NULL, POLICY_UNKNOWN, false },
	{ "socket", 1, EMFILE, "unix:s", NULL, POLICY_DEAD, false },
	{ "connect", 1, ENOTDIR, "unix:s", NULL, POLICY_MISSING, false },
	{ "connect", 1, EAGAIN, "unix:s", NULL, POLICY_SILENT, false },
	{ "connect", 1, EINPROGRESS, "unix:s", NULL, POLICY_SILENT, false },
	{ "connect", 1, ETIMEDOUT, "unix:s", NULL, POLICY_SILENT, false },
	{ "connect", 1, ECONNREFUSED, "unix:s", NULL, POLICY_DEAD, false },
	{ "connect", 1, EPERM, "unix:s", NULL, POLICY_FORBIDDEN, true },
	{ "setgroups", 1, EPERM, "unix:s", NULL, POLICY_UNKNOWN, true },
	{ "setgid", 1, EPERM, "unix:s", NULL, POLICY_UNKNOWN, true },
	{ "seteuid", 1, EPERM, "unix:s", NULL, POLICY_UNKNOWN, true },
	{ "seteuid", 2, EPERM, "unix:s", NULL, POLICY_UNKNOWN, true },
	{ "getaddrinfo", 1, 0, "inet:[::1]:10", NULL, POLICY_DEAD, false },
	{ "connect", 1, ECONNREFUSED, "inet:127.0.0.1:10", NULL, POLICY_DEAD,
		false },
	{ "send", 1, EPIPE, "unix:s", "a@b", POLICY_SILENT, false },
	{ "write", 1, EPIPE, "unix:s", NULL, POLICY_UNKNOWN, false },
	{ "read", 1, EIO, "unix:s", NULL, POLICY_UNKNOWN, false },
	{ "waitpid", 1, EINTR, "unix:s", NULL, POLICY_ANSWERED, false },
};

START_TEST(what_fails_is_no_answer)
{
	struct policy_answer answer;

	if (calls[_i].is_of_root && geteuid() != 0)
		return;
	/* In the child that asks, too. */
	failing_call_begin(calls[_i].name, calls[_i].n, calls[_i].error);
	policy_socket_ask(&answer, calls[_i].endpoint, folder, "nobody",
		calls[_i].recipient);
	failing_call_end();
	ck_assert_msg(answer.reach == calls[_i].reach, "%s %u, %s: %d",
		calls[_i].name, calls[_i].n, strerror(calls[_i].error),
		(int)answer.reach);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_checked_fixture(tcase, start_service, stop_service);
	tcase_add_loop_test(tcase, what_fails_is_no_answer, 0, COUNT(calls));
	return unit_run(suite_create("policy_socket_failing"), tcase);
}
