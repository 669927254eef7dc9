/*
 * Runs a program and looks at each of its system calls that touches files,
 * descriptors or processes, those that libraries make too: ptrace(2) with a
 * seccomp(2) filter, so that all others cost nothing.  They are numbered from
 * 1 over all processes and threads of the program, from its main() on: where
 * clock.so is preloaded, it says when that is.  What another program does
 * that it runs is not looked at.
 *
 * usage: inject [-p PRELOAD] [-a NUMBER -d WHAT] [-r REPORT] [-s] PROGRAM
 *        ARGUMENT...
 *
 * WHAT is the number of an errno that the call fails with, without being
 * made (but close, which is made), "short" for half of the bytes, "before"
 * or "after" for a SIGKILL then.  REPORT gets a line for each call, or for
 * the one of that number; with -s also the bytes of a file as they are after
 * each call that may have changed it.
 *
 * Ends as the program does; 128 and the signal where it was killed by one.
 */
#include "tests/faults/calls.h"
#include "tests/faults/marker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/limits.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum { PROCESSES_MAX = 64, FAIL_SECONDS = 120, BLOCK_SIZE = 4096 };

struct process {
	pid_t pid;
	bool is_other; /* runs another program */
	const struct call *call; /* that is being made, NULL = none */
	unsigned long number;
	struct user_regs_struct before;
};

struct run {
	unsigned long at, count;
	int error; /* 0: what is one of the others */
	bool is_short, kills_before, kills_after, shows_bytes;
	FILE *report;
	const char *preload;
	pid_t main;
	bool is_started, has_begun;
	struct process processes[PROCESSES_MAX];
};

static _Noreturn void end(const char *what)
{
	perror(what);
	exit(EX_OSERR);
}

