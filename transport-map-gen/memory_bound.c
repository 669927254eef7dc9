/*
 * This process looks at the others every few milliseconds, by proc(5): so
 * readers count, and the programs that they run, and no process is refused
 * what another leaves free.  A limit by setrlimit(2) would be each process's
 * own, and would count what is reserved and never used.
 */
#include "transport-map-gen/memory_bound.h"

#include "base/text.h"
#include "snapshot/state.h"
#include "transport-map-gen/options.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

/* Memory is filled at some 1 MiB a millisecond. */
enum { LOOK_MS = 10, DEPTH_MAX = 8, KIB_IN_MIB = 1024 };

/* "RssAnon:	   12345 kB" */
static uint64_t kib_of(const char *line)
{
	static const char *const counted[] = {
		"RssAnon:", "RssShmem:", "VmSwap:"
	};

	for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
		if (text_starts(line, counted[i]))
			return strtoull(line + strlen(counted[i]), NULL, 10);
	return 0;
}

/* False where it may not be looked at, or has ended. */
static bool add_process(uint64_t *kib, pid_t pid)
{
	char line[256];

	snprintf(line, sizeof line, "/proc/%ld/status", (long)pid);
	FILE *file = fopen(line, "re");

	if (file == NULL)
		return false;
	while (fgets(line, sizeof line, file) != NULL)
		*kib += kib_of(line);
	fclose(file);
	return true;
}

/* Up to the next blank. */
static bool read_word(char *out, size_t size, FILE *file)
{
	size_t len = 0;
	int c;

	while ((c = getc(file)) != EOF && c != ' ')
		if (len + 1 < size)
			out[len++] = (char)c;
	out[len] = '\0';
	return len > 0;
}

static bool add_tree(uint64_t *kib, pid_t pid, unsigned depth);

/* What it had started is another thread's now. */
static bool has_gone(const char *thread_path)
{
	return access(thread_path, F_OK) != 0 && errno == ENOENT;
}

/* Those that one thread has started. */
static bool add_children(
	uint64_t *kib, pid_t pid, const char *thread, unsigned depth)
{
	char thread_path[64];
	char path[128];
	char number[32];

	snprintf(thread_path, sizeof thread_path, "/proc/%ld/task/%.20s",
		(long)pid, thread);
	snprintf(path, sizeof path, "%s/children", thread_path);
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return has_gone(thread_path);
	while (depth < DEPTH_MAX && read_word(number, sizeof number, file))
		add_tree(kib, (pid_t)strtol(number, NULL, 10), depth + 1);
	fclose(file);
	return true;
}

static bool add_tree(uint64_t *kib, pid_t pid, unsigned depth)
{
	char path[64];
	const struct dirent *entry;
	bool is_seen = add_process(kib, pid);

	snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
	DIR *threads = opendir(path);

	if (threads == NULL)
		return false;
	while ((entry = readdir(threads)) != NULL)
		if (entry->d_name[0] != '.')
			is_seen =
				add_children(kib, pid, entry->d_name, depth) &&
				is_seen;
	closedir(threads);
	return is_seen;
}

static bool has_ended(int pidfd, int wait_ms)
{
	struct pollfd poll_of = { .fd = pidfd, .events = POLLIN };

	return poll(&poll_of, 1, wait_ms) > 0;
}

static int status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EX_OSERR;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	fprintf(stderr, "transport-map-gen: error: ended by signal %d (%s)\n",
		WTERMSIG(status), strsignal(WTERMSIG(status)));
	return EX_SOFTWARE;
}

/* What a killed build left is removed by whoever opens the state next. */
static void clean_up(const struct options *options)
{
	if (options->command != COMMAND_BUILD || options->dry_run)
		return;
	struct state *state = state_open(options->state, NULL);

	state_close(&state);
}

/* The processes that it started end with it. */
static int end(const struct options *options, pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	clean_up(options);
	return EX_OSERR;
}

static int end_above(const struct options *options, pid_t pid, uint64_t kib)
{
	fprintf(stderr,
		"transport-map-gen: error: more memory is in use (%llu MiB) "
		"than --max-memory %lu allows; what is published stands\n",
		(unsigned long long)(kib / KIB_IN_MIB), options->max_memory);
	return end(options, pid);
}

static int end_unseen(const struct options *options, pid_t pid)
{
	fprintf(stderr,
		"transport-map-gen: error: --max-memory: what memory the run "
		"has can not be read in /proc/%ld; in a unit of systemd let "
		"MemoryMax= bound it\n",
		(long)pid);
	return end(options, pid);
}

static int watch(const struct options *options, pid_t pid, int pidfd)
{
	const uint64_t bound_kib = (uint64_t)options->max_memory * KIB_IN_MIB;

	while (!has_ended(pidfd, LOOK_MS)) {
		uint64_t kib = 0;
		const bool is_seen = add_tree(&kib, pid, 0);

		if (kib > bound_kib)
			return end_above(options, pid, kib);
		if (!is_seen && !has_ended(pidfd, 0))
			return end_unseen(options, pid);
	}
	return status_of(pid);
}

int memory_bound_run(
	const struct options *options, memory_bound_command *command)
{
	const pid_t own = getpid();
	const pid_t pid = fork();

	if (pid == 0) {
		/* Who ends this process means that one. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return getppid() == own ? command(options) : EX_OSERR;
	}
	const int pidfd = pid < 0 ? -1 : pidfd_open(pid, 0);

	if (pidfd < 0) {
		perror("transport-map-gen: error: --max-memory");
		return pid < 0 ? EX_OSERR : end(options, pid);
	}
	const int status = watch(options, pid, pidfd);

	close(pidfd);
	return status;
}
