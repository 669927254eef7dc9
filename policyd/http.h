/*
 * HTTP/1.1 for those who watch, beside the policy protocol in one loop: GET
 * and HEAD of a few paths, one request a connection (RFC 9110, RFC 9112).
 *
 * Whoever asks is kept within bounds, so that no policy client waits for it:
 * HTTP_CONNECTIONS_MAX at a time (others wait in the kernel's queue), each
 * for HTTP_SECONDS_MAX in all, HTTP_HEAD_MAX bytes of request and a body,
 * which means nothing, of HTTP_BODY_MAX.
 */
#ifndef POLICYD_HTTP_H
#define POLICYD_HTTP_H

#include "base/err.h"

struct event_base;
struct http;
struct listener;
struct text;

enum {
	HTTP_CONNECTIONS_MAX = 16,
	HTTP_SECONDS_MAX = 5,
	HTTP_HEAD_MAX = 8 * 1024,
	HTTP_BODY_MAX = 1024,
};

struct http_reply {
	int status;
	const char *content_type;
	struct text *body; /* empty, to be added to */
};

struct http_host {
	struct event_base *base;
	/* path: decoded by nobody, without a query.  False: none such. */
	bool (*answer)(
		void *context, const char *path, struct http_reply *reply);
	void *context;
};

/* Borrows the listener until http_close(); NULL on failure. */
struct http *http_open(const struct http_host *host,
	const struct listener *listener, struct err *err);
void http_close(struct http **http);

#endif
