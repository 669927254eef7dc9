/*
 * Each case is a process of its own that closes itself in and then tries:
 * what is forbidden must end it, what serving needs must go on.
 */
#include "policyd/sandbox_calls.h"

#include "tests/unit/sandbox_case.h"
#include "tests/unit/unit_main.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>

static int run_a_program(void)
{
	char name[] = "true";
	char *const argv[] = { name, NULL };

	execve("/bin/true", argv, NULL);
	return REFUSED;
}

/* As fork(2) does it where there is no such call. */
static int be_two(void)
{
#ifdef SYS_fork
	return end_with(syscall(SYS_fork) >= 0);
#else
	return end_with(
		syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) >= 0);
#endif
}

static int reach_the_network(void)
{
	return end_with(socket(AF_INET, SOCK_STREAM, 0) >= 0);
}

static int reach_the_network_by_6(void)
{
	return end_with(socket(AF_INET6, SOCK_DGRAM, 0) >= 0);
}

static int ask_the_kernel_for_routes(void)
{
	return end_with(socket(AF_NETLINK, SOCK_RAW, 0) >= 0);
}

static int bind_a_socket(void)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return end_with(bind(fd, (const struct sockaddr *)&address,
				sizeof address) == 0);
}

static int write_a_file(void)
{
	return end_with(open("/tmp/sandboxed", O_WRONLY | O_CREAT, 0600) >= 0);
}

static int empty_a_file(void)
{
	return end_with(open("/dev/null", O_RDONLY | O_TRUNC) >= 0);
}

static int remove_a_file(void)
{
	return end_with(unlink("/tmp/not-there") == 0);
}

static int rename_a_file(void)
{
	return end_with(rename("/tmp/not-there", "/tmp/nor-there") == 0);
}

static int change_a_mode(void)
{
	return end_with(chmod("/tmp/not-there", 0777) == 0);
}

