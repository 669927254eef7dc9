/*
 * A worker that outlived us would hold connections and write where nobody
 * reads, so there are three ways to its end: we kill its process group; the
 * kernel sends it SIGTERM when we die without a word, and its handler kills
 * the group, with whatever program it had started; and where it stays in the
 * kernel all the same, we go on without it.
 *
 * The signals that would end us are held back while workers run, and seen
 * through a descriptor: so there is no handler in this process, and once
 * they are let go they do what they would have done.
 */
#include "directory/workers.h"

#include "base/arena.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

/* So long a killed process is waited for; it may be stuck in the kernel. */
enum { KILL_WAIT_MS = 2000 };

static const int ENDING_SIGNALS[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

struct crew {
	struct worker *workers;
	size_t count, n_running;
	const struct workers_options *options;
	struct pollfd *fds; /* of each worker, then of the signals */
	int64_t due_ms;
	sigset_t before;
};

/* In the worker, which leads its group. */
static void end_group(int number)
{
	(void)number;
	kill(0, SIGKILL);
}

/* SIGPIPE is an error of write(2) here: a server that went away. */
static void prepare(pid_t parent)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	if (setpgid(0, 0) != 0)
		_exit(EX_OSERR);
	for (int number = 1; number < NSIG; number++)
		sigaction(number, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	action.sa_handler = end_group;
	sigaction(SIGTERM, &action, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (getppid() != parent) /* it died before it could be noticed */
		end_group(SIGTERM);
}

static void start(struct worker *worker)
{
	const pid_t parent = getpid();

	worker->end = WORKER_NOT_STARTED;
	worker->is_running = false;
	worker->pid = fork();
	if (worker->pid == 0) {
		prepare(parent);
		worker->run(worker->context);
		_exit(EX_OK); /* what stdio holds is the parent's */
	}
	if (worker->pid < 0) {
		worker->error = errno;
		return;
	}
	setpgid(worker->pid, worker->pid); /* whoever of us comes first */
	worker->fd = pidfd_open(worker->pid, 0);
	worker->error = errno;
	worker->is_running = worker->fd >= 0;
	if (worker->is_running)
		return;
	kill(-worker->pid, SIGKILL);
	waitpid(worker->pid, NULL, 0);
}

/* With what it started and left behind.  Its number is its own until then. */
static void reap(struct worker *worker, enum worker_end end)
{
	struct pollfd ended = { .fd = worker->fd, .events = POLLIN };

	kill(-worker->pid, SIGKILL);
	poll(&ended, 1, KILL_WAIT_MS);
	waitpid(worker->pid, &worker->status, WNOHANG);
	close(worker->fd);
	worker->is_running = false;
	worker->end = end;
}

/* error: why, if it is that we could not wait; else 0. */
static void stop_all(struct crew *crew, enum worker_end end, int error)
{
	for (size_t i = 0; i < crew->count; i++)
		if (crew->workers[i].is_running)
			kill(-crew->workers[i].pid, SIGKILL);
	for (size_t i = 0; i < crew->count; i++) {
		if (!crew->workers[i].is_running)
			continue;
		crew->workers[i].error = error;
		reap(&crew->workers[i], end);
	}
	crew->n_running = 0;
}

static void tell(const struct crew *crew)
{
	if (crew->options->changed != NULL)
		crew->options->changed(crew->options->context);
}

static void reap_ended(struct crew *crew)
{
	const size_t before = crew->n_running;

	for (size_t i = 0; i < crew->count; i++) {
		if (crew->fds[i].fd < 0 || crew->fds[i].revents == 0)
			continue;
		reap(&crew->workers[i], WORKER_ENDED);
		crew->fds[i].fd = -1;
		crew->n_running--;
	}
	if (crew->n_running != before)
		tell(crew);
}

static void wait_for_all(struct crew *crew)
{
	while (crew->n_running > 0) {
		const int left = clock_left_ms(crew->due_ms);
		const int n = poll(crew->fds, crew->count + 1, left);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			stop_all(crew, WORKER_STOPPED, errno);
		else if (n > 0 && crew->fds[crew->count].revents != 0)
			stop_all(crew, WORKER_STOPPED, 0);
		else if (n > 0)
			reap_ended(crew);
		else if (left == 0)
			stop_all(crew, WORKER_OVERDUE, 0);
	}
}

/* Those that are not ignored, as under nohup(1). */
static int hold_signals(sigset_t *before)
{
	const size_t count = sizeof ENDING_SIGNALS / sizeof *ENDING_SIGNALS;
	struct sigaction action;
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < count; i++)
		if (sigaction(ENDING_SIGNALS[i], NULL, &action) == 0 &&
			action.sa_handler != SIG_IGN)
			sigaddset(&held, ENDING_SIGNALS[i]);
	sigprocmask(SIG_BLOCK, &held, before);
	return signalfd(-1, &held, SFD_CLOEXEC);
}

void workers_run(struct worker *workers, size_t count,
	const struct workers_options *options)
{
	struct arena *arena = arena_open();
	struct crew crew = {
		.workers = workers,
		.count = count,
		.options = options,
		.fds = arena_array(arena, count + 1, sizeof *crew.fds),
		.due_ms = clock_due_ms(options->deadline_s),
	};
	const int signals = hold_signals(&crew.before);

	for (size_t i = 0; i < count; i++) {
		workers[i].deadline_s = options->deadline_s;
		start(&workers[i]);
		crew.n_running += workers[i].is_running;
		crew.fds[i] = (struct pollfd){
			.fd = workers[i].is_running ? workers[i].fd : -1,
			.events = POLLIN,
		};
	}
	crew.fds[count] = (struct pollfd){ .fd = signals, .events = POLLIN };
	tell(&crew);
	wait_for_all(&crew);
	if (signals >= 0)
		close(signals);
	arena_close(&arena);
	sigprocmask(SIG_SETMASK, &crew.before, NULL);
}
