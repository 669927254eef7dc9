/* A log that fails for a moment gets its lines later; for good, loses them. */
#include "policyd/journal.h"

#include "tests/unit/failing_calls.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

FAILING_CALL(int, -1, socket, (int domain, int type, int protocol),
	(domain, type, protocol))
FAILING_CALL(int, -1, gethostname, (char *name, size_t len), (name, len))
FAILING_CALL(int, 0, poll, (struct pollfd * fds, nfds_t nfds, int timeout),
	(fds, nfds, timeout))
FAILING_CALL(ssize_t, -1, send, (int fd, const void *buf, size_t n, int flags),
	(fd, buf, n, flags))
FAILING_CALL(
	ssize_t, -1, write, (int fd, const void *buf, size_t n), (fd, buf, n))
FAILING_CALL(struct tm *, NULL, localtime_r,
	(const time_t *restrict timer, struct tm *restrict tp), (timer, tp))

static char folder[32];
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int syslogd;

static void start_syslog(void)
{
	snprintf(folder, sizeof folder, "/tmp/journalXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(address.sun_path, sizeof address.sun_path, "%s/log", folder);
	syslogd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(
		bind(syslogd, (struct sockaddr *)&address, sizeof address), 0);
}

static void stop_syslog(void)
{
	close(syslogd);
	ck_assert_int_eq(unlink(address.sun_path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}

static void expect_line(int fd, const char *end)
{
	char line[256] = "";

	if (end == NULL) {
		ck_assert_int_eq(read(fd, line, sizeof line - 1), -1);
		return;
	}
	const ssize_t len = read(fd, line, sizeof line - 1);

	ck_assert_int_gt(len, (ssize_t)strlen(end));
	ck_assert_str_eq(line + len - strlen(end), end);
}

static const struct {
	const char *name;
	int error;
	bool is_delayed, is_lost;
} syslog_calls[] = {
	{ "send", ECONNREFUSED, false, false },
	{ "send", EAGAIN, true, false },
	{ "send", EINTR, true, false },
	{ "send", ENOBUFS, true, false },
	{ "send", EMSGSIZE, false, true },
	{ "socket", EMFILE, true, false },
};

START_TEST(syslog_that_fails_once_gets_the_line)
{
	struct journal *journal = journal_open_syslog(address.sun_path);
	const bool is_lost = syslog_calls[_i].is_lost;
	const bool is_late = syslog_calls[_i].is_delayed;

	failing_call_begin(syslog_calls[_i].name, 1, syslog_calls[_i].error);
	journal_write(journal, LOG_INFO, "first");
	ck_assert(failing_call_end());
	expect_line(syslogd, is_late || is_lost ? NULL : "first");
	journal_close(&journal);
	if (is_late)
		expect_line(syslogd, "first");
	if (is_lost)
		expect_line(syslogd,
			"1 lines were lost: the log did not take them");
	expect_line(syslogd, NULL);
}
END_TEST

START_TEST(path_too_long_is_no_syslog)
{
	char path[200] = { 0 };
	struct journal *journal;

	memset(path, 'a', sizeof path - 1);
	journal = journal_open_syslog(path);
	journal_write(journal, LOG_INFO, "first");
	ck_assert_uint_eq(journal_lost(journal), 0);
	journal_close(&journal);
	journal_close(&journal);
}
END_TEST

static const struct {
	const char *name;
	int error;
	const char *end; /* NULL: no line */
	unsigned lost;
} stream_calls[] = {
	{ "write", EINTR, ": first\n", 0 },
	{ "write", EAGAIN, ": first\n", 0 },
	{ "write", EIO, NULL, 1 },
	{ "poll", 0, ": first\n", 0 },
	{ "gethostname", ENAMETOOLONG, ": first\n", 0 },
	{ "localtime_r", EOVERFLOW, ": first\n", 0 },
};

START_TEST(stream_that_fails_once_gets_the_line)
{
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	failing_call_begin(stream_calls[_i].name, 1, stream_calls[_i].error);
	struct journal *journal = journal_open_stream(ends[1]);

	journal_write(journal, LOG_INFO, "first");
	ck_assert(failing_call_end());
	journal_flush(journal);
	expect_line(ends[0], stream_calls[_i].end);
	ck_assert_uint_eq(journal_lost(journal), stream_calls[_i].lost);
	journal_close(&journal);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_checked_fixture(tcase, start_syslog, stop_syslog);
	tcase_add_loop_test(tcase, syslog_that_fails_once_gets_the_line, 0,
		COUNT(syslog_calls));
	tcase_add_test(tcase, path_too_long_is_no_syslog);
	tcase_add_loop_test(tcase, stream_that_fails_once_gets_the_line, 0,
		COUNT(stream_calls));
	return unit_run(suite_create("journal_failing"), tcase);
}
