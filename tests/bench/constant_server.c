/*
 * The floor that policyd is held against: "action=DUNNO" to whatever ends
 * with an empty line, wherever the stream is cut, and nothing else.  One
 * thread, one wait for all, one read and one write for a request; no
 * library, no log, no memory but a bit for each connection.
 *
 *     constant_server unix:PATH|inet:ADDRESS:PORT
 */
#include "tests/bench/endpoint_socket.h"

#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	EVENTS_MAX = 512,
	FDS_MAX = 65536,
	BLOCK = 64, /* bytes compared at once, by the compiler's vectors */
	PIECE_SIZE = 16 * 1024,
};

static const char reply[] = "action=DUNNO\n\n";

struct server {
	int epoll, listener;
	bool is_line_open[FDS_MAX]; /* the last byte was no LF */
	/* A byte before it: the last of the piece before. */
	char piece[1 + PIECE_SIZE + BLOCK];
};

static void watch(const struct server *server, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		err(1, "epoll_ctl");
}

static void welcome(struct server *server)
{
	const int on = 1;
	const int fd = accept4(
		server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (fd >= FDS_MAX)
		errx(1, "more connections than %d", FDS_MAX);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	server->is_line_open[fd] = false;
	watch(server, fd);
}

/* Empty lines in piece[1..len], piece[0] being what came before. */
static unsigned count_ends(const char *piece, size_t len)
{
	unsigned count = 0;

	for (size_t i = 0; i < len; i += BLOCK) {
		unsigned char found = 0;

		for (size_t j = 0; j < BLOCK; j++)
			found |= (piece[i + j] == '\n') &
				(piece[i + j + 1] == '\n');
		for (size_t j = 0; found && j < BLOCK && i + j < len; j++)
			count += piece[i + j] == '\n' &&
				piece[i + j + 1] == '\n';
	}
	return count;
}

static bool answer(int fd, unsigned count)
{
	for (; count > 0; count--)
		if (send(fd, reply, sizeof reply - 1, MSG_NOSIGNAL) < 0)
			return false;
	return true;
}

static void serve(struct server *server, int fd)
{
	char *piece = server->piece;
	const ssize_t n = recv(fd, piece + 1, PIECE_SIZE, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	piece[0] = server->is_line_open[fd] ? '\0' : '\n';
	if (n <= 0 || !answer(fd, count_ends(piece, (size_t)n))) {
		close(fd);
		return;
	}
	server->is_line_open[fd] = piece[n] != '\n';
}

int main(int argc, char **argv)
{
	static struct server server;
	struct epoll_event events[EVENTS_MAX];

	if (argc != 2)
		errx(1, "usage: constant_server unix:PATH|inet:ADDRESS:PORT");
	server.listener = endpoint_listen(argv[1]);
	server.epoll = epoll_create1(EPOLL_CLOEXEC);
	watch(&server, server.listener);
	for (;;) {
		const int n = epoll_wait(server.epoll, events, EVENTS_MAX, -1);

		for (int i = 0; i < n; i++)
			if (events[i].data.fd == server.listener)
				welcome(&server);
			else
				serve(&server, events[i].data.fd);
	}
}
