/*
 * syslog(3) by hand, the same bytes on the wire (RFC 3164), because the one
 * of the C library waits without end for a syslogd that lives but does not
 * read.  Here a line that is not taken at once waits in a bounded queue.
 * Only when the queue is full is the log given a moment, so that a burst of
 * verdicts slows down instead of losing lines, and a dead log costs next to
 * nothing.
 */
#include "policyd/journal.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static const char program[] = "postfix/policyd";

enum { STAMP_SIZE = 32, HOST_SIZE = 80, START_SIZE = 192 };

struct journal {
	const char *path; /* NULL: a stream */
	int fd; /* -1: not connected */
	time_t retry_at; /* no connect before; uptime */
	time_t wait_at; /* no waiting before; uptime */
	struct text queue; /* lines, a NUL after each */
	struct text line;
	unsigned long n_queued; /* lines in the queue */
	unsigned long lost; /* and not yet said so */
	unsigned long lost_ever;
	time_t stamped; /* second and severity of what stands in start */
	int start_severity;
	char start[START_SIZE]; /* of a line, up to its text */
	size_t start_len;
	char host[HOST_SIZE]; /* with a blank after it; empty for syslog */
};

static struct journal *open_any(const char *path, int fd)
{
	struct journal *journal = memory_must(calloc(1, sizeof *journal));

	journal->path = path;
	journal->fd = fd;
	journal->stamped = -1;
	text_init(&journal->queue);
	text_init(&journal->line);
	return journal;
}

struct journal *journal_open_syslog(const char *path)
{
	return open_any(path, -1);
}

struct journal *journal_open_stream(int fd)
{
	struct journal *journal = open_any(NULL, fd);

	char name[HOST_SIZE] = "-";

	if (gethostname(name, sizeof name - 1) != 0)
		memcpy(name, "-", 2);
	snprintf(journal->host, sizeof journal->host, "%.*s ",
		(int)strcspn(name, "."), name);
	return journal;
}

void journal_close(struct journal **journal)
{
	if (*journal == NULL)
		return;
	(*journal)->retry_at = 0;
	journal_flush(*journal);
	if ((*journal)->path != NULL && (*journal)->fd >= 0)
		close((*journal)->fd);
	text_fini(&(*journal)->queue);
	text_fini(&(*journal)->line);
	free(*journal);
	*journal = NULL;
}

/* Seconds that no change of the clock turns back. */
static time_t uptime_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static bool connect_syslog(struct journal *journal)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const size_t len = strlen(journal->path);
	const time_t now = uptime_s();

	if (journal->fd >= 0)
		return true;
	if (now < journal->retry_at || len >= sizeof address.sun_path)
		return false;
	memcpy(address.sun_path, journal->path, len + 1);
	const int fd =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 &&
		connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
		journal->fd = fd;
		return true;
	}
	if (fd >= 0)
		close(fd);
	journal->retry_at = now + 1;
	return false;
}

static void lose_line(struct journal *journal)
{
	journal->lost++;
	journal->lost_ever++;
}

/* syslogd went away, perhaps to come back: one more try with a new socket. */
static bool send_to_syslog(struct journal *journal, const char *line)
{
	for (int i = 0; i < 2; i++) {
		if (!connect_syslog(journal))
			return false;
		if (send(journal->fd, line, strlen(line), MSG_NOSIGNAL) >= 0)
			return true;
		if (errno == EMSGSIZE) {
			lose_line(journal); /* never to be taken */
			return true;
		}
		if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
			return false;
		close(journal->fd);
		journal->fd = -1;
	}
	return false;
}

static bool is_writable(int fd, int timeout_ms)
{
	struct pollfd poller = { .fd = fd, .events = POLLOUT };

	return poll(&poller, 1, timeout_ms) > 0;
}

/*
 * A line is shorter than PIPE_BUF, so a pipe that can be written to takes
 * all of it without waiting.  A stream that fails has no reader any more,
 * so nobody is told there what is lost.
 */
