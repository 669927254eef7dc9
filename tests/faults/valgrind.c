/*
 * Preloaded into a unit test that runs under valgrind(1).  That knows no
 * pidfd_open(2) and says that there is no such call: here a thread waits for
 * the end of the process, and leaves the process to whoever reaps it.  And it
 * makes a fork of what posix_spawn(3) shares with its child, so that nobody
 * would hear of a program that is not there: here it is looked for first.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert(sizeof(void *) == 8, "holds a process and a descriptor");

/*
 * What a thread is told: no memory, for that would be lost in each child.
 * Its descriptor is its own, for the other may be closed before the end.
 */
static void *pack(pid_t pid, int fd)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	return (void *)((uintptr_t)pid << 32 | (uintptr_t)fd);
}

static void *tell_end(void *packed)
{
	const id_t pid = (id_t)((uintptr_t)packed >> 32);
	const int fd = (int)((uintptr_t)packed & INT_MAX);
	siginfo_t info;

	while (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) != 0)
		if (errno != EINTR)
			break; /* it was reaped */
	eventfd_write(fd, 1);
	close(fd);
	return NULL;
}

static bool start(int fd, pid_t pid)
{
	const int own = dup(fd);
	pthread_t thread;

	if (own < 0)
		return false;
	if (pthread_create(&thread, NULL, tell_end, pack(pid, own)) == 0) {
		pthread_detach(thread);
		return true;
	}
	close(own);
	errno = ENOMEM;
	return false;
}

/* Becomes readable when the process has ended. */
int pidfd_open(pid_t pid, unsigned int flags)
{
	const int fd = eventfd(0, EFD_CLOEXEC);

	(void)flags;
	if (fd < 0 || start(fd, pid))
		return fd;
	close(fd);
	return -1;
}

/* NOLINTBEGIN(readability-function-size) */
/* What fails later, at the program itself, is not told. */
int posix_spawn(pid_t *restrict pid, const char *restrict path,
	const posix_spawn_file_actions_t *restrict actions,
	const posix_spawnattr_t *restrict attributes, char *const argv[],
	char *const envp[])
{
	__typeof__(posix_spawn) *spawn = NULL;
	struct stat status;

	if (access(path, X_OK) != 0)
		return errno;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return EACCES;
	*(void **)&spawn = dlsym(RTLD_NEXT, "posix_spawn");
	return spawn(pid, path, actions, attributes, argv, envp);
}

int posix_spawnp(pid_t *restrict pid, const char *restrict name,
	const posix_spawn_file_actions_t *restrict actions,
	const posix_spawnattr_t *restrict attributes, char *const argv[],
	char *const envp[])
{
	char path[PATH_MAX];
	const char *at = getenv("PATH");

	if (strchr(name, '/') != NULL || at == NULL)
		return posix_spawn(pid, name, actions, attributes, argv, envp);
	while (*at != '\0') {
		const int len = (int)strcspn(at, ":");

		snprintf(path, sizeof path, "%.*s/%s", len, at, name);
		if (access(path, X_OK) == 0)
			return posix_spawn(
				pid, path, actions, attributes, argv, envp);
		at += len + (at[len] == ':');
	}
	return ENOENT;
}
/* NOLINTEND(readability-function-size) */
