/*
 * Done here and not by libldap, which says of every failure that it can not
 * contact the server: whoever reads "Connection refused" or "Name or service
 * not known" knows what to mend.
 */
#include "directory/ldap_dial.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Where Debian's slapd and its tools look; libldap does not tell. */
static const char LOCAL_SOCKET[] = "/var/run/slapd/ldapi";

/* 0, or what errno would be. */
static int wait_connected(int fd, int64_t deadline_ms)
{
	for (;;) {
		struct pollfd ready = { .fd = fd, .events = POLLOUT };
		const int left_ms = clock_left_ms(deadline_ms);
		int why = 0;
		socklen_t len = sizeof why;

		if (left_ms == 0)
			return ETIMEDOUT;
		const int n = poll(&ready, 1, left_ms);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n <= 0)
			continue;
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len) != 0)
			return errno;
		return why;
	}
}

/* -1 and errno. */
static int connect_to(
	const struct sockaddr *address, socklen_t len, int64_t deadline_ms)
{
	const int fd = socket(address->sa_family,
		SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int yes = 1;
	int why = 0;

	if (fd < 0)
		return -1;
	if (address->sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	if (connect(fd, address, len) != 0)
		why = errno == EINPROGRESS ? wait_connected(fd, deadline_ms)
					   : errno;
	if (why == 0)
		return fd;
	close(fd);
	errno = why;
	return -1;
}

static int dial_local(const char *path, int64_t deadline_ms, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int len = snprintf(address.sun_path, sizeof address.sun_path,
		"%s", path == NULL || *path == '\0' ? LOCAL_SOCKET : path);

	if (len < 0 || (size_t)len >= sizeof address.sun_path) {
		err_set(err, "the path of its socket is longer than %zu bytes",
			sizeof address.sun_path - 1);
		return -1;
	}
	const int fd = connect_to(
		(const struct sockaddr *)&address, sizeof address, deadline_ms);

	if (fd < 0)
		err_sys(err, "connect to %s", address.sun_path);
	return fd;
}

static int dial_each(
	const struct addrinfo *addresses, int64_t deadline_ms, struct err *err)
{
	for (const struct addrinfo *at = addresses; at != NULL;
		at = at->ai_next) {
		char host[NI_MAXHOST] = "?";
		const int fd =
			connect_to(at->ai_addr, at->ai_addrlen, deadline_ms);

		if (fd >= 0)
			return fd;
		const int why = errno;

		getnameinfo(at->ai_addr, at->ai_addrlen, host, sizeof host,
			NULL, 0, NI_NUMERICHOST);
		err_set(err, "connect to %s: %s", host,
			why == ETIMEDOUT ? "no answer within connect-timeout"
					 : strerror(why));
	}
	return -1;
}

int ldap_dial(const LDAPURLDesc *url, int64_t deadline_ms, struct err *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV };
	const bool has_host = url->lud_host != NULL && *url->lud_host != '\0';
	const char *host = has_host ? url->lud_host : "localhost";
	struct addrinfo *addresses;
	char port[16];

	if (strcmp(url->lud_scheme, "ldapi") == 0)
		return dial_local(url->lud_host, deadline_ms, err);
	snprintf(port, sizeof port, "%d", url->lud_port);
	const int status = getaddrinfo(host, port, &hints, &addresses);

	if (status != 0) {
		err_set(err, "look up %s: %s", host,
			status == EAI_SYSTEM ? strerror(errno)
					     : gai_strerror(status));
		return -1;
	}
	const int fd = dial_each(addresses, deadline_ms, err);

	freeaddrinfo(addresses);
	return fd;
}
