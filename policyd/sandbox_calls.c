/*
 * A list of what is allowed, by name, so that what a later kernel brings is
 * forbidden.  Calls without a condition cost next to nothing: the kernel
 * keeps their answer in a bitmap.  clone3() hides its flags behind a
 * pointer, so it is "not there", and the C library takes clone().
 */
#include "policyd/sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

#define CALL(name) SCMP_SYS(name)

static const int plain[] = {
	/* conversations and the clock */
	CALL(accept4),
	CALL(close),
	CALL(connect),
	CALL(epoll_create1),
	CALL(epoll_ctl),
	CALL(epoll_pwait),
	CALL(epoll_pwait2),
	CALL(epoll_wait),
	CALL(eventfd2),
	CALL(fcntl),
	CALL(fcntl64),
	CALL(getpeername),
	CALL(getsockname),
	CALL(getsockopt),
	CALL(pipe2),
	CALL(poll),
	CALL(ppoll),
	CALL(pselect6),
	CALL(read),
	CALL(readv),
	CALL(recvfrom),
	CALL(recvmsg),
	CALL(select),
	CALL(sendmsg),
	CALL(sendto),
	CALL(setsockopt),
	CALL(shutdown),
	CALL(timerfd_create),
	CALL(timerfd_settime),
	CALL(write),
	CALL(writev),
	CALL(clock_getres),
	CALL(clock_gettime),
	CALL(clock_nanosleep),
	CALL(gettimeofday),
	CALL(nanosleep),
	CALL(time),
	/* maps that are opened and looked at */
	CALL(_llseek),
	CALL(access),
	CALL(faccessat),
	CALL(faccessat2),
	CALL(fadvise64),
	CALL(flock),
	CALL(fstat),
	CALL(fstat64),
	CALL(fstatfs),
	CALL(getdents64),
	CALL(lseek),
	CALL(lstat),
	CALL(madvise),
	CALL(mincore),
	CALL(newfstatat),
	CALL(pread64),
	CALL(preadv),
	CALL(readahead),
	CALL(readlink),
	CALL(readlinkat),
	CALL(stat),
	CALL(statfs),
	CALL(statx),
	/* memory, threads, signals */
	CALL(brk),
	CALL(mremap),
	CALL(munmap),
	CALL(exit),
	CALL(exit_group),
	CALL(futex),
	CALL(getcpu),
	CALL(getpid),
	CALL(getrandom),
	CALL(getrlimit),
	CALL(getrusage),
	CALL(gettid),
	CALL(getuid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getegid),
	CALL(membarrier),
	CALL(restart_syscall),
	CALL(rseq),
	CALL(rt_sigaction),
	CALL(rt_sigpending),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	CALL(rt_sigtimedwait),
	CALL(sched_getaffinity),
	CALL(sched_yield),
	CALL(set_robust_list),
	CALL(sigaltstack),
	CALL(sysinfo),
	CALL(uname),
#ifdef HAS_SANITIZER
	/* what ASan, UBSan and LSan do at an end and at a finding */
	CALL(arch_prctl),
	CALL(clone),
	CALL(dup),
	CALL(dup2),
	CALL(getdents),
	CALL(getppid),
	CALL(kill),
	CALL(mprotect),
	CALL(pipe),
	CALL(prctl),
	CALL(process_vm_readv),
	CALL(ptrace),
	CALL(tgkill),
	CALL(vfork),
	CALL(wait4),
#endif
#ifdef HAS_COVERAGE
	/* what gcov writes at an end */
	CALL(mkdir),
	CALL(open),
	CALL(openat),
#endif
};

/* Allowed where an argument, of which some bits count, is as said. */
struct condition {
	int call;
	struct scmp_arg_cmp argument;
};

#define BITS(at, mask, value) \
	{ \
		at, SCMP_CMP_MASKED_EQ, mask, value \
	}
#define EQUAL(at, value) \
	{ \
		at, SCMP_CMP_EQ, value, 0 \
	}

enum { WRITING = O_ACCMODE | O_CREAT | O_TRUNC };

