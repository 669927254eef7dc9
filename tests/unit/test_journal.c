/* Lines to a syslog that reads, one that does not, and one that is not. */
#include "policyd/journal.h"

#include "base/text.h"
#include "tests/unit/unit_main.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

/* A syslogd of our own. */
struct syslogd {
	char folder[64];
	struct sockaddr_un address;
	int fd;
};

static void start(struct syslogd *s)
{
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_ge(s->fd, 0);
	unlink(s->address.sun_path);
	ck_assert_int_eq(
		bind(s->fd, (struct sockaddr *)&s->address, sizeof s->address),
		0);
}

static void set_up(struct syslogd *s)
{
	*s = (struct syslogd){ .folder = "/tmp/journalXXXXXX", .fd = -1 };
	ck_assert_ptr_nonnull(mkdtemp(s->folder));
	s->address.sun_family = AF_UNIX;
	snprintf(s->address.sun_path, sizeof s->address.sun_path, "%s/log",
		s->folder);
}

static void tear_down(struct syslogd *s)
{
	if (s->fd >= 0)
		close(s->fd);
	unlink(s->address.sun_path);
	ck_assert_int_eq(rmdir(s->folder), 0);
}

/* The next line, "" when there is none. */
static const char *next(const struct syslogd *s, char line[4096])
{
	const ssize_t n = recv(s->fd, line, 4095, 0);

	line[n < 0 ? 0 : n] = '\0';
	return line;
}

/* After the time, which is the only thing here that changes. */
static const char *tail(const char *line)
{
	const char *program = strstr(line, "postfix/policyd[");

	return program == NULL ? line : program;
}

static const char *expected(char *out, const char *text)
{
	snprintf(out, 4096, "postfix/policyd[%d]: %s", (int)getpid(), text);
	return out;
}

START_TEST(a_line_is_what_syslog_makes_of_it)
{
	struct syslogd s;
	char line[4096], wanted[4096];

	set_up(&s);
	start(&s);
	struct journal *journal = journal_open_syslog(s.address.sun_path);

	journal_write(journal, LOG_INFO, "verdict=accept a=\"b\"");
	next(&s, line);
	ck_assert(text_starts(line, "<22>")); /* mail.info */
	ck_assert_int_eq(line[4 + 15], ' '); /* after "Nov  1 05:14:00" */
	ck_assert_ptr_eq(tail(line), line + 4 + 16);
	ck_assert_str_eq(
		tail(line), expected(wanted, "verdict=accept a=\"b\""));
	journal_printf(journal, LOG_CRIT, "%d\n\x1b[2J \x7f", 1);
	next(&s, line);
	ck_assert(text_starts(line, "<18>"));
	ck_assert_str_eq(tail(line), expected(wanted, "1??[2J ?"));
	journal_close(&journal);
	ck_assert_ptr_null(journal);
	tear_down(&s);
}
END_TEST

START_TEST(without_syslog_nothing_fails)
{
	struct syslogd s;

	set_up(&s);
	struct journal *journal = journal_open_syslog(s.address.sun_path);

	for (int i = 0; i < 10000; i++)
		journal_write(journal, LOG_INFO, "nobody hears this");
	ck_assert_uint_gt(journal_waiting(journal), 1000);
	ck_assert_uint_eq(
		journal_waiting(journal) + journal_lost(journal), 10000);
	journal_close(&journal);
	tear_down(&s);
}
END_TEST

START_TEST(lines_wait_for_a_syslog_that_comes_late)
{
	struct syslogd s;
	char line[4096], wanted[4096];

	set_up(&s);
	struct journal *journal = journal_open_syslog(s.address.sun_path);

	journal_write(journal, LOG_INFO, "first");
	journal_write(journal, LOG_INFO, "second");
	start(&s);
	journal_close(&journal);
	ck_assert_str_eq(tail(next(&s, line)), expected(wanted, "first"));
	ck_assert_str_eq(tail(next(&s, line)), expected(wanted, "second"));
	ck_assert_str_eq(next(&s, line), "");
	tear_down(&s);
}
END_TEST

