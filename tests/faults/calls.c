/* Those of x86-64, where some that others lack have a number too. */
#include "tests/faults/calls.h"

#include <sys/syscall.h>

static const struct call calls[] = {
	{ SYS_open, "open", PATH },
	{ SYS_openat, "openat", PATH_AT },
	{ SYS_creat, "creat", PATH },
	{ SYS_read, "read", FD },
	{ SYS_pread64, "pread", FD },
	{ SYS_readv, "readv", FD },
	{ SYS_write, "write", FD_DATA },
	{ SYS_pwrite64, "pwrite", FD_DATA },
	{ SYS_writev, "writev", FD_DATA },
	{ SYS_pwritev, "pwritev", FD_DATA },
	{ SYS_copy_file_range, "copy_file_range", FD },
	{ SYS_fsync, "fsync", FD_DATA },
	{ SYS_fdatasync, "fdatasync", FD_DATA },
	{ SYS_sync_file_range, "sync_file_range", FD },
	{ SYS_close, "close", FD },
	{ SYS_ftruncate, "ftruncate", FD_DATA },
	{ SYS_fallocate, "fallocate", FD_DATA },
	{ SYS_rename, "rename", TWO_PATHS },
	{ SYS_renameat, "renameat", TWO_PATHS_AT },
	{ SYS_renameat2, "renameat", TWO_PATHS_AT },
	{ SYS_link, "link", TWO_PATHS },
	{ SYS_linkat, "linkat", TWO_PATHS_AT },
	{ SYS_symlink, "symlink", TWO_PATHS },
	{ SYS_symlinkat, "symlinkat", LINK_AT },
	{ SYS_readlink, "readlink", PATH },
	{ SYS_readlinkat, "readlinkat", PATH_AT },
	{ SYS_unlink, "unlink", PATH },
	{ SYS_unlinkat, "unlinkat", PATH_AT },
	{ SYS_rmdir, "rmdir", PATH },
	{ SYS_mkdir, "mkdir", PATH },
	{ SYS_mkdirat, "mkdirat", PATH_AT },
	{ SYS_chmod, "chmod", PATH },
	{ SYS_fchmod, "fchmod", FD },
	{ SYS_fchmodat, "fchmodat", PATH_AT },
	{ SYS_chown, "chown", PATH },
	{ SYS_lchown, "lchown", PATH },
	{ SYS_fchown, "fchown", FD },
	{ SYS_fchownat, "fchownat", PATH_AT },
	{ SYS_utimensat, "utimensat", PATH_AT },
	{ SYS_stat, "stat", PATH },
	{ SYS_lstat, "lstat", PATH },
	{ SYS_fstat, "fstat", FD },
	{ SYS_newfstatat, "fstatat", PATH_AT },
	{ SYS_statx, "statx", PATH_AT },
	{ SYS_access, "access", PATH },
	{ SYS_faccessat, "faccessat", PATH_AT },
	{ SYS_faccessat2, "faccessat", PATH_AT },
	{ SYS_getdents64, "getdents", FD },
	{ SYS_lseek, "lseek", FD },
	{ SYS_mmap, "mmap", MAP },
	{ SYS_munmap, "munmap", NO_FILE },
	{ SYS_msync, "msync", NO_FILE },
	{ SYS_flock, "flock", FD },
	{ SYS_fcntl, "fcntl", FD },
	{ SYS_dup, "dup", FD },
	{ SYS_dup2, "dup2", FD },
	{ SYS_dup3, "dup3", FD },
	{ SYS_fork, "fork", NO_FILE },
	{ SYS_vfork, "vfork", NO_FILE },
	{ SYS_clone, "clone", NO_FILE },
	{ SYS_clone3, "clone3", NO_FILE },
	{ SYS_execve, "execve", PATH },
	{ SYS_wait4, "wait4", NO_FILE },
	{ SYS_waitid, "waitid", NO_FILE },
	{ SYS_pipe, "pipe", NO_FILE },
	{ SYS_pipe2, "pipe", NO_FILE },
	{ SYS_socket, "socket", NO_FILE },
	{ SYS_socketpair, "socketpair", NO_FILE },
	{ SYS_connect, "connect", FD },
	{ SYS_sendto, "sendto", FD },
	{ SYS_memfd_create, "memfd_create", NO_FILE },
	{ SYS_pidfd_open, "pidfd_open", NO_FILE },
	{ SYS_signalfd4, "signalfd", NO_FILE },
	{ SYS_poll, "poll", NO_FILE },
	{ SYS_setpgid, "setpgid", NO_FILE },
};
_Static_assert(sizeof calls / sizeof *calls == CALLS_COUNT, "count them");

long calls_number(size_t index)
{
	return calls[index].number;
}

const struct call *calls_find(long number)
{
	for (size_t i = 0; i < CALLS_COUNT; i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}