static const struct condition conditions[] = {
	{ CALL(open), BITS(1, WRITING, O_RDONLY) },
	{ CALL(openat), BITS(2, WRITING, O_RDONLY) },
	{ CALL(mmap), BITS(2, PROT_EXEC, 0) },
	{ CALL(mmap2), BITS(2, PROT_EXEC, 0) },
	{ CALL(mprotect), BITS(2, PROT_EXEC, 0) },
	{ CALL(socket), EQUAL(0, AF_UNIX) },
	{ CALL(socketpair), EQUAL(0, AF_UNIX) },
	{ CALL(clone), BITS(0, CLONE_THREAD, CLONE_THREAD) },
	{ CALL(ioctl), EQUAL(1, FIONBIO) },
	{ CALL(ioctl), EQUAL(1, FIONREAD) },
	{ CALL(ioctl), EQUAL(1, TCGETS) },
	{ CALL(prctl), EQUAL(0, PR_SET_NAME) },
	{ CALL(prctl), EQUAL(0, PR_SET_VMA) },
	/* looks at a limit, sets none */
	{ CALL(prlimit64), EQUAL(2, 0) },
};

/*
 * A call that this architecture does not have is none to allow; one that
 * is allowed without a condition needs none.
 */
static bool is_done(int code)
{
	return code == 0 || code == -EDOM || code == -EEXIST;
}

static bool allow_all(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		if (!is_done(seccomp_rule_add(
			    filter, SCMP_ACT_ALLOW, plain[i], 0)))
			return false;
	}
	for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
		const struct condition *c = &conditions[i];

		if (!is_done(seccomp_rule_add_array(
			    filter, SCMP_ACT_ALLOW, c->call, 1, &c->argument)))
			return false;
	}
	return true;
}

/* abort() sends to itself and nobody else. */
static bool allow_abort(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp ourselves = EQUAL(0, (uint64_t)getpid());

	return is_done(seccomp_rule_add_array(
		filter, SCMP_ACT_ALLOW, CALL(tgkill), 1, &ourselves));
}

static bool load(scmp_filter_ctx filter, bool is_made, struct err *err)
{
	const int code = is_made ? seccomp_load(filter) : -EINVAL;

	seccomp_release(filter);
	errno = -code;
	return code == 0 || err_sys(err, "seccomp");
}

bool sandbox_limit_calls(struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (filter == NULL)
		return err_set(err, "seccomp: no filter can be made");
	const bool is_made = allow_all(filter) && allow_abort(filter) &&
		is_done(seccomp_rule_add(
			filter, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0));

	return load(filter, is_made, err);
}

static const int never_asked[] = {
	CALL(add_key),
	CALL(bpf),
	CALL(chroot),
	CALL(delete_module),
	CALL(finit_module),
	CALL(init_module),
	CALL(io_uring_setup),
	CALL(kexec_load),
	CALL(keyctl),
	CALL(mount),
	CALL(perf_event_open),
	CALL(pivot_root),
	CALL(process_vm_writev),
#ifndef HAS_SANITIZER
	CALL(ptrace),
#endif
	CALL(reboot),
	CALL(request_key),
	CALL(setns),
	CALL(swapon),
	CALL(umount2),
	CALL(unshare),
	CALL(userfaultfd),
};

/* To ask for an address family is refused, not deadly: a library may try. */
bool sandbox_forbid_network(struct err *err)
{
	const struct scmp_arg_cmp abroad = { 0, SCMP_CMP_NE, AF_UNIX, 0 };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (filter == NULL)
		return err_set(err, "seccomp: no filter can be made");
	bool is_made = is_done(seccomp_rule_add_array(filter,
		SCMP_ACT_ERRNO(EAFNOSUPPORT), CALL(socket), 1, &abroad));

	for (size_t i = 0; i < sizeof never_asked / sizeof *never_asked; i++)
		is_made = is_made &&
			is_done(seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS,
				never_asked[i], 0));
	return load(filter, is_made, err);
}
