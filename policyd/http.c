/*
 * libevent's evhttp reads and writes; the bounds are kept here, because it
 * limits neither connections nor how long one takes byte by byte.  Each
 * connection has a place with a reference to its bufferevent, so that its
 * descriptor is still its own when the time is up and it is shut down; then
 * evhttp sees the end and frees it.  A place is free again when evhttp says
 * that the connection closes.  It says so only where a request was whole; so
 * when all places are taken, they are looked through for those that were
 * left without a word, or a crowd that came and went would shut others out.
 */
#include "policyd/http.h"

#include "base/memory.h"
#include "base/text.h"
#include "policyd/listener.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { ERROR_PAUSE_S = 1, LOOK_MS = 10, METHOD_NOT_ALLOWED = 405 };

struct guest {
	struct http *http;
	struct bufferevent *stream; /* NULL: the place is free */
	struct event *time_up;
};

struct http {
	struct http_host host;
	struct evhttp *evhttp;
	struct evconnlistener *listeners[LISTENER_FDS_MAX];
	size_t n_listeners;
	struct event *pause_over; /* for listeners that failed to accept */
	struct event *look; /* for places that were left, while all are taken */
	struct guest guests[HTTP_CONNECTIONS_MAX];
	size_t n_guests;
	struct text body;
};

static void set_accepting(struct http *http, bool is_accepting)
{
	for (size_t i = 0; i < http->n_listeners; i++) {
		if (is_accepting)
			evconnlistener_enable(http->listeners[i]);
		else
			evconnlistener_disable(http->listeners[i]);
	}
}

static void let_go(struct guest *guest)
{
	struct http *http = guest->http;

	if (guest->stream == NULL)
		return;
	event_del(guest->time_up);
	bufferevent_decref(guest->stream);
	guest->stream = NULL;
	http->n_guests--;
	set_accepting(http, true);
}

/* bufferevent_free(3) takes the callbacks away, and evhttp always has one. */
static bool is_left(const struct guest *guest)
{
	bufferevent_event_cb on_event;

	if (guest->stream == NULL)
		return false;
	bufferevent_getcb(guest->stream, NULL, NULL, &on_event, NULL);
	return on_event == NULL;
}

static void on_look(evutil_socket_t fd, short what, void *context)
{
	const struct timeval pause = { .tv_usec = LOOK_MS * 1000 };
	struct http *http = context;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
		if (is_left(&http->guests[i]))
			let_go(&http->guests[i]);
	}
	if (http->n_guests == HTTP_CONNECTIONS_MAX)
		event_add(http->look, &pause);
}

static void on_time_up(evutil_socket_t fd, short what, void *context)
{
	struct guest *guest = context;

	(void)fd;
	(void)what;
	shutdown(bufferevent_getfd(guest->stream), SHUT_RDWR);
	let_go(guest);
}

static void on_closing(struct evhttp_connection *connection, void *context)
{
	struct guest *guest = context;

	/* Its time may have been up, and somebody else have the place. */
	if (evhttp_connection_get_bufferevent(connection) == guest->stream)
		let_go(guest);
}

static struct guest *guest_of(
	struct http *http, const struct bufferevent *stream)
{
	for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
		if (http->guests[i].stream == stream)
			return &http->guests[i];
	}
	return NULL;
}

/* A connection was accepted: evhttp wants a stream for it. */
static struct bufferevent *welcome(struct event_base *base, void *context)
{
	const struct timeval patience = { .tv_sec = HTTP_SECONDS_MAX };
	const struct timeval pause = { .tv_usec = LOOK_MS * 1000 };
	struct http *http = context;
	struct guest *guest = guest_of(http, NULL);
	struct bufferevent *stream =
		bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);

	if (guest == NULL || stream == NULL)
		return stream;
	bufferevent_incref(stream);
	guest->stream = stream;
	event_add(guest->time_up, &patience);
	if (++http->n_guests == HTTP_CONNECTIONS_MAX) {
		set_accepting(http, false);
		event_add(http->look, &pause);
	}
	return stream;
}

/*
 * Out of descriptors, most likely: trying on would only burn time.  The
 * context is what evhttp gave the listener for itself, and none of ours.
 */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
	(void)context;
	evconnlistener_disable(listener);
}

static void on_pause_over(evutil_socket_t fd, short what, void *context)
{
	struct http *http = context;

	(void)fd;
	(void)what;
	if (http->n_guests < HTTP_CONNECTIONS_MAX)
		set_accepting(http, true);
}

