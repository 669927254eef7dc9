/*
 * One thread, no locks.  Where descriptors run out, or all but a few, the
 * listeners are left alone until a connection ends or the clock ticks:
 * accept() would fail again and again, as fast as the machine can.
 */
#include "policyd/server.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "policyd/batch.h"
#include "policyd/connection.h"
#include "policyd/http.h"
#include "policyd/journal.h"
#include "policyd/keeper.h"
#include "policyd/listener.h"
#include "policyd/metrics.h"
#include "policyd/monitor.h"
#include "policyd/repeats.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

enum {
	N_SIGNALS = 3,
	ACCEPTS_AT_ONCE = 16,
	SPARE_FDS = 24, /* to open the next generation, and the log */
	LOOK_RESTS = 9, /* as long as a look took, before the next */
	LOOK_REST_MAX_MS = 10000,
};

struct server {
	struct server_parts parts;
	struct connection_host host;
	struct text out; /* replies on their way, of whomever they are */
	struct connection *newest;
	struct event *accepting[LISTENER_FDS_MAX];
	size_t n_accepting;
	struct event *signals[N_SIGNALS];
	struct event *clock;
	struct event *last_call;
	struct monitor monitor;
	struct http *http; /* NULL: nobody watches, or not any more */
	size_t n_connections;
	size_t room; /* for connections */
	struct repeats strangers;
	struct repeats full_houses;
	bool is_full;
	bool is_conversation; /* ends with its only connection */
	bool is_stopping;
};

static void add_connection(struct server *server, struct connection *connection)
{
	struct connection_link *link = connection_link(connection);

	link->newer = NULL;
	link->older = server->newest;
	if (server->newest != NULL)
		connection_link(server->newest)->newer = connection;
	server->newest = connection;
	server->n_connections++;
	metrics_add(server->parts.metrics, METRICS_OPENED);
}

static void drop_connection(
	struct server *server, struct connection *connection)
{
	const struct connection_link *link = connection_link(connection);

	if (link->newer != NULL)
		connection_link(link->newer)->older = link->older;
	else
		server->newest = link->older;
	if (link->older != NULL)
		connection_link(link->older)->newer = link->newer;
	connection_close(&connection);
	server->n_connections--;
	metrics_add(server->parts.metrics, METRICS_CLOSED);
}

static void accept_again(struct server *server)
{
	if (!server->is_full || server->is_stopping)
		return;
	server->is_full = false;
	for (size_t i = 0; i < server->n_accepting; i++)
		event_add(server->accepting[i], NULL);
}

static void stop_accepting(struct server *server)
{
	for (size_t i = 0; i < server->n_accepting; i++)
		event_del(server->accepting[i]);
}

static void on_ended(void *context, struct connection *connection)
{
	struct server *server = context;

	drop_connection(server, connection);
	accept_again(server);
	if (server->newest == NULL &&
		(server->is_conversation || server->is_stopping))
		event_base_loopbreak(server->host.base);
}

static void be_full(struct server *server, int code)
{
	server->is_full = true;
	stop_accepting(server);
	if (repeats_add(&server->full_houses, clock_now_ms()))
		journal_printf(server->parts.journal, LOG_ERR,
			"no further connection can be accepted for now: %s "
			"(raise the limit of open files)",
			strerror(code));
}

