/* Every descriptor is proven to be a listening stream socket before use. */
#include "policyd/systemd.h"

#include "base/text.h"
#include "policyd/listener.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool is_listener(int fd)
{
	int type = 0;
	int is_listening = 0;
	socklen_t size = sizeof type;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
		type != SOCK_STREAM)
		return false;
	size = sizeof is_listening;
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening,
		       &size) == 0 &&
		is_listening != 0;
}

static bool adopt(int fd, struct err *err)
{
	if (!is_listener(fd))
		return err_set(err,
			"LISTEN_FDS: descriptor %d is no listening stream "
			"socket (Accept=no, ListenStream=)",
			fd);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
		fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		return err_sys(err, "LISTEN_FDS: descriptor %d", fd);
	return true;
}

bool systemd_sockets(int *count, struct err *err)
{
	const char *pid_text = getenv("LISTEN_PID");
	const char *fds_text = getenv("LISTEN_FDS");
	unsigned long pid, fds;

	*count = 0;
	if (pid_text == NULL || fds_text == NULL ||
		!text_to_ulong(&pid, pid_text) ||
		pid != (unsigned long)getpid())
		return true;
	if (!text_to_ulong(&fds, fds_text) || fds > LISTENER_FDS_MAX)
		return err_set(err, "LISTEN_FDS is a number up to %d, not %s",
			LISTENER_FDS_MAX, fds_text);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	for (int i = 0; i < (int)fds; i++) {
		if (!adopt(SYSTEMD_FIRST_FD + i, err))
			return false;
	}
	*count = (int)fds;
	return true;
}

bool systemd_keeps(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat status;
	char text[48];

	if (stream == NULL || fstat(fd, &status) != 0)
		return false;
	snprintf(text, sizeof text, "%ju:%ju", (uintmax_t)status.st_dev,
		(uintmax_t)status.st_ino);
	return strcmp(stream, text) == 0;
}

void systemd_ready(void)
{
	static const char word[] = "READY=1";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	const size_t len = path == NULL ? 0 : strlen(path);

	if (len == 0 || len >= sizeof address.sun_path)
		return;
	memcpy(address.sun_path, path, len);
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0'; /* the abstract name space */
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const socklen_t size =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);

	if (fd >= 0) {
		sendto(fd, word, sizeof word - 1, MSG_NOSIGNAL | MSG_DONTWAIT,
			(struct sockaddr *)&address, size);
		close(fd);
	}
	unsetenv("NOTIFY_SOCKET");
}
