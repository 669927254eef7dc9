/* UNIX sockets in a folder of our own: modes, stale ones, live ones. */
#include "policyd/listener.h"

#include "tests/unit/unit_main.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct setting {
	char folder[64];
	char path[80];
	char text[96];
	struct endpoint endpoint;
	struct listener listener;
	struct err err;
};

static const struct socket_look look = { .mode = 0640 };

static void set_up(struct setting *s)
{
	*s = (struct setting){ .folder = "/tmp/listenerXXXXXX" };
	ck_assert_ptr_nonnull(mkdtemp(s->folder));
	snprintf(s->path, sizeof s->path, "%s/s", s->folder);
	snprintf(s->text, sizeof s->text, "unix:%s", s->path);
	ck_assert(endpoint_parse(&s->endpoint, s->text, &s->err));
}

static void tear_down(struct setting *s)
{
	listener_close(&s->listener);
	ck_assert_uint_eq(s->listener.count, 0);
	unlink(s->path);
	ck_assert_int_eq(rmdir(s->folder), 0);
}

static bool add(struct setting *s)
{
	return listener_add(&s->listener, &s->endpoint, &look, &s->err);
}

START_TEST(a_socket_has_its_mode_whatever_the_umask)
{
	struct setting s;
	struct stat status;

	set_up(&s);
	umask(077);
	ck_assert_msg(add(&s), "%s", s.err.text);
	ck_assert_int_eq(stat(s.path, &status), 0);
	ck_assert(S_ISSOCK(status.st_mode));
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
	ck_assert_uint_eq(umask(022), 077);
	ck_assert(fcntl(s.listener.fds[0], F_GETFL) & O_NONBLOCK);
	ck_assert(fcntl(s.listener.fds[0], F_GETFD) & FD_CLOEXEC);
	tear_down(&s);
}
END_TEST

START_TEST(a_socket_that_nobody_answers_is_replaced)
{
	struct setting s;

	set_up(&s);
	ck_assert(add(&s));
	listener_close(&s.listener);
	ck_assert_msg(add(&s), "%s", s.err.text);
	ck_assert_uint_eq(s.listener.count, 1);
	tear_down(&s);
}
END_TEST

static const char taken[] =
	": somebody answers there already, or it is no socket";

static void expect_taken(struct setting *s)
{
	char wanted[256];

	ck_assert(!add(s));
	snprintf(wanted, sizeof wanted, "%s%s", s->text, taken);
	ck_assert_str_eq(s->err.text, wanted);
	ck_assert_int_eq(access(s->path, F_OK), 0);
}

START_TEST(a_socket_that_is_answered_is_left_alone)
{
	struct setting s;

	set_up(&s);
	ck_assert(add(&s));
	expect_taken(&s);
	ck_assert_uint_eq(s.listener.count, 1);
	tear_down(&s);
}
END_TEST

START_TEST(a_file_is_left_alone)
{
	struct setting s;

	set_up(&s);
	const int fd = open(s.path, O_CREAT | O_WRONLY, 0600);

	close(fd);
	expect_taken(&s);
	tear_down(&s);
}
END_TEST

START_TEST(a_missing_folder_is_named)
{
	struct setting s;

	set_up(&s);
	ck_assert(endpoint_parse(
		&s.endpoint, "unix:/nonexistent/policyd", &s.err));
	ck_assert(!add(&s));
	ck_assert_str_eq(s.err.text,
		"unix:/nonexistent/policyd: No such file or directory");
	tear_down(&s);
}
END_TEST

START_TEST(more_than_can_be_held_is_refused)
{
	struct listener listener = { .count = LISTENER_FDS_MAX };
	struct err err = { 0 };

	ck_assert(!listener_adopt(&listener, 0, &err));
	ck_assert_str_eq(err.text, "more than 64 sockets to listen on");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_test(tcase, a_socket_has_its_mode_whatever_the_umask);
	tcase_add_test(tcase, a_socket_that_nobody_answers_is_replaced);
	tcase_add_test(tcase, a_socket_that_is_answered_is_left_alone);
	tcase_add_test(tcase, a_file_is_left_alone);
	tcase_add_test(tcase, a_missing_folder_is_named);
	tcase_add_test(tcase, more_than_can_be_held_is_refused);
	return unit_run(suite_create("listener"), tcase);
}
