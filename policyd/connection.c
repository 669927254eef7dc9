/*
 * Either reading or writing: while a reply is not sent no more is read, so
 * a peer that asks and does not listen costs the replies to one piece of
 * input and not a byte more.  An idle connection stays open for ever, since
 * closing one costs an smtpd a second at its next recipient; so it keeps
 * next to no memory, and between two requests nothing is changed about what
 * the loop watches: a request costs one read and one write.
 */
#include "policyd/connection.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "policyd/batch.h"
#include "policyd/journal.h"
#include "policyd/metrics.h"
#include "policyd/repeats.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

enum { LAST_PIECES = 64 }; /* more than a socket holds, and not without end */

struct connection {
	const struct connection_host *host;
	struct connection_fds fds;
	struct connection_link link;
	struct session *session;
	struct event *ready; /* to be read, or where replies wait: written */
	struct text waiting; /* replies that the peer did not take yet */
	size_t sent; /* of them */
	bool is_writing; /* that is waited for */
	bool is_refused; /* what it says is not listened to any more */
	bool is_heard_out; /* the last read took all that had come in */
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

/* One descriptor for both is a socket; these two save read() its detours. */
static ssize_t receive(const struct connection *connection, char *bytes)
{
	const struct connection_fds fds = connection->fds;

	return fds.in == fds.out ? recv(fds.in, bytes, BATCH_PIECE_SIZE, 0)
				 : read(fds.in, bytes, BATCH_PIECE_SIZE);
}

/* False: the peer is gone.  *sent goes on as far as it takes them. */
static bool send_bytes(
	const struct connection *connection, struct slice bytes, size_t *sent)
{
	const struct connection_fds fds = connection->fds;

	while (*sent < bytes.len) {
		const char *rest = bytes.bytes + *sent;
		const size_t len = bytes.len - *sent;
		const ssize_t n = fds.in == fds.out
			? send(fds.out, rest, len, MSG_NOSIGNAL)
			: write(fds.out, rest, len);

		if (n < 0 && !is_transient(errno))
			return false;
		if (n < 0 && errno != EINTR)
			return true;
		if (n > 0)
			*sent += (size_t)n;
	}
	return true;
}

/* What was answered just now; the rest of it waits. */
static bool send_out(struct connection *connection)
{
	struct text *out = connection->host->out;
	size_t sent = 0;

	if (out->len == 0)
		return true;
	const bool is_there = send_bytes(
		connection, (struct slice){ out->data, out->len }, &sent);

	if (is_there && sent < out->len)
		text_add(&connection->waiting, out->data + sent,
			out->len - sent);
	text_clear(out);
	return is_there;
}

static bool send_waiting(struct connection *connection)
{
	struct text *waiting = &connection->waiting;

	if (!send_bytes(connection,
		    (struct slice){ waiting->data, waiting->len },
		    &connection->sent))
		return false;
	if (connection->sent == waiting->len) {
		text_fini(waiting);
		connection->sent = 0;
	}
	return true;
}

static bool is_over(const struct connection *connection)
{
	return connection->is_refused ||
		(connection->is_stopping && connection->is_heard_out &&
			!session_is_partial(connection->session));
}

static void on_ready(evutil_socket_t fd, short what, void *context);

/* False: libevent can not. */
static bool watch(struct connection *connection, bool is_writing)
{
	const struct connection_fds fds = connection->fds;

	connection->is_writing = is_writing;
	return event_assign(connection->ready, connection->host->base,
		       is_writing ? fds.out : fds.in,
		       (short)(EV_PERSIST | (is_writing ? EV_WRITE : EV_READ)),
		       on_ready, connection) == 0 &&
		event_add(connection->ready, NULL) == 0;
}

/* After each step: what to wait for next.  May free the connection. */
static void go_on(struct connection *connection)
{
	const bool is_blocked = connection->waiting.len > 0;

	if (!is_blocked && is_over(connection)) {
		end(connection);
	} else if (is_blocked != connection->is_writing) {
		event_del(connection->ready);
		if (!watch(connection, is_blocked))
			end(connection);
	}
}

static void refuse(struct connection *connection, const struct err *err)
{
	const struct connection_host *host = connection->host;

	connection->is_refused = true;
	metrics_add(host->metrics, METRICS_REFUSED);
	if (repeats_add(host->strangers, clock_now_ms()))
		journal_printf(host->journal, LOG_WARNING,
			"a peer that does not speak the policy protocol is "
			"hung up on: %s",
			err->text);
}

static void listen_to(struct connection *connection, struct slice bytes)
{
	struct err err; /* too long to be cleared for each request */

	err.text[0] = '\0';
	if (!session_feed(connection->session, bytes, time(NULL),
		    connection->host->out, &err))
		refuse(connection, &err);
}

/* What came, in the room of the batch.  False: the peer is gone. */
static bool hear(struct connection *connection, struct slice *out)
{
	char *room = batch_room(connection->host->batch);
	const ssize_t n = receive(connection, room);

	connection->is_heard_out = n < BATCH_PIECE_SIZE;
	*out = (struct slice){ room, n > 0 ? (size_t)n : 0 };
	return n > 0 || (n < 0 && is_transient(errno));
}

/* False: the peer is gone. */
static bool hear_and_answer(struct connection *connection)
{
	struct slice piece;

	if (!hear(connection, &piece))
		return false;
	if (piece.len > 0)
		listen_to(connection, piece);
	return send_out(connection);
}

/* The request that was taken, and what came behind it. */
static void answer(void *context, struct slice rest)
{
	struct connection *connection = context;

	session_answer(connection->session, time(NULL), connection->host->out);
	if (rest.len > 0)
		listen_to(connection, rest);
	if (send_out(connection))
		go_on(connection);
	else
		end(connection);
}

static void ask(struct connection *connection, struct slice piece, size_t used)
{
	const struct batch_item item = {
		.answer = answer,
		.context = connection,
		.recipient = session_recipient(connection->session),
		.rest = slice_after(piece, used),
	};

	batch_add(connection->host->batch, &item, piece.len);
}

/* One piece; where a request is whole it is answered soon. */
static void take_piece(struct connection *connection, struct slice piece)
{
	struct err err; /* as in listen_to() */
	size_t used;

	err.text[0] = '\0';
	switch (session_take(connection->session, piece, &used, &err)) {
	case REQUEST_WHOLE:
		ask(connection, piece, used);
		return; /* it may be gone by now */
	case REQUEST_REFUSED: refuse(connection, &err); break;
	case REQUEST_PARTIAL: break;
	}
	go_on(connection);
}

/* What has come in before the end; a peer that asks on is left to the loop.
   False: the peer is gone. */
static bool hear_out(struct connection *connection)
{
	for (int i = 0; i < LAST_PIECES; i++) {
		if (connection->is_heard_out || connection->is_refused ||
			connection->waiting.len > 0)
			return true;
		if (!hear_and_answer(connection))
			return false;
	}
	return true;
}

/* False: the peer is gone. */
static bool write_on(struct connection *connection)
{
	return send_waiting(connection) &&
		(!connection->is_stopping || hear_out(connection));
}

static void on_ready(evutil_socket_t fd, short what, void *context)
{
	struct connection *connection = context;
	struct slice piece = { "", 0 };

	(void)fd;
	(void)what;
	if (!(connection->is_writing ? write_on(connection)
				     : hear(connection, &piece)))
		end(connection);
	else if (piece.len > 0)
		take_piece(connection, piece);
	else
		go_on(connection);
}

struct connection *connection_open(
	const struct connection_host *host, struct connection_fds fds)
{
	struct connection *connection =
		memory_must(calloc(1, sizeof *connection));

	connection->host = host;
	connection->fds = fds;
	connection->session = session_open(&host->judge, host->request);
	text_init(&connection->waiting);
	connection->ready = event_new(host->base, -1, 0, on_ready, connection);
	if (connection->ready == NULL || !watch(connection, false))
		connection_close(&connection);
	return connection;
}

void connection_close(struct connection **connection)
{
	struct connection *c = *connection;

	if (c == NULL)
		return;
	if (c->ready != NULL)
		event_free(c->ready);
	session_close(&c->session);
	text_fini(&c->waiting);
	close(c->fds.in);
	if (c->fds.out != c->fds.in)
		close(c->fds.out);
	free(c);
	*connection = NULL;
}

void connection_stop(struct connection *connection)
{
	connection->is_stopping = true;
	connection->is_heard_out = false;
	if (connection->waiting.len > 0)
		return;
	/* Nothing to hear is no reason to stay. */
	if (hear_out(connection))
		go_on(connection);
	else
		end(connection);
}
