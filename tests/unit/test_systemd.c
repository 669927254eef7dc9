/* What a supervisor hands over, and what it is told. */
#include "policyd/systemd.h"

#include "tests/unit/unit_main.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void set_pid(void)
{
	char pid[24];

	snprintf(pid, sizeof pid, "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
}

/* An abstract address: no file to remove. */
static socklen_t make_address(struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	const int len =
		snprintf(address->sun_path + 1, sizeof address->sun_path - 1,
			"postshare-test-%d", (int)getpid());

	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
		(size_t)len);
}

static void hand_over(int type, bool is_listening)
{
	struct sockaddr_un address;
	const socklen_t size = make_address(&address);
	const int fd = socket(AF_UNIX, type, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
	if (is_listening)
		ck_assert_int_eq(listen(fd, 1), 0);
	if (fd != SYSTEMD_FIRST_FD) {
		ck_assert_int_ge(dup2(fd, SYSTEMD_FIRST_FD), 0);
		close(fd);
	}
}

START_TEST(a_listening_socket_is_taken)
{
	struct err err = { 0 };
	int count;

	hand_over(SOCK_STREAM, true);
	set_pid();
	setenv("LISTEN_FDS", "1", 1);
	ck_assert_msg(systemd_sockets(&count, &err), "%s", err.text);
	ck_assert_int_eq(count, 1);
	ck_assert_ptr_null(getenv("LISTEN_FDS"));
	ck_assert_ptr_null(getenv("LISTEN_PID"));
	ck_assert(fcntl(SYSTEMD_FIRST_FD, F_GETFL) & O_NONBLOCK);
	ck_assert(fcntl(SYSTEMD_FIRST_FD, F_GETFD) & FD_CLOEXEC);
}
END_TEST

/* The one behind it is no listener. */
START_TEST(each_of_several_is_looked_at)
{
	struct err err = { 0 };
	int count;

	hand_over(SOCK_STREAM, true);
	const int other = socket(AF_UNIX, SOCK_STREAM, 0);

	ck_assert_int_eq(
		dup2(other, SYSTEMD_FIRST_FD + 1), SYSTEMD_FIRST_FD + 1);
	set_pid();
	setenv("LISTEN_FDS", "2", 1);
	ck_assert(!systemd_sockets(&count, &err));
	ck_assert_str_eq(err.text,
		"LISTEN_FDS: descriptor 4 is no listening stream socket "
		"(Accept=no, ListenStream=)");
	ck_assert_int_eq(dup2(SYSTEMD_FIRST_FD, SYSTEMD_FIRST_FD + 1),
		SYSTEMD_FIRST_FD + 1);
	set_pid();
	setenv("LISTEN_FDS", "2", 1);
	ck_assert_msg(systemd_sockets(&count, &err), "%s", err.text);
	ck_assert_int_eq(count, 2);
	ck_assert(fcntl(SYSTEMD_FIRST_FD + 1, F_GETFD) & FD_CLOEXEC);
}
END_TEST

START_TEST(what_is_for_another_process_is_not_ours)
{
	int count = 7;

	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "1", 1);
	ck_assert(systemd_sockets(&count, NULL));
	ck_assert_int_eq(count, 0);
}
END_TEST

START_TEST(without_a_supervisor_there_is_nothing)
{
	int count = 7;

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	ck_assert(systemd_sockets(&count, NULL));
	ck_assert_int_eq(count, 0);
}
END_TEST

struct wrong_case {
	const char *fds;
	int type;
	bool is_listening;
	const char *err;
};

static const struct wrong_case wrong_cases[] = {
	{ "1", SOCK_STREAM, false,
		"LISTEN_FDS: descriptor 3 is no listening stream socket "
		"(Accept=no, ListenStream=)" },
	{ "1", SOCK_DGRAM, false,
		"LISTEN_FDS: descriptor 3 is no listening stream socket "
		"(Accept=no, ListenStream=)" },
	{ "two", SOCK_STREAM, true,
		"LISTEN_FDS is a number up to 64, not two" },
	{ "65", SOCK_STREAM, true, "LISTEN_FDS is a number up to 64, not 65" },
};

START_TEST(a_wrong_socket_is_refused)
{
	const struct wrong_case *c = &wrong_cases[_i];
	struct err err = { 0 };
	int count;

	hand_over(c->type, c->is_listening);
	set_pid();
	setenv("LISTEN_FDS", c->fds, 1);
	ck_assert(!systemd_sockets(&count, &err));
	ck_assert_str_eq(err.text, c->err);
}
END_TEST

START_TEST(the_supervisor_hears_that_we_are_ready)
{
	struct sockaddr_un address;
	const socklen_t size = make_address(&address);
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	char word[16] = "", name[108] = "@";

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
	memcpy(name + 1, address.sun_path + 1, sizeof name - 2);
	setenv("NOTIFY_SOCKET", name, 1);
	systemd_ready();
	ck_assert_int_eq(recv(fd, word, sizeof word - 1, 0), 7);
	ck_assert_str_eq(word, "READY=1");
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
	systemd_ready(); /* nobody to tell: nothing happens */
	close(fd);
}
END_TEST

START_TEST(only_a_stream_of_the_journal_is_kept)
{
	struct stat status;
	char stream[64];

	ck_assert_int_eq(fstat(STDERR_FILENO, &status), 0);
	unsetenv("JOURNAL_STREAM");
	ck_assert(!systemd_keeps(STDERR_FILENO));
	snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)status.st_dev,
		(uintmax_t)status.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	ck_assert(systemd_keeps(STDERR_FILENO));
	ck_assert(!systemd_keeps(-1));
	snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)status.st_dev,
		(uintmax_t)status.st_ino + 1);
	setenv("JOURNAL_STREAM", stream, 1);
	ck_assert(!systemd_keeps(STDERR_FILENO));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_test(tcase, a_listening_socket_is_taken);
	tcase_add_test(tcase, each_of_several_is_looked_at);
	tcase_add_test(tcase, what_is_for_another_process_is_not_ours);
	tcase_add_test(tcase, without_a_supervisor_there_is_nothing);
	tcase_add_loop_test(
		tcase, a_wrong_socket_is_refused, 0, COUNT(wrong_cases));
	tcase_add_test(tcase, the_supervisor_hears_that_we_are_ready);
	tcase_add_test(tcase, only_a_stream_of_the_journal_is_kept);
	return unit_run(suite_create("systemd"), tcase);
}