static bool send_to_stream(struct journal *journal, const char *line)
{
	size_t len = strlen(line);

	if (!is_writable(journal->fd, 0))
		return false;
	while (len > 0) {
		const ssize_t n = write(journal->fd, line, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return false;
		if (n < 0) {
			journal->lost_ever++;
			return true;
		}
		line += n;
		len -= (size_t)n;
	}
	return true;
}

static bool send_line(struct journal *journal, const char *line)
{
	return journal->path != NULL ? send_to_syslog(journal, line)
				     : send_to_stream(journal, line);
}

static void send_queue(struct journal *journal)
{
	struct text *queue = &journal->queue;
	size_t done = 0;

	while (done < queue->len && send_line(journal, queue->data + done)) {
		done += strlen(queue->data + done) + 1;
		journal->n_queued--;
	}
	if (done == 0)
		return;
	memmove(queue->data, queue->data + done, queue->len - done);
	queue->len -= done;
}

/* Put together once a second, not for each line. */
static void make_start(struct journal *journal, time_t now, int severity)
{
	char stamp[STAMP_SIZE] = "";
	char priority[16] = "";
	struct tm local;

	if (localtime_r(&now, &local) != NULL)
		strftime(stamp, sizeof stamp, "%b %e %H:%M:%S", &local);
	if (journal->path != NULL)
		snprintf(
			priority, sizeof priority, "<%d>", LOG_MAIL | severity);
	const int len = snprintf(journal->start, sizeof journal->start,
		"%s%s %s%s[%d]: ", priority, stamp, journal->host, program,
		(int)getpid());

	journal->start_len = len < 0 ? 0 : (size_t)len;
	journal->start_severity = severity;
	journal->stamped = now;
}

static bool has_controls(const char *bytes, size_t len)
{
	unsigned found = 0;

	for (size_t i = 0; i < len; i++)
		found |= ((unsigned char)bytes[i] < ' ') | (bytes[i] == 0x7f);
	return found != 0;
}

static void mask_controls(char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const unsigned char byte = (unsigned char)bytes[i];

		if (byte < ' ' || byte == 0x7f)
			bytes[i] = '?';
	}
}

static void format_line(struct journal *journal, int severity, const char *text)
{
	struct text *line = &journal->line;
	const size_t len = strlen(text);
	const time_t now = time(NULL);

	if (now != journal->stamped || severity != journal->start_severity)
		make_start(journal, now, severity);
	text_clear(line);
	text_add(line, journal->start, journal->start_len);
	const size_t start = line->len;

	text_add(line, text, len);
	if (has_controls(text, len))
		mask_controls(line->data + start, len);
	if (journal->path == NULL)
		text_adds(line, "\n");
}

/* A moment for a log that is slow; none for one that was dead just now. */
static void wait_for_log(struct journal *journal)
{
	const time_t now = uptime_s();

	if (journal->fd < 0 || now < journal->wait_at)
		return;
	if (is_writable(journal->fd, JOURNAL_WAIT_MS))
		send_queue(journal);
	else
		journal->wait_at = now + 1;
}

static void put(struct journal *journal)
{
	struct text *queue = &journal->queue;
	const struct text *line = &journal->line;

	send_queue(journal);
	if (queue->len == 0 && send_line(journal, line->data))
		return;
	if (queue->len + line->len + 1 > JOURNAL_QUEUE_MAX)
		wait_for_log(journal);
	if (queue->len + line->len + 1 > JOURNAL_QUEUE_MAX) {
		lose_line(journal);
		return;
	}
	text_add(queue, line->data, line->len + 1);
	journal->n_queued++;
}

void journal_write(struct journal *journal, int severity, const char *text)
{
	journal_flush(journal);
	format_line(journal, severity, text);
	put(journal);
}

void journal_printf(
	struct journal *journal, int severity, const char *format, ...)
{
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	journal_write(journal, severity, text);
}

void journal_flush(struct journal *journal)
{
	char text[80];

	send_queue(journal);
	if (journal->lost == 0 || journal->queue.len > 0)
		return;
	snprintf(text, sizeof text,
		"%lu lines were lost: the log did not take them",
		journal->lost);
	journal->lost = 0;
	format_line(journal, LOG_WARNING, text);
	put(journal);
}

unsigned long journal_lost(const struct journal *journal)
{
	return journal->lost_ever;
}

unsigned long journal_waiting(const struct journal *journal)
{
	return journal->n_queued;
}
