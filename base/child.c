/*
 * Input and output are files without a name, not pipes: whoever writes much
 * before it reads can not make both wait for each other.  The output has its
 * greatest size from the beginning and may not grow (fcntl(2), sealing); how
 * much was written is told by the offset, which is shared with the program.
 */
#include "base/child.h"

#include "base/clock.h"
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

enum { READ_SIZE = 4096, OUTPUT_MAX = 64 << 20 };

static int file_of_text(const char *text)
{
	const int fd = memfd_create("text", MFD_CLOEXEC);
	const size_t len = text == NULL ? 0 : strlen(text);

	if (fd < 0)
		return -1;
	if ((len != 0 && write(fd, text, len) != (ssize_t)len) ||
		lseek(fd, 0, SEEK_SET) != 0) {
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
static int spawn(pid_t *pid, const char *const argv[], int input, int output)
{
	posix_spawn_file_actions_t actions;
	char *const *words = (char *const *)(const void *)argv;
	char path[PATH_MAX];

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(
		&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
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

static bool wait_for(pid_t pid, const char *const argv[], struct err *err)
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
	return err_set(err, "%s %s failed with status %d", argv[0], second,
		WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static bool run(
	const char *const argv[], int input, int output, struct err *err)
{
	pid_t pid;

	if (input < 0 || output < 0)
		return err_sys(err, "%s", argv[0]);
	errno = spawn(&pid, argv, input, output);
	if (errno != 0)
		return err_sys(err, "%s", argv[0]);
	return wait_for(pid, argv, err);
}

bool child_run(const char *const argv[], const char *input, struct text *output,
	struct err *err)
{
	const int in = file_of_text(input);
	const int out = file_for_output();
	bool is_done = run(argv, in, out, err);

	if (is_done && output != NULL && !text_of_file(output, out))
		is_done = err_sys(err, "%s", argv[0]);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return is_done;
}
