/* A line to a syslog that reads, one that does not, and one that is not. */
#include "transport-map-gen/event_log.h"

#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

enum { LINE_SIZE = 4096 };

/* A syslogd of our own. */
static struct {
	char folder[64];
	struct sockaddr_un address;
	int fd;
} syslogd;

static void start(void)
{
	memcpy(syslogd.folder, "/tmp/eventsXXXXXX", 18);
	ck_assert_ptr_nonnull(mkdtemp(syslogd.folder));
	syslogd.address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(syslogd.address.sun_path, sizeof syslogd.address.sun_path,
		"%s/log", syslogd.folder);
	syslogd.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_ge(syslogd.fd, 0);
	ck_assert_int_eq(bind(syslogd.fd, (struct sockaddr *)&syslogd.address,
				 sizeof syslogd.address),
		0);
}

static void stop(void)
{
	close(syslogd.fd);
	unlink(syslogd.address.sun_path);
	ck_assert_int_eq(rmdir(syslogd.folder), 0);
}

/* From the program's name on; "" where there is no line. */
static const char *next(char line[LINE_SIZE])
{
	const ssize_t n = recv(syslogd.fd, line, LINE_SIZE - 1, 0);

	line[n < 0 ? 0 : n] = '\0';
	const char *program = strstr(line, "postfix/");

	return program == NULL ? line : program;
}

START_TEST(a_line_is_what_syslog_makes_of_it)
{
	char line[LINE_SIZE], wanted[LINE_SIZE];
	struct err err = { 0 };

	ck_assert_msg(event_log(syslogd.address.sun_path, LOG_NOTICE,
			      "rollback: it was", &err),
		"%s", err.text);
	snprintf(wanted, sizeof wanted,
		"postfix/transport-map-gen[%d]: rollback: it was",
		(int)getpid());
	ck_assert_str_eq(next(line), wanted);
	/* <facility * 8 + severity>Mmm dd hh:mm:ss */
	ck_assert_int_eq(strncmp(line, "<21>", 4), 0);
	ck_assert_uint_eq(strcspn(line, "p"), strlen("<21>Nov 21 09:05:00 "));
}
END_TEST

START_TEST(control_characters_are_no_lines)
{
	char line[LINE_SIZE];

	ck_assert(event_log(syslogd.address.sun_path, LOG_ERR,
		"a\nb\tc\x7f"
		"d",
		NULL));
	ck_assert_ptr_nonnull(strstr(next(line), "]: a?b?c?d"));
	ck_assert_int_eq(strncmp(line, "<19>", 4), 0);
}
END_TEST

START_TEST(syslog_that_is_not_there_is_told)
{
	struct err err = { 0 };
	char path[200];

	snprintf(path, sizeof path, "%s/none", syslogd.folder);
	ck_assert(!event_log(path, LOG_NOTICE, "x", &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/none: No such file"));
	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	ck_assert(!event_log(path, LOG_NOTICE, "x", &err));
	ck_assert_ptr_nonnull(strstr(err.text, "the name is too long"));
}
END_TEST

START_TEST(syslog_that_does_not_read_is_not_waited_for)
{
	struct err err = { 0 };
	unsigned n_taken = 0;

	while (n_taken < 10000 &&
		event_log(syslogd.address.sun_path, LOG_NOTICE, "x", &err))
		n_taken++;
	ck_assert_uint_gt(n_taken, 0);
	ck_assert_uint_lt(n_taken, 10000);
	ck_assert_ptr_nonnull(
		strstr(err.text, "Resource temporarily unavailable"));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("event_log");

	tcase_add_checked_fixture(tcase, start, stop);
	tcase_add_test(tcase, a_line_is_what_syslog_makes_of_it);
	tcase_add_test(tcase, control_characters_are_no_lines);
	tcase_add_test(tcase, syslog_that_is_not_there_is_told);
	tcase_add_test(tcase, syslog_that_does_not_read_is_not_waited_for);
	return unit_run(suite_create("event_log"), tcase);
}
