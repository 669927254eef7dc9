/* A socket that can not be listened on is told, and none is left open. */
#include "policyd/listener.h"

#include "policyd/endpoint.h"
#include "policyd/privileges.h"
#include "tests/unit/failing_calls.h"
#include "tests/unit/unit_main.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

FAILING_CALL(int, -1, socket, (int domain, int type, int protocol),
	(domain, type, protocol))
FAILING_CALL(int, -1, bind,
	(int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len))
FAILING_CALL(int, -1, listen, (int fd, int n), (fd, n))
FAILING_CALL(int, -1, unlink, (const char *name), (name))
FAILING_CALL(int, -1, lstat,
	(const char *restrict file, struct stat *restrict buf), (file, buf))
FAILING_CALL(int, -1, lchown, (const char *file, uid_t owner, gid_t group),
	(file, owner, group))
FAILING_CALL(int, EAI_FAIL, getaddrinfo,
	(const char *restrict name, const char *restrict service,
		const struct addrinfo *restrict req,
		struct addrinfo **restrict pai),
	(name, service, req, pai))

struct failing {
	const char *name;
	unsigned n;
	int error;
	const char *sentence;
};

static void expect_refused(const struct endpoint *endpoint,
	const struct failing *call, const struct socket_look *look)
{
	struct listener listener = { .count = 0 };
	struct err err = { 0 };
	const int free_fd = dup(STDIN_FILENO);

	close(free_fd);
	failing_call_begin(call->name, call->n, call->error);
	const bool is_added = listener_add(&listener, endpoint, look, &err);

	ck_assert_msg(failing_call_end(), "%s: not called", call->name);
	ck_assert_msg(!is_added, "%s", call->name);
	ck_assert_str_eq(err.text, call->sentence);
	ck_assert_uint_eq(listener.count, 0);
	ck_assert_int_eq(dup(STDIN_FILENO), free_fd);
	close(free_fd);
}

/* -- files */

static char folder[32];
static char path[64];
static const struct endpoint file = { .text = "unix:there", .path = path };
static const struct socket_look plain = { .mode = 0640 };

static void make_folder(void)
{
	snprintf(folder, sizeof folder, "/tmp/listenerXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/s", folder);
}

static void remove_folder(void)
{
	unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

static const struct failing file_calls[] = {
	{ "socket", 1, EMFILE, "unix:there: Too many open files" },
	{ "bind", 1, EROFS, "unix:there: Read-only file system" },
	{ "lchown", 1, EIO, "unix:there: chown: Input/output error" },
	{ "listen", 1, EIO, "unix:there: listen: Input/output error" },
};

START_TEST(file_that_can_not_be_made_is_told)
{
	const struct identity nobody = { .name = "nobody", 65534, 65534, 0 };
	const struct socket_look look = { .mode = 0640, .owner = &nobody };

	if (geteuid() != 0 && strcmp(file_calls[_i].name, "lchown") == 0)
		return;
	expect_refused(&file, &file_calls[_i], &look);
}
END_TEST

/* What is there already, and nobody answers. */
static const struct failing stale_calls[] = {
	{ "bind", 2, EIO, "unix:there: Input/output error" },
	{ "unlink", 1, EROFS, "unix:there: Read-only file system" },
	{ "socket", 2, EMFILE,
		"unix:there: somebody answers there already, or it is no "
		"socket" },
	{ "lstat", 1, EIO,
		"unix:there: somebody answers there already, or it is no "
		"socket" },
};

START_TEST(file_that_can_not_be_replaced_is_told)
{
	struct listener before = { .count = 0 };

	ck_assert(listener_add(&before, &file, &plain, NULL));
	listener_close(&before);
	expect_refused(&file, &stale_calls[_i], &plain);
}
END_TEST

/* -- addresses of this machine alone */

static const struct endpoint here = {
	.text = "inet:here", .host = "127.0.0.1", .port = "0"
};

static const struct failing inet_calls[] = {
	{ "getaddrinfo", 1, 0,
		"inet:here: Non-recoverable failure in name resolution" },
	{ "socket", 1, EAFNOSUPPORT, "inet:here: no address of this machine" },
	{ "socket", 1, EMFILE, "inet:here: Too many open files" },
	{ "bind", 1, EADDRNOTAVAIL,
		"inet:here: Cannot assign requested address" },
	{ "bind", 1, EACCES, "inet:here: Permission denied" },
	{ "listen", 1, EADDRINUSE, "inet:here: Address already in use" },
};

START_TEST(address_that_can_not_be_listened_on_is_told)
{
	expect_refused(&here, &inet_calls[_i], &plain);
}
END_TEST

START_TEST(one_of_the_addresses_is_enough)
{
	const struct endpoint both = {
		.text = "inet:localhost", .host = "localhost", .port = "0"
	};
	struct listener all = { .count = 0 }, some = { .count = 0 };
	struct err err = { 0 };

	ck_assert_msg(listener_add(&all, &both, &plain, &err), "%s", err.text);
	failing_call_begin("socket", 1, EAFNOSUPPORT);
	const bool is_added = listener_add(&some, &both, &plain, &err);

	ck_assert(failing_call_end());
	ck_assert_uint_eq(some.count + 1, all.count);
	ck_assert_int_eq(is_added, some.count > 0);
	listener_close(&all);
	listener_close(&some);
}
END_TEST

START_TEST(no_more_than_can_be_held)
{
	struct listener full = { .count = LISTENER_FDS_MAX };
	struct err err = { 0 };

	ck_assert(!listener_add(&full, &here, &plain, &err));
	ck_assert_str_eq(err.text, "more than 64 sockets to listen on");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_checked_fixture(tcase, make_folder, remove_folder);
	tcase_add_loop_test(
		tcase, file_that_can_not_be_made_is_told, 0, COUNT(file_calls));
	tcase_add_loop_test(tcase, file_that_can_not_be_replaced_is_told, 0,
		COUNT(stale_calls));
	tcase_add_loop_test(tcase, address_that_can_not_be_listened_on_is_told,
		0, COUNT(inet_calls));
	tcase_add_test(tcase, one_of_the_addresses_is_enough);
	tcase_add_test(tcase, no_more_than_can_be_held);
	return unit_run(suite_create("listener_failing"), tcase);
}