START_TEST(a_restarted_syslog_is_found_again)
{
	struct syslogd s;
	char line[4096], wanted[4096];

	set_up(&s);
	start(&s);
	struct journal *journal = journal_open_syslog(s.address.sun_path);

	journal_write(journal, LOG_INFO, "before");
	close(s.fd);
	start(&s);
	journal_write(journal, LOG_INFO, "after");
	ck_assert_str_eq(tail(next(&s, line)), expected(wanted, "after"));
	journal_close(&journal);
	tear_down(&s);
}
END_TEST

/* It lives and does not read: syslog(3) would wait here without end. */
START_TEST(a_stuck_syslog_gets_all_later_or_the_number_that_is_lost)
{
	enum { LINES = 20000 };
	struct syslogd s;
	char line[4096];
	unsigned long heard = 0, lost = 0;

	set_up(&s);
	start(&s);
	struct journal *journal = journal_open_syslog(s.address.sun_path);

	for (int i = 0; i < LINES; i++)
		journal_printf(journal, LOG_INFO, "line %d", i);
	while (*next(&s, line) != '\0') {
		char *end;

		journal_flush(journal);
		const char *text = strstr(line, "]: ");

		ck_assert_ptr_nonnull(text);
		if (strstr(text, "were lost") == NULL) {
			heard++;
			continue;
		}
		lost += strtoul(text + strlen("]: "), &end, 10);
		ck_assert(text_starts(end, " lines"));
		ck_assert(text_starts(line, "<20>")); /* mail.warning */
	}
	ck_assert_uint_gt(lost, 0);
	/* That number is told once; who watches wants all of them. */
	ck_assert_uint_eq(journal_lost(journal), lost);
	ck_assert_uint_eq(journal_waiting(journal), 0);
	ck_assert_uint_gt(heard, 1000);
	ck_assert_uint_eq(heard + lost, LINES);
	journal_close(&journal);
	tear_down(&s);
}
END_TEST

START_TEST(a_stream_has_whole_lines_with_a_host)
{
	int ends[2];
	char line[4096], host[256] = "", wanted[8192], own[4096];

	ck_assert_int_eq(pipe(ends), 0);
	struct journal *journal = journal_open_stream(ends[1]);

	journal_write(journal, LOG_INFO, "verdict=accept");
	const ssize_t n = read(ends[0], line, sizeof line - 1);

	ck_assert_int_gt(n, 16);
	line[n] = '\0';
	gethostname(host, sizeof host - 1);
	host[strcspn(host, ".")] = '\0';
	snprintf(wanted, sizeof wanted, "%s %s\n", host,
		expected(own, "verdict=accept"));
	ck_assert_str_eq(line + 16, wanted);
	journal_close(&journal);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(what_no_reader_can_have_is_lost)
{
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe(ends), 0);
	close(ends[0]);
	struct journal *journal = journal_open_stream(ends[1]);

	journal_write(journal, LOG_INFO, "first");
	journal_write(journal, LOG_INFO, "second");
	ck_assert_uint_eq(journal_lost(journal), 2);
	ck_assert_uint_eq(journal_waiting(journal), 0);
	journal_close(&journal);
	close(ends[1]);
}
END_TEST

START_TEST(a_full_pipe_makes_nobody_wait)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	struct journal *journal = journal_open_stream(ends[1]);

	for (int i = 0; i < 20000; i++)
		journal_write(journal, LOG_INFO, "nobody reads this");
	journal_close(&journal);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_test(tcase, a_line_is_what_syslog_makes_of_it);
	tcase_add_test(tcase, without_syslog_nothing_fails);
	tcase_add_test(tcase, lines_wait_for_a_syslog_that_comes_late);
	tcase_add_test(tcase, a_restarted_syslog_is_found_again);
	tcase_add_test(tcase,
		a_stuck_syslog_gets_all_later_or_the_number_that_is_lost);
	tcase_add_test(tcase, a_stream_has_whole_lines_with_a_host);
	tcase_add_test(tcase, what_no_reader_can_have_is_lost);
	tcase_add_test(tcase, a_full_pipe_makes_nobody_wait);
	return unit_run(suite_create("journal"), tcase);
}
