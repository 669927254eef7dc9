/*
 * A UNIX socket gets its mode by the umask while it is bound, so there is
 * no moment at which it is open to more than it should be.  Its file stays
 * when we end: a successor may have bound it already, and a stale one is
 * replaced at the next start.
 */
#include "policyd/listener.h"

#include "policyd/privileges.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* All smtpds of a large site at once, as after a restart: who finds the queue
   full is refused.  The kernel takes the less of this and somaxconn. */
enum { BACKLOG = 4096 };

static int stream_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static bool is_stale(const struct sockaddr_un *address)
{
	struct stat status;
	const int fd = stream_socket(AF_UNIX);

	if (fd < 0)
		return false;
	const bool is_refused = connect(fd, (const struct sockaddr *)address,
					sizeof *address) != 0 &&
		errno == ECONNREFUSED;

	close(fd);
	return is_refused && lstat(address->sun_path, &status) == 0 &&
		S_ISSOCK(status.st_mode);
}

static bool bind_unix(int fd, const struct sockaddr_un *address,
	const struct socket_look *look)
{
	const mode_t before = umask(~look->mode & 0777);
	const bool is_bound = bind(fd, (const struct sockaddr *)address,
				      sizeof *address) == 0;
	const int code = errno;

	umask(before);
	errno = code;
	return is_bound;
}

static bool put_in_place(int fd, const struct endpoint *endpoint,
	const struct socket_look *look, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, endpoint->path, strlen(endpoint->path) + 1);
	if (!bind_unix(fd, &address, look)) {
		if (errno != EADDRINUSE)
			return err_sys(err, "%s", endpoint->text);
		if (!is_stale(&address))
			return err_set(err,
				"%s: somebody answers there already, or it is "
				"no socket",
				endpoint->text);
		if (unlink(endpoint->path) != 0 ||
			!bind_unix(fd, &address, look))
			return err_sys(err, "%s", endpoint->text);
	}
	if (look->owner != NULL && geteuid() == 0 &&
		lchown(endpoint->path, look->owner->uid, look->owner->gid) != 0)
		return err_sys(err, "%s: chown", endpoint->text);
	if (listen(fd, BACKLOG) != 0)
		return err_sys(err, "%s: listen", endpoint->text);
	return true;
}

bool listener_adopt(struct listener *listener, int fd, struct err *err)
{
	if (listener->count == LISTENER_FDS_MAX)
		return err_set(err, "more than %d sockets to listen on",
			LISTENER_FDS_MAX);
	listener->fds[listener->count++] = fd;
	return true;
}

static bool add_unix(struct listener *listener, const struct endpoint *endpoint,
	const struct socket_look *look, struct err *err)
{
	const int fd = stream_socket(AF_UNIX);

	if (fd < 0)
		return err_sys(err, "%s", endpoint->text);
	if (put_in_place(fd, endpoint, look, err) &&
		listener_adopt(listener, fd, err))
		return true;
	close(fd);
	return false;
}

/* Without V6ONLY "::" would also take 0.0.0.0 and the second bind fail. */
static bool bind_inet(int fd, const struct addrinfo *address)
{
	const int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (address->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	return bind(fd, address->ai_addr, address->ai_addrlen) == 0 &&
		listen(fd, BACKLOG) == 0;
}

/* A family that this machine does not have is passed over. */
static bool add_address(struct listener *listener,
	const struct addrinfo *address, const char *text, struct err *err)
{
	const int fd = stream_socket(address->ai_family);

	if (fd < 0 && errno == EAFNOSUPPORT)
		return true;
	if (fd < 0)
		return err_sys(err, "%s", text);
	if (!bind_inet(fd, address)) {
		const bool is_absent = errno == EADDRNOTAVAIL;

		err_sys(err, "%s", text);
		close(fd);
		return is_absent;
	}
	if (listener_adopt(listener, fd, err))
		return true;
	close(fd);
	return false;
}

static bool add_inet(struct listener *listener, const struct endpoint *endpoint,
	struct err *err)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	const size_t before = listener->count;
	struct addrinfo *list;
	const int code =
		getaddrinfo(endpoint->host, endpoint->port, &hints, &list);
	bool is_ok = true;

	if (code != 0)
		return err_set(
			err, "%s: %s", endpoint->text, gai_strerror(code));
	err_set(err, "%s: no address of this machine", endpoint->text);
	for (const struct addrinfo *a = list; a != NULL && is_ok;
		a = a->ai_next)
		is_ok = add_address(listener, a, endpoint->text, err);
	freeaddrinfo(list);
	return is_ok && listener->count > before;
}

bool listener_add(struct listener *listener, const struct endpoint *endpoint,
	const struct socket_look *look, struct err *err)
{
	return endpoint->path != NULL ? add_unix(listener, endpoint, look, err)
				      : add_inet(listener, endpoint, err);
}

void listener_close(struct listener *listener)
{
	for (size_t i = 0; i < listener->count; i++)
		close(listener->fds[i]);
	listener->count = 0;
}