static void welcome(struct server *server, int fd)
{
	const int on = 1;

	/* For TCP: answer at once, and notice a peer that lost its network.
	   On a UNIX socket neither is needed, and the first fails. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	struct connection *connection = connection_open(
		&server->host, (struct connection_fds){ fd, fd });

	if (connection != NULL)
		add_connection(server, connection);
}

static void on_acceptable(evutil_socket_t fd, short what, void *context)
{
	struct server *server = context;

	(void)what;
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		if (server->n_connections >= server->room) {
			be_full(server, EMFILE);
			return;
		}
		const int peer =
			accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (peer >= 0) {
			welcome(server, peer);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			errno == ENOMEM)
			be_full(server, errno);
		return;
	}
}

static void tell_counted(const struct server *server, unsigned long strangers,
	unsigned long full)
{
	if (strangers > 0)
		journal_printf(server->parts.journal, LOG_WARNING,
			"%lu more peers that do not speak the policy protocol "
			"were hung up on",
			strangers);
	if (full > 0)
		journal_printf(server->parts.journal, LOG_ERR,
			"%lu more times no further connection could be "
			"accepted",
			full);
}

static void tell_repeats(struct server *server)
{
	const int64_t now_ms = clock_now_ms();

	tell_counted(server, repeats_due(&server->strangers, now_ms),
		repeats_due(&server->full_houses, now_ms));
}

/*
 * Of a folder that is slow to look into most of the time is left for answers,
 * and one that hung for minutes is looked into soon.
 */
static int64_t rest_ms(int64_t took_ms)
{
	const int64_t rest = took_ms * LOOK_RESTS;

	if (rest <= SERVER_LOOK_MS)
		return SERVER_LOOK_MS;
	return rest < LOOK_REST_MAX_MS ? rest : LOOK_REST_MAX_MS;
}

/* Whose request was taken waits for no folder.  The ms that it took. */
static int64_t look(struct server *server)
{
	batch_answer(server->host.batch);
	const int64_t began_ms = clock_now_ms();

	keeper_look(server->parts.keeper);
	return clock_now_ms() - began_ms;
}

/* Counted from the end of the look, not from its begin. */
static void look_and_rest(struct server *server)
{
	const int64_t rest = rest_ms(look(server));

	event_base_update_cache_time(server->host.base);
	event_add(server->clock,
		&(struct timeval){
			.tv_sec = rest / 1000, .tv_usec = rest % 1000 * 1000 });
}

static void on_clock(evutil_socket_t fd, short what, void *context)
{
	struct server *server = context;

	(void)fd;
	(void)what;
	look_and_rest(server);
	tell_repeats(server);
	journal_flush(server->parts.journal);
	accept_again(server);
}

static void on_last_call(evutil_socket_t fd, short what, void *context)
{
	struct server *server = context;

	(void)fd;
	(void)what;
	batch_answer(server->host.batch);
	event_base_loopbreak(server->host.base);
}

static void stop(struct server *server)
{
	const struct timeval last = { .tv_sec = SERVER_LAST_S };

	if (server->is_stopping)
		return;
	server->is_stopping = true;
	stop_accepting(server);
	http_close(&server->http);
	event_add(server->last_call, &last);
	batch_answer(server->host.batch);
	for (struct connection *c = server->newest; c != NULL;) {
		struct connection *older = connection_link(c)->older;

		connection_stop(c);
		c = older;
	}
	if (server->newest == NULL)
		event_base_loopbreak(server->host.base);
}

static void on_signal(evutil_socket_t number, short what, void *context)
{
	struct server *server = context;

	(void)what;
	if (number == SIGHUP)
		look(server);
	else
		stop(server);
}

/* A full house must not keep the next generation from being opened. */
static size_t room_for_connections(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
		limit.rlim_cur == RLIM_INFINITY)
		return SIZE_MAX;
	return limit.rlim_cur > 2 * SPARE_FDS
		? (size_t)limit.rlim_cur - SPARE_FDS
		: SPARE_FDS / 2;
}

/* epoll can not watch regular files, poll can. */
static struct event_base *open_base(bool takes_files)
{
	struct event_config *config = event_config_new();

	if (config == NULL)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	if (takes_files)
		event_config_require_features(config, EV_FEATURE_FDS);
	struct event_base *base = event_base_new_with_config(config);

	event_config_free(config);
	return base;
}