/* Stops at our calls and at the marker. */
static void install_filter(void)
{
	struct sock_filter code[CALLS_COUNT + 4];
	struct sock_fprog program = { CALLS_COUNT + 4, code };
	const uint32_t last = CALLS_COUNT + 3;

	code[0] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (uint32_t i = 0; i <= CALLS_COUNT; i++) {
		const long number = i < CALLS_COUNT ? calls_number(i)
						    : SYS_prctl;

		code[i + 1] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
				(uint32_t)number, (uint8_t)(last - i - 2), 0);
	}
	code[CALLS_COUNT + 2] = (struct sock_filter)BPF_STMT(
		BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[last] = (struct sock_filter)BPF_STMT(
		BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		end("seccomp");
}

static _Noreturn void become(const struct run *run, char **arguments)
{
	if (run->preload != NULL)
		setenv("LD_PRELOAD", run->preload, 1);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		end("ptrace");
	raise(SIGSTOP);
	install_filter();
	execv(arguments[0], arguments);
	end(arguments[0]);
}

/* A new one is one of the program's, until we are told otherwise. */
static struct process *process_of(struct run *run, pid_t pid)
{
	struct process *unused = NULL;

	for (size_t i = 0; i < PROCESSES_MAX; i++) {
		if (run->processes[i].pid == pid)
			return &run->processes[i];
		if (unused == NULL && run->processes[i].pid == 0)
			unused = &run->processes[i];
	}
	if (unused == NULL) {
		fputs("inject: too many processes\n", stderr);
		exit(EX_SOFTWARE);
	}
	*unused = (struct process){ .pid = pid };
	return unused;
}

static void read_string(char out[PATH_MAX], pid_t pid, unsigned long address)
{
	char memory[64];
	size_t done = 0;

	snprintf(memory, sizeof memory, "/proc/%d/mem", (int)pid);
	const int fd = open(memory, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && done < PATH_MAX - 1 &&
		pread(fd, out + done, 1, (off_t)(address + done)) == 1 &&
		out[done] != '\0')
		done++;
	out[done] = '\0';
	if (fd >= 0)
		close(fd);
}

/* As /proc has it. */
static void name_of_fd(char out[PATH_MAX], pid_t pid, long fd)
{
	char link[64];

	snprintf(link, sizeof link, "/proc/%d/fd/%ld", (int)pid, fd);
	const ssize_t n = readlink(link, out, PATH_MAX - 1);

	out[n < 0 ? 0 : n] = '\0';
}

static long fd_of(const struct process *process)
{
	const struct user_regs_struct *r = &process->before;

	return (int)(process->call->shape == MAP ? r->r8 : r->rdi);
}

static void names_of(
	const struct process *process, char one[PATH_MAX], char two[PATH_MAX])
{
	const struct user_regs_struct *r = &process->before;
	const pid_t pid = process->pid;

	one[0] = two[0] = '\0';
	switch (process->call->shape) {
	case NO_FILE: break;
	case PATH: read_string(one, pid, r->rdi); break;
	case PATH_AT: read_string(one, pid, r->rsi); break;
	case TWO_PATHS:
		read_string(one, pid, r->rdi);
		read_string(two, pid, r->rsi);
		break;
	case TWO_PATHS_AT:
		read_string(one, pid, r->rsi);
		read_string(two, pid, r->r10);
		break;
	case LINK_AT:
		read_string(one, pid, r->rdi);
		read_string(two, pid, r->rdx);
		break;
	case FD:
	case FD_DATA:
	case MAP: name_of_fd(one, pid, fd_of(process)); break;
	}
}

/* What may be opened for writing, flags; else 0. */
static unsigned long long flags_of(const struct process *process)
{
	switch (process->call->number) {
	case SYS_openat: return process->before.rdx;
	case SYS_open:
	case SYS_fcntl: return process->before.rsi;
	case SYS_unlinkat: return process->before.rdx;
	default: return 0;
	}
}

static void put_bytes(FILE *report, pid_t pid, long fd)
{
	unsigned char block[BLOCK_SIZE];
	char path[64];
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/fd/%ld", (int)pid, fd);
	const int own = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	while (own >= 0 && (n = read(own, block, sizeof block)) > 0)
		for (ssize_t i = 0; i < n; i++)
			fprintf(report, "%02x", block[i]);
	if (own >= 0)
		close(own);
}

/* One with a name, which memfd_create(2) gives but for the looks. */
static bool is_file(const char *name)
{
	return name[0] == '/' && strncmp(name, "/memfd:", 7) != 0;
}

/* Number, process, call, result, flags, two names, bytes. */
static void tell(
	const struct run *run, const struct process *process, long long result)
{
	char one[PATH_MAX], two[PATH_MAX];

	if (run->report == NULL)
		return;
	names_of(process, one, two);
	fprintf(run->report, "%lu\t%s\t%s\t%lld\t%llu\t%s\t%s\t",
		process->number, process->pid == run->main ? "main" : "child",
		process->call->name, result, flags_of(process), one, two);
	if (run->shows_bytes && process->call->shape == FD_DATA &&
		is_file(one) && result >= 0)
		put_bytes(run->report, process->pid, fd_of(process));
	fputc('\n', run->report);
}

static void set_registers(pid_t pid, struct user_regs_struct *registers)
{
	if (ptrace(PTRACE_SETREGS, pid, NULL, registers) != 0 && errno != ESRCH)
		end("PTRACE_SETREGS");
}

static bool is_count_file(const char *name)
{
	const size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".gcda") == 0;
}

/*
 * Its own messages are no part of what is tried; nor is what gcov does at the
 * end: where a read fails, it takes the file for a new one, and the counts of
 * all runs before are gone.
 */
static bool is_counted(const struct process *process)
{
	const struct call *call = process->call;
	const long fd = fd_of(process);
	char one[PATH_MAX], two[PATH_MAX];

	if ((call->shape == FD || call->shape == FD_DATA) &&
		fd <= STDERR_FILENO)
		return false;
	if (call->shape == MAP && fd < 0)
		return false;
	names_of(process, one, two);
	return !is_count_file(one);
}

/* Processes may take turns otherwise, and another call have the number. */
static bool has_length(long number)
{
	return number == SYS_read || number == SYS_pread64 ||
		number == SYS_write || number == SYS_pwrite64;
}

/* True: stop at its end too. */
static bool inject(const struct run *run, struct process *process)
{
	struct user_regs_struct changed = process->before;

	if (process->number != run->at)
		return run->at == 0;
	if (run->kills_before) {
		tell(run, process, 0);
		kill(process->pid, SIGKILL);
		return false;
	}
	if (run->kills_after)
		return true;
	tell(run, process, -run->error);
	if (run->is_short) {
		if (has_length(process->call->number))
			changed.rdx = changed.rdx / 2;
		set_registers(process->pid, &changed);
		return false;
	}
	if (process->call->number == SYS_close)
		return true;
	changed.orig_rax = -1ULL;
	changed.rax = (unsigned long long)-run->error;
	set_registers(process->pid, &changed);
	return false;
}

