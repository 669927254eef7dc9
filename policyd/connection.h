/* A session on a pair of descriptors, driven by libevent. */
#ifndef POLICYD_CONNECTION_H
#define POLICYD_CONNECTION_H

#include "policyd/session.h"

struct batch;
struct connection;
struct event_base;
struct journal;
struct metrics;
struct repeats;
struct text;

/* What all connections share. */
struct connection_host {
	struct event_base *base;
	struct judge judge;
	struct batch *batch;
	struct arena *request;
	struct text *out; /* replies on their way; empty between two steps */
	struct journal *journal;
	struct metrics *metrics;
	struct repeats *strangers; /* who do not speak the protocol */
	/* The peer left, or is done with after connection_stop(). */
	void (*ended)(void *context, struct connection *connection);
	void *context;
};

struct connection_fds {
	int in, out; /* the same for a socket; non-blocking, owned */
};

/* NULL: libevent can not watch them; they are closed then. */
struct connection *connection_open(
	const struct connection_host *host, struct connection_fds fds);
void connection_close(struct connection **connection);

/*
 * Answers what has come in already, then ends: at once, or when the request
 * that has begun is answered and all is sent.  May call ended().
 */
void connection_stop(struct connection *connection);

/* For the list that the host keeps; not touched here. */
struct connection_link {
	struct connection *newer, *older;
};
struct connection_link *connection_link(struct connection *connection);

#endif
