/*
 * Either reading or writing: while a reply is not sent no more is read, so
 * a peer that asks and does not listen costs the replies to one piece of
 * input and not a byte more.  An idle connection stays open for ever, since
 * closing one costs an smtpd a second at its next recipient.
 */
#include "policyd/connection.h"

#include "base/memory.h"
#include "base/text.h"
#include "policyd/journal.h"
#include "policyd/metrics.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

enum { PIECE_SIZE = 16 * 1024 };

struct connection {
	const struct connection_host *host;
	struct connection_fds fds;
	struct connection_link link;
	struct session *session;
	struct event *readable;
	struct event *writable;
	struct text out;
	size_t sent; /* of out */
	bool is_refused; /* what it says is not listened to any more */
	bool is_stopping;
};

struct connection_link *connection_link(struct connection *connection)
{
	return &connection->link;
}

static bool is_transient(int code)
{
	return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

static void end(struct connection *connection)
{
	connection->host->ended(connection->host->context, connection);
}

/* False: the peer is gone. */
static bool send_out(struct connection *connection)
{
	struct text *out = &connection->out;

	while (connection->sent < out->len) {
		const ssize_t n =
			write(connection->fds.out, out->data + connection->sent,
				out->len - connection->sent);

		if (n < 0 && !is_transient(errno))
			return false;
		if (n < 0 && errno != EINTR)
			return true;
		if (n > 0)
			connection->sent += (size_t)n;
	}
	text_clear(out);
	connection->sent = 0;
	return true;
}

static bool is_over(const struct connection *connection)
{
	return connection->is_refused ||
		(connection->is_stopping &&
			!session_is_partial(connection->session));
}

/* After each step: what to wait for next.  May free the connection. */
static void go_on(struct connection *connection)
{
	if (!send_out(connection)) {
		end(connection);
	} else if (connection->out.len > 0) {
		event_del(connection->readable);
		event_add(connection->writable, NULL);
	} else if (is_over(connection)) {
		end(connection);
	} else {
		event_add(connection->readable, NULL);
	}
}

static void listen_to(struct connection *connection, struct slice bytes)
{
	struct err err = { 0 };

	if (session_feed(connection->session, bytes, time(NULL),
		    &connection->out, &err))
		return;
	connection->is_refused = true;
	metrics_add(connection->host->metrics, METRICS_REFUSED);
	journal_printf(connection->host->journal, LOG_WARNING,
		"a peer that does not speak the policy protocol is hung up "
		"on: %s",
		err.text);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct connection *connection = context;
	char bytes[PIECE_SIZE];
	const ssize_t n = read(connection->fds.in, bytes, sizeof bytes);

	(void)fd;
	(void)what;
	if (n < 0 && is_transient(errno))
		return;
	if (n <= 0) {
		end(connection);
		return;
	}
	listen_to(connection, (struct slice){ bytes, (size_t)n });
	go_on(connection);
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	go_on(context);
}

struct connection *connection_open(
	const struct connection_host *host, struct connection_fds fds)
{
	struct connection *connection =
		memory_must(calloc(1, sizeof *connection));

	connection->host = host;
	connection->fds = fds;
	connection->session = session_open(&host->judge, host->request);
	text_init(&connection->out);
	connection->readable = event_new(host->base, fds.in,
		EV_READ | EV_PERSIST, on_readable, connection);
	connection->writable = event_new(
		host->base, fds.out, EV_WRITE, on_writable, connection);
	if (connection->readable == NULL || connection->writable == NULL ||
		event_add(connection->readable, NULL) != 0)
		connection_close(&connection);
	return connection;
}

void connection_close(struct connection **connection)
{
	struct connection *c = *connection;

	if (c == NULL)
		return;
	if (c->readable != NULL)
		event_free(c->readable);
	if (c->writable != NULL)
		event_free(c->writable);
	session_close(&c->session);
	text_fini(&c->out);
	close(c->fds.in);
	if (c->fds.out != c->fds.in)
		close(c->fds.out);
	free(c);
	*connection = NULL;
}

void connection_stop(struct connection *connection)
{
	char bytes[PIECE_SIZE];

	connection->is_stopping = true;
	if (connection->out.len == 0) {
		const ssize_t n = read(connection->fds.in, bytes, sizeof bytes);

		if (n > 0)
			listen_to(
				connection, (struct slice){ bytes, (size_t)n });
	}
	go_on(connection);
}
