/*
 * The program is no child alone but a process group, for what it starts has
 * to end with it.  The group's leader is a guard, a fork of ours that does
 * nothing but read from a pipe whose other end only we have: when we die, by
 * SIGKILL too, the pipe ends and the guard kills the group.  So it holds
 * however we were killed, with our own group or without.
 *
 * A program has ended when it has exited and its standard output is closed:
 * "exec > >(filter)" leaves a filter behind that still has to write, and
 * half a list must not pass for the whole.
 */
#include "base/program.h"

#include "base/clock.h"
#include "base/lifeline.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PIPE_SIZE = 65536, /* what one holds, pipe(7) */
	COMPLAINT_SIZE = 4096, /* of the end of standard error */
	LINE_SIZE = 300, /* of its last line, to be told */
};

struct run {
	const struct program *program;
	struct program_output *output;
	struct text errors; /* the end of standard error */
	int64_t due_ms;
	pid_t guard, pid; /* -1 = none */
	int lifeline; /* the guard reads the other end */
	int exit; /* pidfd; -1 once it has exited */
	int out, err; /* its standard output and error; -1 at their end */
	int status; /* as waitpid(2) has it */
};

void program_output_fini(struct program_output *output)
{
	text_fini(&output->printed);
	text_fini(&output->complaint);
}

/* Never returns; killed by who started it, or kills its group. */
static _Noreturn void guard_group(int lifeline)
{
	lifeline_wait(lifeline);
	kill(0, SIGKILL);
	_exit(1);
}

static bool start_guard(struct run *run)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	run->guard = fork();
	if (run->guard == 0)
		guard_group(ends[0]);
	close(ends[0]);
	run->lifeline = ends[1];
	if (run->guard < 0)
		return false;
	/* here too: the program joins the group at once */
	setpgid(run->guard, run->guard);
	return true;
}

/* 0 or an errno. */
static int spawn_file(struct run *run, const char *path,
	const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes)
{
	static char *const environment[] = { (char *)"PATH=" PROGRAM_PATH,
		(char *)"LC_ALL=C.UTF-8", NULL };
	const char *const *argv = run->program->argv;

	return posix_spawn(&run->pid, path, actions, attributes,
		(char *const *)(const void *)argv, environment);
}

/* 0 or an errno: of the last file of that name, else ENOENT. */
static int spawn_found(struct run *run,
	const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes)
{
	const char *name = run->program->argv[0];
	char path[PATH_MAX];
	int code = ENOENT;

	if (strchr(name, '/') != NULL)
		return spawn_file(run, name, actions, attributes);
	for (const char *at = PROGRAM_PATH; code != 0 && *at != '\0';) {
		const int len = (int)strcspn(at, ":");

		snprintf(path, sizeof path, "%.*s/%s", len, at, name);
		const int now = spawn_file(run, path, actions, attributes);

		if (now != ENOENT)
			code = now;
		at += len + (at[len] == ':');
	}
	return code;
}

static int spawn(struct run *run, int out, int err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
	posix_spawn_file_actions_addopen(
		&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	posix_spawn_file_actions_addchdir_np(&actions, "/");
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes,
		POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
			POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&attributes, run->guard);
	sigfillset(&signals);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	sigemptyset(&signals);
	posix_spawnattr_setsigmask(&attributes, &signals);
	const int code = spawn_found(run, &actions, &attributes);

	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (code != 0)
		run->pid = -1;
	return code;
}

/* The writing ends are the program's alone. */
static bool start_program(struct run *run)
{
	int out[2], err[2];

	if (pipe2(out, O_CLOEXEC) != 0)
		return false;
	run->out = out[0];
	if (pipe2(err, O_CLOEXEC) != 0) {
		close(out[1]);
		return false;
	}
	run->err = err[0];
	/* one that hands this end on must not make us wait in read() */
	fcntl(run->out, F_SETFL, O_NONBLOCK);
	fcntl(run->err, F_SETFL, O_NONBLOCK);
	const int code = spawn(run, out[1], err[1]);

	close(out[1]);
	close(err[1]);
	if (code == 0)
		run->exit = pidfd_open(run->pid, 0);
	errno = code == 0 ? errno : code;
	return code == 0 && run->exit >= 0;
}

static bool start(struct run *run, struct err *err)
{
	run->due_ms = clock_due_ms(run->program->timeout_s);
	if (start_guard(run) && start_program(run))
		return true;
	return err_set(err, "can not be run: %s%s", strerror(errno),
		errno == ENOEXEC ? "; the first line of a script says who runs "
				   "it, as #!/bin/sh does"
				 : "");
}

