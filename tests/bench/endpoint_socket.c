/* Blocking until there is a connection: a storm of them must not be lost. */
#include "tests/bench/endpoint_socket.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

union address {
	struct sockaddr any;
	struct sockaddr_un local;
	struct sockaddr_in inet;
};

static socklen_t parse_local(union address *out, const char *path)
{
	out->local.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof out->local.sun_path)
		errx(1, "%s: too long for a socket", path);
	memcpy(out->local.sun_path, path, strlen(path) + 1);
	return sizeof out->local;
}

static socklen_t parse_inet(union address *out, const char *text)
{
	char host[INET_ADDRSTRLEN] = "";
	const char *colon = strrchr(text, ':');

	if (colon == NULL || (size_t)(colon - text) >= sizeof host)
		errx(1, "inet:ADDRESS:PORT is wanted, not inet:%s", text);
	memcpy(host, text, (size_t)(colon - text));
	out->inet.sin_family = AF_INET;
	out->inet.sin_port = htons((in_port_t)strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &out->inet.sin_addr) != 1)
		errx(1, "%s is no IPv4 address", host);
	return sizeof out->inet;
}

static socklen_t parse(union address *out, const char *endpoint)
{
	memset(out, 0, sizeof *out);
	if (strncmp(endpoint, "unix:", 5) == 0)
		return parse_local(out, endpoint + 5);
	if (strncmp(endpoint, "inet:", 5) == 0)
		return parse_inet(out, endpoint + 5);
	errx(1, "%s is neither unix:PATH nor inet:ADDRESS:PORT", endpoint);
}

static int open_socket(const union address *address)
{
	const int fd = socket(address->any.sa_family, SOCK_STREAM, 0);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

int endpoint_listen(const char *endpoint)
{
	union address address;
	const socklen_t len = parse(&address, endpoint);
	const int fd = open_socket(&address);
	const int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, &address.any, len) != 0 || listen(fd, BACKLOG) != 0)
		err(1, "%s", endpoint);
	return fd;
}

int endpoint_connect(const char *endpoint)
{
	union address address;
	const socklen_t len = parse(&address, endpoint);
	const int fd = open_socket(&address);
	const int on = 1;

	if (connect(fd, &address.any, len) != 0)
		err(1, "%s", endpoint);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		err(1, "%s", endpoint);
	return fd;
}