static void send_reply(struct http *http, struct evhttp_request *request,
	const struct http_reply *reply)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *body = evhttp_request_get_output_buffer(request);
	struct text length;

	text_init(&length);
	text_addf(&length, "%zu", http->body.len);
	evhttp_add_header(headers, "Content-Type", reply->content_type);
	evhttp_add_header(headers, "Content-Length", length.data);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_add_header(headers, "Connection", "close");
	if (evhttp_request_get_command(request) != EVHTTP_REQ_HEAD)
		evbuffer_add(body, http->body.data, http->body.len);
	evhttp_send_reply(request, reply->status, NULL, NULL);
	text_fini(&length);
}

static void on_request(struct evhttp_request *request, void *context)
{
	struct http *http = context;
	struct evhttp_connection *connection =
		evhttp_request_get_connection(request);
	struct guest *guest =
		guest_of(http, evhttp_connection_get_bufferevent(connection));
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *path = uri == NULL ? NULL : evhttp_uri_get_path(uri);
	const enum evhttp_cmd_type method = evhttp_request_get_command(request);
	struct http_reply reply = { HTTP_OK, "text/plain; charset=utf-8",
		&http->body };

	if (guest != NULL)
		evhttp_connection_set_closecb(connection, on_closing, guest);
	text_clear(&http->body);
	if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
		reply.status = METHOD_NOT_ALLOWED;
		text_adds(&http->body, "only GET and HEAD are answered\n");
		evhttp_add_header(evhttp_request_get_output_headers(request),
			"Allow", "GET, HEAD");
	} else if (path == NULL ||
		!http->host.answer(http->host.context, path, &reply)) {
		reply.status = HTTP_NOTFOUND;
		text_adds(&http->body, "there are /metrics and /healthz\n");
	}
	send_reply(http, request, &reply);
}

static bool add_listener(struct http *http, int fd)
{
	struct evconnlistener *listener = evconnlistener_new(
		http->host.base, NULL, NULL, LEV_OPT_CLOSE_ON_EXEC, 0, fd);

	if (listener == NULL)
		return false;
	if (evhttp_bind_listener(http->evhttp, listener) == NULL) {
		evconnlistener_free(listener);
		return false;
	}
	evconnlistener_set_error_cb(listener, on_accept_error);
	http->listeners[http->n_listeners++] = listener;
	return true;
}

static bool add_events(struct http *http)
{
	const struct timeval pause = { .tv_sec = ERROR_PAUSE_S };
	struct event_base *base = http->host.base;

	http->pause_over = event_new(base, -1, EV_PERSIST, on_pause_over, http);
	http->look = evtimer_new(base, on_look, http);
	for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
		struct guest *guest = &http->guests[i];

		guest->http = http;
		guest->time_up = evtimer_new(base, on_time_up, guest);
		if (guest->time_up == NULL)
			return false;
	}
	return http->pause_over != NULL && http->look != NULL &&
		event_add(http->pause_over, &pause) == 0;
}

static bool set_up(struct http *http, const struct listener *listener)
{
	static const ev_uint16_t methods = EVHTTP_REQ_GET | EVHTTP_REQ_POST |
		EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
		EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT |
		EVHTTP_REQ_PATCH;

	http->evhttp = evhttp_new(http->host.base);
	if (http->evhttp == NULL || !add_events(http))
		return false;
	evhttp_set_timeout(http->evhttp, HTTP_SECONDS_MAX);
	evhttp_set_max_headers_size(http->evhttp, HTTP_HEAD_MAX);
	evhttp_set_max_body_size(http->evhttp, HTTP_BODY_MAX);
	evhttp_set_allowed_methods(http->evhttp, methods);
	evhttp_set_bevcb(http->evhttp, welcome, http);
	evhttp_set_gencb(http->evhttp, on_request, http);
	for (size_t i = 0; i < listener->count; i++) {
		if (!add_listener(http, listener->fds[i]))
			return false;
	}
	return true;
}

struct http *http_open(const struct http_host *host,
	const struct listener *listener, struct err *err)
{
	struct http *http = memory_must(calloc(1, sizeof *http));

	http->host = *host;
	text_init(&http->body);
	if (!set_up(http, listener)) {
		err_set(err, "libevent can not serve HTTP");
		http_close(&http);
	}
	return http;
}

static void free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

void http_close(struct http **http)
{
	struct http *h = *http;

	if (h == NULL)
		return;
	set_accepting(h, false);
	h->n_listeners = 0;
	for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
		if (h->guests[i].time_up != NULL)
			let_go(&h->guests[i]);
	}
	/* The listeners too, but not their descriptors. */
	if (h->evhttp != NULL)
		evhttp_free(h->evhttp);
	for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++)
		free_event(h->guests[i].time_up);
	free_event(h->pause_over);
	free_event(h->look);
	text_fini(&h->body);
	free(h);
	*http = NULL;
}
