/*
 * A file is looked at four times a second: that sees a rotation as well as
 * inotify(7) would, and files on the network too.
 */
#include "verdicts/log_tail.h"

#include "base/memory.h"
#include "verdicts/log_file.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOMENT_MS = 250 };

struct log_tail {
	int signals;
	sigset_t before;
};

struct log_tail *log_tail_open(void)
{
	struct log_tail *tail = memory_must(calloc(1, sizeof *tail));
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, &tail->before);
	tail->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
	/* Out of descriptors: then they end us by themselves. */
	if (tail->signals < 0)
		sigprocmask(SIG_SETMASK, &tail->before, NULL);
	return tail;
}

void log_tail_close(struct log_tail **tail)
{
	struct signalfd_siginfo taken;

	if (*tail == NULL)
		return;
	/* What has come has been heard, and shall not end us once more. */
	while (read((*tail)->signals, &taken, sizeof taken) > 0)
		;
	close((*tail)->signals);
	sigprocmask(SIG_SETMASK, &(*tail)->before, NULL);
	free(*tail);
	*tail = NULL;
}

static enum log_wait wait_for(
	const struct log_tail *tail, int stream, int timeout_ms)
{
	struct pollfd fds[] = { { .fd = tail->signals, .events = POLLIN },
		{ .fd = stream, .events = POLLIN } };

	if (poll(fds, 2, timeout_ms) > 0)
		return fds[0].revents != 0 ? LOG_WAIT_ENDED : LOG_WAIT_MORE;
	/* Time has passed, or another signal has come. */
	return stream < 0 ? LOG_WAIT_MORE : LOG_WAIT_NOTHING;
}

enum log_wait log_tail_look(const struct log_tail *tail, int stream)
{
	return wait_for(tail, stream, 0);
}

enum log_wait log_tail_wait(const struct log_tail *tail, int stream)
{
	return wait_for(tail, stream, stream < 0 ? MOMENT_MS : -1);
}

bool log_tail_is_cut(const struct log_file *file)
{
	const int fd = log_file_fd(file);
	const off_t at = lseek(fd, 0, SEEK_CUR);
	struct stat now;

	return fstat(fd, &now) == 0 && now.st_size < at;
}

struct log_file *log_tail_successor(
	const struct log_file *file, const char *name)
{
	struct stat old;
	struct stat now;

	if (fstat(log_file_fd(file), &old) != 0 || stat(name, &now) != 0 ||
		now.st_size == 0 || !S_ISREG(now.st_mode) ||
		(old.st_dev == now.st_dev && old.st_ino == now.st_ino))
		return NULL;
	return log_file_open(name, NULL);
}
