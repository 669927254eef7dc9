/* Sockets that are listened on. */
#ifndef POLICYD_LISTENER_H
#define POLICYD_LISTENER_H

#include "policyd/endpoint.h"

#include <sys/types.h>

struct identity;

enum { LISTENER_FDS_MAX = 64 };

struct listener {
	int fds[LISTENER_FDS_MAX]; /* non-blocking */
	size_t count;
};

/* How a UNIX socket looks in its folder. */
struct socket_look {
	mode_t mode;
	const struct identity *owner; /* NULL: who made it */
};

/*
 * Adds a socket for each address of the endpoint.  A UNIX socket that
 * nobody answers on any more is replaced; one that is answered is an error.
 */
bool listener_add(struct listener *listener, const struct endpoint *endpoint,
	const struct socket_look *look, struct err *err);
/* A socket that was handed over. */
bool listener_adopt(struct listener *listener, int fd, struct err *err);
void listener_close(struct listener *listener);

#endif
