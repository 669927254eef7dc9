/* The calls that a loop of libevent is set up by. */
#ifndef TESTS_UNIT_FAILING_EVENT_CALLS_H
#define TESTS_UNIT_FAILING_EVENT_CALLS_H

#include "tests/unit/failing_calls.h"

#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

FAILING_CALL(struct event_config *, NULL, event_config_new, (void), ())
FAILING_CALL(struct event_base *, NULL, event_base_new_with_config,
	(const struct event_config *config), (config))
FAILING_CALL(struct event *, NULL, event_new,
	(struct event_base * base, evutil_socket_t fd, short events,
		event_callback_fn callback, void *arg),
	(base, fd, events, callback, arg))
FAILING_CALL(int, -1, event_assign,
	(struct event * event, struct event_base *base, evutil_socket_t fd,
		short events, event_callback_fn callback, void *arg),
	(event, base, fd, events, callback, arg))
FAILING_CALL(int, -1, event_add,
	(struct event * event, const struct timeval *timeout), (event, timeout))
FAILING_CALL(int, -1, event_base_dispatch, (struct event_base * base), (base))
FAILING_CALL(
	int, -1, evutil_make_socket_nonblocking, (evutil_socket_t sock), (sock))
FAILING_CALL(
	struct evhttp *, NULL, evhttp_new, (struct event_base * base), (base))
FAILING_CALL(struct evconnlistener *, NULL, evconnlistener_new,
	(struct event_base * base, evconnlistener_cb cb, void *ptr,
		unsigned flags, int backlog, evutil_socket_t fd),
	(base, cb, ptr, flags, backlog, fd))
FAILING_CALL(struct evhttp_bound_socket *, NULL, evhttp_bind_listener,
	(struct evhttp * http, struct evconnlistener *listener),
	(http, listener))

#endif