static bool enter(struct run *run, struct process *process)
{
	struct user_regs_struct *r = &process->before;

	if (ptrace(PTRACE_GETREGS, process->pid, NULL, r) != 0)
		return false; /* killed meanwhile */
	if (r->orig_rax == SYS_prctl) {
		run->has_begun = run->has_begun || r->rdi == MAIN_BEGINS;
		return false;
	}
	process->call = calls_find((long)r->orig_rax);
	if (!run->has_begun || process->is_other || process->call == NULL ||
		!is_counted(process))
		return false;
	process->number = ++run->count;
	return inject(run, process);
}

static void leave(const struct run *run, struct process *process)
{
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, process->pid, NULL, &r) != 0)
		return;
	if (run->at == 0 || run->kills_after)
		tell(run, process, (long long)r.rax);
	if (run->at == 0)
		return;
	if (run->kills_after) {
		kill(process->pid, SIGKILL);
		return;
	}
	r.rax = (unsigned long long)-run->error;
	set_registers(process->pid, &r);
}

static void resume(pid_t pid, bool to_end, int number)
{
	ptrace(to_end ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL, (long)number);
}

static void mark_child(struct run *run, const struct process *parent)
{
	unsigned long child = 0;

	ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &child);
	if (child != 0)
		process_of(run, (pid_t)child)->is_other = parent->is_other;
}

/* The first to be run is the program. */
static void begin(struct run *run, struct process *process)
{
	process->is_other = run->is_started;
	if (!run->is_started)
		run->has_begun = run->preload == NULL;
	run->is_started = true;
}

static void stopped(struct run *run, struct process *process, int status)
{
	const int number = WSTOPSIG(status);
	bool to_end = false;

	switch (status >> 16) {
	case PTRACE_EVENT_SECCOMP: to_end = enter(run, process); break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE: mark_child(run, process); break;
	case PTRACE_EVENT_EXEC: begin(run, process); break;
	default:
		if (number == (SIGTRAP | 0x80)) {
			leave(run, process);
			break;
		}
		/* the first stop of a new one is ours */
		resume(process->pid, false, number == SIGSTOP ? 0 : number);
		return;
	}
	resume(process->pid, to_end, 0);
}

static int end_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static int follow(struct run *run)
{
	int status, last = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid < 0)
			continue;
		struct process *process = process_of(run, pid);

		if (WIFSTOPPED(status)) {
			stopped(run, process, status);
			continue;
		}
		if (pid == run->main)
			last = end_of(status);
		process->pid = 0;
	}
	return last;
}

static void start(struct run *run, char **arguments)
{
	const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD |
		PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
		PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int status;

	run->main = fork();
	if (run->main == 0)
		become(run, arguments);
	if (run->main < 0 || waitpid(run->main, &status, 0) < 0 ||
		ptrace(PTRACE_SETOPTIONS, run->main, NULL, options) != 0)
		end("ptrace");
	resume(run->main, false, 0);
}

static void parse_what(struct run *run, const char *what)
{
	run->is_short = strcmp(what, "short") == 0;
	run->kills_before = strcmp(what, "before") == 0;
	run->kills_after = strcmp(what, "after") == 0;
	run->error = (int)strtol(what, NULL, 10);
}

int main(int argc, char **argv)
{
	static struct run run;
	int option;

	while ((option = getopt(argc, argv, "+a:d:p:r:s")) != -1) {
		switch (option) {
		case 'a': run.at = strtoul(optarg, NULL, 10); break;
		case 'd': parse_what(&run, optarg); break;
		case 'p': run.preload = optarg; break;
		case 'r': run.report = fopen(optarg, "we"); break;
		case 's': run.shows_bytes = true; break;
		default: return EX_USAGE;
		}
	}
	if (optind == argc)
		return EX_USAGE;
	alarm(FAIL_SECONDS);
	start(&run, argv + optind);
	const int status = follow(&run);

	if (run.report != NULL && fclose(run.report) != 0)
		end("report");
	return status;
}