static void close_at_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* What there is now; closes *fd at its end.  False: it is too much. */
static bool take_output(struct run *run)
{
	struct text *printed = &run->output->printed;
	char bytes[PIPE_SIZE];
	const ssize_t n = read(run->out, bytes, sizeof bytes);

	if (n < 0)
		return true; /* nothing there, after all */
	if (n == 0)
		close_at_end(&run->out);
	text_add(printed, bytes, (size_t)n);
	return printed->len <= run->program->output_max;
}

/* Keeps the end.  False: nothing was there. */
static bool take_errors(struct run *run)
{
	char bytes[COMPLAINT_SIZE];
	struct text *errors = &run->errors;
	const ssize_t n = read(run->err, bytes, sizeof bytes);

	if (n == 0)
		close_at_end(&run->err);
	if (n <= 0)
		return false;
	text_add(errors, bytes, (size_t)n);
	if (errors->len <= COMPLAINT_SIZE)
		return true;
	memmove(errors->data, errors->data + errors->len - COMPLAINT_SIZE,
		COMPLAINT_SIZE);
	errors->len = COMPLAINT_SIZE;
	return true;
}

static bool take_exit(struct run *run, struct err *err)
{
	close_at_end(&run->exit);
	while (waitpid(run->pid, &run->status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, "waiting for its end");
	run->pid = -1;
	return true;
}

static bool fail_late(const struct run *run, struct err *err)
{
	const unsigned long limit_s = run->program->timeout_s;

	if (run->exit >= 0)
		return err_set(err,
			"not ended after %lu s (\"timeout\"); it was killed "
			"with all that it had started",
			limit_s);
	return err_set(err,
		"ended, but a process that it left behind has kept its "
		"standard output open for the rest of %lu s (\"timeout\"); "
		"start that with its output elsewhere",
		limit_s);
}

/* Until it has exited and, where that is well, its output has ended. */
static bool follow(struct run *run, struct err *err)
{
	while (run->exit >= 0 || (run->out >= 0 && run->status == 0)) {
		struct pollfd waits[] = { { run->out, POLLIN, 0 },
			{ run->err, POLLIN, 0 }, { run->exit, POLLIN, 0 } };
		const int wait_ms = clock_left_ms(run->due_ms);

		if (poll(waits, 3, wait_ms) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		if (wait_ms == 0)
			return fail_late(run, err);
		if (waits[0].revents != 0 && !take_output(run))
			return err_set(err,
				"prints more than %zu MB, which is no list of "
				"recipients",
				run->program->output_max >> 20);
		if (waits[1].revents != 0)
			take_errors(run);
		if (waits[2].revents != 0 && !take_exit(run, err))
			return false;
	}
	return true;
}

static bool judge(const struct run *run, struct err *err)
{
	const int status = run->status;

	if (WIFSIGNALED(status))
		return err_set(err, "killed by signal %d (%s)",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		return err_set(
			err, "failed with status %d", WEXITSTATUS(status));
	return true;
}

static void wait_dead(pid_t pid)
{
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

static void kill_all(const struct run *run)
{
	if (run->guard > 0)
		kill(-run->guard, SIGKILL);
	if (run->pid > 0)
		kill(run->pid, SIGKILL); /* it may have left the group */
	wait_dead(run->pid);
	wait_dead(run->guard);
}

/* Who left the group may still write: no more than a pipe holds. */
static void take_last_errors(struct run *run)
{
	for (int i = 0; i < PIPE_SIZE / COMPLAINT_SIZE; i++) {
		if (run->err < 0 || !take_errors(run))
			return;
	}
}

static void close_all(struct run *run)
{
	close_at_end(&run->lifeline);
	close_at_end(&run->exit);
	close_at_end(&run->out);
	close_at_end(&run->err);
}

static bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

static void pick_last_line(struct text *line, const struct text *errors)
{
	size_t end = errors->len;

	while (end > 0 &&
		(is_line_end(errors->data[end - 1]) ||
			errors->data[end - 1] == ' '))
		end--;
	size_t start = end;

	while (start > 0 && !is_line_end(errors->data[start - 1]))
		start--;
	if (end - start > LINE_SIZE)
		end = start + LINE_SIZE;
	if (end > start)
		text_add(line, errors->data + start, end - start);
}

bool program_run(const struct program *program, struct program_output *output,
	struct err *err)
{
	struct run run = { .program = program,
		.output = output,
		.guard = -1,
		.pid = -1,
		.lifeline = -1,
		.exit = -1,
		.out = -1,
		.err = -1 };

	*output = (struct program_output){ 0 };
	const bool is_done =
		start(&run, err) && follow(&run, err) && judge(&run, err);

	kill_all(&run);
	take_last_errors(&run);
	close_all(&run);
	pick_last_line(&output->complaint, &run.errors);
	text_fini(&run.errors);
	return is_done;
}
