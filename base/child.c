/*
 * Input and output are files without a name, not pipes: whoever writes much
 * before it reads can not make both wait for each other.  The output has its
 * greatest size from the beginning and may not grow (fcntl(2), sealing); how
 * much was written is told by the offset, which is shared with the program.
 */
#include "base/child.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/printable.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_SIZE = 4096, OUTPUT_MAX = 64 << 20, SAID_MAX = 197 };

/* Each a file; -1 where it could not be made. */
struct streams {
	int input, output, complaints;
};

static int file_of_text(const char *text)
{
	const int fd = memfd_create("text", MFD_CLOEXEC);
	const size_t len = text == NULL ? 0 : strlen(text);

	if (fd < 0)
		return -1;
	if (!file_write(fd, text, len) || lseek(fd, 0, SEEK_SET) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int file_for_output(void)
{
	const int fd = memfd_create("output", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 &&
		(ftruncate(fd, OUTPUT_MAX) != 0 ||
			fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool text_of_file(struct text *out, int fd)
{
	const off_t end = lseek(fd, 0, SEEK_CUR);
	char bytes[READ_SIZE];
	ssize_t n = end < 0 ? -1 : 1;

	for (off_t at = 0; at < end && n > 0; at += n) {
		const off_t left = end - at;

		n = pread(fd, bytes,
			left < READ_SIZE ? (size_t)left : sizeof bytes, at);
		if (n > 0)
			text_add(out, bytes, (size_t)n);
	}
	return n > 0;
}

/* 0 or an errno. */
static int spawn(
	pid_t *pid, const char *const argv[], const struct streams *streams)
{
	posix_spawn_file_actions_t actions;
	char *const *words = (char *const *)(const void *)argv;
	char path[PATH_MAX];

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(
		&actions, streams->input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(
		&actions, streams->output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(
		&actions, streams->complaints, STDERR_FILENO);
	int code = posix_spawnp(pid, argv[0], &actions, NULL, words, environ);

	if (code == ENOENT) {
		snprintf(path, sizeof path, "/usr/sbin/%s", argv[0]);
		code = posix_spawn(pid, path, &actions, NULL, words, environ);
	}
	posix_spawn_file_actions_destroy(&actions);
	return code;
}

/* False: it was not done in time, and is ended. */
static bool is_done_in_time(pid_t pid)
{
	const int64_t due_ms = clock_due_ms(CHILD_S);
	struct pollfd end = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	int n = 0;

	if (end.fd < 0) /* an old kernel: waits as long as it takes */
		return true;
	do
		n = poll(&end, 1, clock_left_ms(due_ms));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		kill(pid, SIGKILL);
	close(end.fd);
	return n != 0;
}

/* What can not be shown becomes "?". */
static void add_printable(struct text *out, const char *bytes, size_t len)
{
	for (size_t at = 0, n; at < len; at += n == 0 ? 1 : n) {
		n = printable_len(bytes + at, len - at);
		text_add(out, n == 0 ? "?" : bytes + at, n == 0 ? 1 : n);
	}
}

/* Its last line, or the end of that. */
static void add_complaint(struct text *out, int fd)
{
	const off_t end = lseek(fd, 0, SEEK_CUR);
	const off_t from = end > SAID_MAX ? end - SAID_MAX : 0;
	char bytes[SAID_MAX];
	ssize_t n = end <= 0 ? 0 : pread(fd, bytes, (size_t)(end - from), from);
	const char *line;

	while (n > 0 && bytes[n - 1] == '\n')
		n--;
	if (n <= 0)
		return;
	line = memrchr(bytes, '\n', (size_t)n);
	line = line == NULL ? bytes : line + 1;
	add_printable(out, line, (size_t)(bytes + n - line));
}

static void set_failed(
	struct err *err, const char *const argv[], int status, int complaints)
{
	struct text said;

	text_init(&said);
	add_complaint(&said, complaints);
	err_set(err, "%s %s failed with status %d%s%s", argv[0],
		argv[1] == NULL ? "" : argv[1],
		WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		said.len == 0 ? "" : "; it said: ",
		said.len == 0 ? "" : said.data);
	text_fini(&said);
}

static bool wait_for(
	pid_t pid, const char *const argv[], int complaints, struct err *err)
{
	const char *second = argv[1] == NULL ? "" : argv[1];
	const bool is_done = is_done_in_time(pid);
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, "%s %s", argv[0], second);
	if (!is_done)
		return err_set(err, "%s %s was not done after %d s", argv[0],
			second, CHILD_S);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	set_failed(err, argv, status, complaints);
	return false;
}

static bool run(const char *const argv[], const struct streams *streams,
	struct err *err)
{
	pid_t pid;

	if (streams->input < 0 || streams->output < 0 ||
		streams->complaints < 0)
		return err_sys(err, "%s", argv[0]);
	errno = spawn(&pid, argv, streams);
	if (errno != 0)
		return err_sys(err, "%s", argv[0]);
	return wait_for(pid, argv, streams->complaints, err);
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

bool child_run(const char *const argv[], const char *input, struct text *output,
	struct err *err)
{
	const struct streams streams = {
		.input = file_of_text(input),
		.output = file_for_output(),
		.complaints = file_for_output(),
	};
	bool is_done = run(argv, &streams, err);

	if (is_done && output != NULL && !text_of_file(output, streams.output))
		is_done = err_sys(err, "%s", argv[0]);
	close_if_open(streams.input);
	close_if_open(streams.output);
	close_if_open(streams.complaints);
	return is_done;
}