static int run_data(void)
{
	return end_with(
		mmap(NULL, 4096, PROT_READ | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static int make_data_run(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return end_with(mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0);
}

static int look_into_another(void)
{
	return end_with(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0);
}

static int end_another(void)
{
	return end_with(kill(getppid(), 0) == 0);
}

static int abort_another(void)
{
	return end_with(syscall(SYS_tgkill, getppid(), getppid(), 0) == 0);
}

static int be_root_again(void)
{
	return end_with(setuid(0) == 0);
}

static int mount_a_disk(void)
{
	return end_with(mount("none", "/mnt", "tmpfs", 0, NULL) == 0);
}

static int leave_the_name_space(void)
{
	return end_with(unshare(CLONE_NEWNS) == 0);
}

static int raise_a_limit(void)
{
	struct rlimit limit = { 64, 64 };

	return end_with(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

static int load_a_program_for_the_kernel(void)
{
	return end_with(syscall(SYS_bpf, 0, NULL, 0) == 0);
}

static int be_looked_into(void)
{
	return end_with(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
}

static int queue_calls(void)
{
	return end_with(syscall(SYS_io_uring_setup, 1, NULL) == 0);
}

static const struct attempt forbidden[] = {
	{ "run a program", .run = run_a_program },
	{ "fork", .run = be_two },
	{ "TCP", .run = reach_the_network },
	{ "UDP over IPv6", .run = reach_the_network_by_6 },
	{ "netlink", .run = ask_the_kernel_for_routes },
	{ "bind", .run = bind_a_socket },
	{ "write a file", .run = write_a_file, .is_lenient = true },
	{ "truncate a file that is read", .run = empty_a_file,
		.is_lenient = true },
	{ "remove a file", .run = remove_a_file },
	{ "rename a file", .run = rename_a_file },
	{ "change a mode", .run = change_a_mode },
	{ "map data as code", .run = run_data },
	{ "make data code", .run = make_data_run, .is_lenient = true },
	{ "ptrace", .run = look_into_another, .is_lenient = true },
	{ "kill", .run = end_another, .is_lenient = true },
	{ "signal the thread of another", .run = abort_another,
		.is_lenient = true },
	{ "setuid", .run = be_root_again },
	{ "mount", .run = mount_a_disk },
	{ "unshare", .run = leave_the_name_space },
	{ "raise a limit", .run = raise_a_limit },
	{ "bpf", .run = load_a_program_for_the_kernel },
	{ "become dumpable", .run = be_looked_into, .is_lenient = true },
	{ "io_uring", .run = queue_calls },
};

static int (*limited)(void);

static int limit_and_run(void)
{
	struct err err = { 0 };

	return sandbox_limit_calls(&err) ? limited() : LEFT_OUT;
}

static int in_a_limited_child(int (*run)(void))
{
	limited = run;
	return in_a_child(limit_and_run);
}

START_TEST(a_forbidden_call_is_the_end)
{
	const struct attempt *attempt = &forbidden[_i];

	if (is_lenient && attempt->is_lenient)
		return;
	const int status = in_a_limited_child(attempt->run);

	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS,
		"%s: status %x", attempt->name, (unsigned)status);
}
END_TEST

static int read_a_file(void)
{
	char byte;
	struct stat status;
	const int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	return end_with(fd >= 0 && read(fd, &byte, 1) == 1 &&
		fstat(fd, &status) == 0 && stat("/etc", &status) == 0 &&
		access("/etc", R_OK) == 0 && close(fd) == 0);
}

static int map_a_file(void)
{
	const int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	void *map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);

	return end_with(map != MAP_FAILED &&
		madvise(map, 4096, MADV_WILLNEED) == 0 &&
		munmap(map, 4096) == 0);
}

static int read_a_link(void)
{
	char target[64];

	return end_with(readlink("/proc/self", target, sizeof target) > 0);
}

static int speak_to_the_log(void)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = "/nobody/listens" };
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return end_with(fd >= 0 &&
		connect(fd, (const struct sockaddr *)&address,
			sizeof address) != 0 &&
		errno == ENOENT);
}

static int wait_for_events(void)
{
	const int fd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event;
	struct pollfd none;
	int ends[2];

	return end_with(fd >= 0 && epoll_wait(fd, &event, 1, 0) == 0 &&
		poll(&none, 0, 0) == 0 && pipe2(ends, O_CLOEXEC) == 0);
}

static void *be_a_thread(void *seen)
{
	*(bool *)seen = true;
	return NULL;
}

static int start_a_thread(void)
{
	pthread_t thread;
	bool is_seen = false;

	return end_with(
		pthread_create(&thread, NULL, be_a_thread, &is_seen) == 0 &&
		pthread_join(thread, NULL) == 0 && is_seen);
}

static volatile sig_atomic_t is_handled;

static void on_signal(int number)
{
	(void)number;
	is_handled = 1;
}

static int handle_a_signal(void)
{
	signal(SIGBUS, on_signal);
	raise(SIGBUS);
	return end_with(is_handled == 1);
}

static int allocate(void)
{
	char *bytes = malloc(64 << 20);

	if (bytes == NULL)
		return REFUSED;
	memset(bytes, 'a', 64 << 20);
	const int end = end_with(bytes[1000] == 'a');

	free(bytes);
	return end;
}

static int tell_the_time(void)
{
	const time_t now = time(NULL);
	struct tm local;
	struct rlimit limit;

	return end_with(localtime_r(&now, &local) != NULL &&
		getrlimit(RLIMIT_NOFILE, &limit) == 0);
}

static int read_a_stream(void)
{
	char line[128];
	FILE *file = fopen("/proc/self/statm", "re");

	return end_with(file != NULL &&
		fgets(line, sizeof line, file) != NULL && fclose(file) == 0);
}

static const struct attempt allowed[] = {
	{ "read a file", .run = read_a_file },
	{ "map a file", .run = map_a_file },
	{ "read a link", .run = read_a_link },
	{ "connect to the log", .run = speak_to_the_log },
	{ "wait", .run = wait_for_events },
	{ "start a thread", .run = start_a_thread },
	{ "handle a signal", .run = handle_a_signal },
	{ "allocate", .run = allocate },
	{ "tell the time", .run = tell_the_time },
	{ "read by stdio", .run = read_a_stream },
};

START_TEST(what_serving_needs_goes_on)
{
	const struct attempt *attempt = &allowed[_i];
	const int status = in_a_limited_child(attempt->run);

	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == DONE,
		"%s: status %x", attempt->name, (unsigned)status);
}
END_TEST

static int assert_something(void)
{
	abort();
}

START_TEST(our_own_bug_ends_as_such)
{
	const int status = in_a_limited_child(assert_something);

	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox_calls");
	TCase *tcase = tcase_create("core");

	tcase_add_loop_test(
		tcase, a_forbidden_call_is_the_end, 0, COUNT(forbidden));
	tcase_add_loop_test(
		tcase, what_serving_needs_goes_on, 0, COUNT(allowed));
	tcase_add_test(tcase, our_own_bug_ends_as_such);
	return unit_run(suite, tcase);
}