static bool add_events(struct server *server)
{
	static const int numbers[N_SIGNALS] = { SIGTERM, SIGINT, SIGHUP };
	const struct timeval look = { .tv_usec = SERVER_LOOK_MS * 1000 };
	struct event_base *base = server->host.base;

	for (size_t i = 0; i < N_SIGNALS; i++) {
		server->signals[i] =
			evsignal_new(base, numbers[i], on_signal, server);
		if (server->signals[i] == NULL ||
			event_add(server->signals[i], NULL) != 0)
			return false;
	}
	server->clock = event_new(base, -1, EV_PERSIST, on_clock, server);
	server->last_call = evtimer_new(base, on_last_call, server);
	return server->clock != NULL && server->last_call != NULL &&
		event_add(server->clock, &look) == 0;
}

struct server *server_open(const struct server_parts *parts, struct err *err)
{
	struct server *server = memory_must(calloc(1, sizeof *server));

	server->parts = *parts;
	server->room = room_for_connections();
	server->host = (struct connection_host){
		.base = open_base(parts->takes_files),
		.request = arena_open(),
		.out = &server->out,
		.journal = parts->journal,
		.metrics = parts->metrics,
		.strangers = &server->strangers,
		.ended = on_ended,
		.context = server,
	};
	text_init(&server->out);
	keeper_judge(&server->host.judge, parts->keeper,
		(struct keeper_manner){ parts->is_shadow, parts->is_silent });
	if (server->host.base != NULL)
		server->host.batch =
			batch_open(server->host.base, &server->host.judge);
	if (server->host.batch == NULL || !add_events(server)) {
		err_set(err, "libevent can not be set up");
		server_close(&server);
	}
	return server;
}

static void free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

void server_close(struct server **server)
{
	struct server *s = *server;

	if (s == NULL)
		return;
	http_close(&s->http);
	while (s->newest != NULL)
		drop_connection(s, s->newest);
	for (size_t i = 0; i < s->n_accepting; i++)
		event_free(s->accepting[i]);
	for (size_t i = 0; i < N_SIGNALS; i++)
		free_event(s->signals[i]);
	free_event(s->clock);
	free_event(s->last_call);
	tell_counted(
		s, repeats_left(&s->strangers), repeats_left(&s->full_houses));
	batch_close(&s->host.batch);
	if (s->host.base != NULL)
		event_base_free(s->host.base);
	arena_close(&s->host.request);
	text_fini(&s->out);
	free(s);
	*server = NULL;
}

bool server_listen(
	struct server *server, const struct listener *listener, struct err *err)
{
	for (size_t i = 0; i < listener->count; i++) {
		struct event *event =
			event_new(server->host.base, listener->fds[i],
				EV_READ | EV_PERSIST, on_acceptable, server);

		if (event == NULL || event_add(event, NULL) != 0) {
			free_event(event);
			return err_set(err, "libevent can not watch a socket");
		}
		server->accepting[server->n_accepting++] = event;
	}
	return true;
}

bool server_tell(
	struct server *server, const struct listener *listener, struct err *err)
{
	const struct http_host host = {
		.base = server->host.base,
		.answer = monitor_answer,
		.context = &server->monitor,
	};

	server->monitor = (struct monitor){
		.keeper = server->parts.keeper,
		.journal = server->parts.journal,
		.metrics = server->parts.metrics,
		.started = time(NULL),
	};
	server->http = http_open(&host, listener, err);
	if (server->http == NULL)
		return false;
	/* Who watches must not take the descriptors of who asks. */
	if (server->room != SIZE_MAX && server->room > 2 * HTTP_CONNECTIONS_MAX)
		server->room -= HTTP_CONNECTIONS_MAX;
	return true;
}

bool server_converse(struct server *server, int in, int out, struct err *err)
{
	if (evutil_make_socket_nonblocking(in) != 0 ||
		evutil_make_socket_nonblocking(out) != 0)
		return err_sys(err, "stdin and stdout");
	struct connection *connection = connection_open(
		&server->host, (struct connection_fds){ in, out });

	if (connection == NULL)
		return err_set(err, "libevent can not watch stdin");
	add_connection(server, connection);
	server->is_conversation = true;
	return true;
}

bool server_run(struct server *server, struct err *err)
{
	if (event_base_dispatch(server->host.base) < 0)
		return err_set(err, "the event loop failed");
	return true;
}
