/*
 * Nothing here blocks but the look-up of a host's name: every read and write
 * is tried, and waited for until the call's time is over, so that a server
 * which sends a byte now and then wins nothing.
 */
#include "doctor/smtp_wire.h"

#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	CALL_S = 10, /* to connect, for a reply, to shake hands */
	COMMAND_MAX = 1024,
	PORT_SIZE = 8,
};

struct smtp_wire {
	int fd;
	SSL_CTX *context;
	SSL *tls; /* NULL = plain text */
	char read[4096]; /* from begin to end is not looked at yet */
	size_t begin, end;
};

/* 0, or what errno would be. */
static int wait_for(int fd, short events, int64_t due_ms)
{
	for (;;) {
		struct pollfd ready = { .fd = fd, .events = events };
		const int left_ms = clock_left_ms(due_ms);

		if (left_ms == 0)
			return ETIMEDOUT;
		const int n = poll(&ready, 1, left_ms);

		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return errno;
	}
}

static int connect_result(int fd, int64_t due_ms)
{
	int why = wait_for(fd, POLLOUT, due_ms);
	socklen_t len = sizeof why;

	if (why == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len) != 0)
		return errno;
	return why;
}

/* -1 and errno. */
static int connect_to(
	const struct sockaddr *address, socklen_t len, int64_t due_ms)
{
	const int fd = socket(address->sa_family,
		SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int why = 0;

	if (fd < 0)
		return -1;
	if (connect(fd, address, len) != 0)
		why = errno == EINPROGRESS ? connect_result(fd, due_ms) : errno;
	if (why == 0)
		return fd;
	close(fd);
	errno = why;
	return -1;
}

static const char *why_not(int number)
{
	switch (number) {
	case ETIMEDOUT: return "no answer in time";
	case ECONNRESET:
	case EPIPE: return "it closed the connection";
	default: return strerror(number);
	}
}

static int dial_socket(const char *path, int64_t due_ms, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof address.sun_path) {
		err_set(err, "the path %s is longer than %zu bytes", path,
			sizeof address.sun_path - 1);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path));
	const int fd =
		connect_to((const struct sockaddr *)(const void *)&address,
			sizeof address, due_ms);

	if (fd < 0)
		err_set(err, "connect to %s: %s", path, why_not(errno));
	return fd;
}

static int count_addresses(const struct addrinfo *at)
{
	int count = 0;

	for (; at != NULL; at = at->ai_next)
		count++;
	return count;
}

/*
 * All addresses together have one call's time, and none of them more than its
 * share of what is left: where IPv6 leads nowhere, IPv4 may still answer.
 */
static int dial_each(const struct addrinfo *at, int64_t due_ms, struct err *err)
{
	for (int left = count_addresses(at); at != NULL;
		at = at->ai_next, left--) {
		char host[NI_MAXHOST] = "?";
		const int64_t share_ms =
			clock_now_ms() + clock_left_ms(due_ms) / left;
		const int fd =
			connect_to(at->ai_addr, at->ai_addrlen, share_ms);

		if (fd >= 0)
			return fd;
		const int why = errno;

		getnameinfo(at->ai_addr, at->ai_addrlen, host, sizeof host,
			NULL, 0, NI_NUMERICHOST);
		err_set(err, "connect to %s: %s", host, why_not(why));
	}
	return -1;
}

static int dial_host(
	const struct smtp_place *place, int64_t due_ms, struct err *err)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
		.ai_family = place->is_ipv4_alone ? AF_INET
			: place->is_ipv6_alone    ? AF_INET6
						  : AF_UNSPEC,
	};
	struct addrinfo *addresses;
	char port[PORT_SIZE];

	snprintf(port, sizeof port, "%u", place->port);
	const int status = getaddrinfo(place->host, port, &hints, &addresses);

	if (status != 0) {
		err_set(err, "look up %s: %s", place->host,
			gai_strerror(status));
		return -1;
	}
	const int fd = dial_each(addresses, due_ms, err);

	freeaddrinfo(addresses);
	return fd;
}

struct smtp_wire *smtp_wire_open(
	const struct smtp_place *place, struct err *err)
{
	const int64_t due_ms = clock_due_ms(CALL_S);
	const int fd = place->path != NULL
		? dial_socket(place->path, due_ms, err)
		: dial_host(place, due_ms, err);
	struct smtp_wire *wire;

	if (fd < 0)
		return NULL;
	wire = memory_must(calloc(1, sizeof *wire));
	wire->fd = fd;
	return wire;
}

void smtp_wire_close(struct smtp_wire **wire)
{
	if (*wire == NULL)
		return;
	SSL_free((*wire)->tls);
	SSL_CTX_free((*wire)->context);
	close((*wire)->fd);
	free(*wire);
	*wire = NULL;
}

/* What TLS waits for; 0: it failed. */
static short tls_wants(const struct smtp_wire *wire, int result)
{
	switch (SSL_get_error(wire->tls, result)) {
	case SSL_ERROR_WANT_READ: return POLLIN;
	case SSL_ERROR_WANT_WRITE: return POLLOUT;
	default: return 0;
	}
}

/* recv(2), send(2), or the same under TLS; 0: the server has closed. */
static ssize_t transfer(
	struct smtp_wire *wire, char *bytes, size_t len, short *wants)
{
	const bool is_read = *wants == POLLIN;
	int n;

	if (wire->tls == NULL) {
		const ssize_t count = is_read
			? recv(wire->fd, bytes, len, 0)
			: send(wire->fd, bytes, len, MSG_NOSIGNAL);

		if (count < 0 && errno != EAGAIN && errno != EINTR)
			*wants = 0;
		return count;
	}
	ERR_clear_error();
	errno = 0;
	n = is_read ? SSL_read(wire->tls, bytes, (int)len)
		    : SSL_write(wire->tls, bytes, (int)len);
	if (n > 0)
		return n;
	*wants = tls_wants(wire, n);
	return *wants == 0 && (errno == 0 || n == 0) ? 0 : -1;
}

/* What is to be read or written until when. */
struct move {
	char *bytes;
	size_t len;
	short direction; /* POLLIN, POLLOUT */
	int64_t due_ms;
};

/* How many were transferred; 0 and *err: none will be. */
static size_t wire_move(
	struct smtp_wire *wire, const struct move *move, struct err *err)
{
	for (;;) {
		short wants = move->direction;
		const ssize_t n =
			transfer(wire, move->bytes, move->len, &wants);
		int why = errno;

		if (n > 0)
			return (size_t)n;
		if (n == 0) {
			err_set(err, "it closed the connection");
			return 0;
		}
		if (wants != 0)
			why = wait_for(wire->fd, wants, move->due_ms);
		if (wants != 0 && why == 0)
			continue;
		err_set(err, "%s", why_not(why));
		return 0;
	}
}

/* What comes without a pause ends where a reply is too long. */
bool smtp_wire_read(
	struct smtp_wire *wire, struct smtp_reply *reply, struct err *err)
{
	const int64_t due_ms = clock_due_ms(CALL_S);
	enum smtp_progress progress = SMTP_MORE;
	size_t used;

	*reply = (struct smtp_reply){ 0 };
	while (progress == SMTP_MORE) {
		if (wire->begin == wire->end) {
			wire->begin = 0;
			wire->end = wire_move(wire,
				&(struct move){ wire->read, sizeof wire->read,
					POLLIN, due_ms },
				err);
		}
		if (wire->end == 0)
			return false;
		progress = smtp_reply_feed(reply, wire->read + wire->begin,
			wire->end - wire->begin, &used, err);
		wire->begin += used;
	}
	return progress == SMTP_WHOLE;
}

bool smtp_wire_write(struct smtp_wire *wire, const char *line, struct err *err)
{
	const int64_t due_ms = clock_due_ms(CALL_S);
	char command[COMMAND_MAX];
	const int len = snprintf(command, sizeof command, "%s\r\n", line);

	if (len < 0 || (size_t)len >= sizeof command)
		return err_set(err, "a command of more than %zu octets",
			sizeof command);
	for (size_t sent = 0; sent < (size_t)len;) {
		const size_t n = wire_move(wire,
			&(struct move){ command + sent, (size_t)len - sent,
				POLLOUT, due_ms },
			err);

		if (n == 0)
			return false;
		sent += n;
	}
	return true;
}

static bool trust_set(
	SSL_CTX *context, const struct smtp_trust *trust, struct err *err)
{
	const char *file = trust->ca_file[0] != '\0' ? trust->ca_file : NULL;
	const char *path = trust->ca_path[0] != '\0' ? trust->ca_path : NULL;

	SSL_CTX_set_verify(context,
		trust->is_verified ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	if (!trust->is_verified)
		return true;
	if (trust->has_default_cas)
		SSL_CTX_set_default_verify_paths(context);
	if ((file == NULL && path == NULL) ||
		SSL_CTX_load_verify_locations(context, file, path) == 1)
		return true;
	return err_set(
		err, "no CA could be read from %s", file != NULL ? file : path);
}

static bool name_set(
	SSL *tls, const struct smtp_trust *trust, char *below, size_t size)
{
	if (!trust->is_verified)
		return true;
	snprintf(below, size, ".%s", trust->name);
	return SSL_set1_host(tls, trust->name) == 1 &&
		(!trust->takes_subdomains || SSL_add1_host(tls, below) == 1);
}

static bool tls_fail(struct smtp_wire *wire, struct err *err)
{
	const long verdict = SSL_get_verify_result(wire->tls);
	const unsigned long code = ERR_peek_error();
	const char *reason = ERR_reason_error_string(code);

	if (verdict != X509_V_OK && code != 0)
		return err_set(err, "its certificate is refused: %s",
			X509_verify_cert_error_string(verdict));
	if (reason != NULL)
		return err_set(err, "the TLS handshake failed: %s", reason);
	return err_set(err, "it closed the connection in the TLS handshake");
}

static bool shake_hands(struct smtp_wire *wire, struct err *err)
{
	const int64_t due_ms = clock_due_ms(CALL_S);

	for (;;) {
		ERR_clear_error();
		const int done = SSL_connect(wire->tls);

		if (done == 1)
			return true;
		const short wants = tls_wants(wire, done);

		if (wants == 0)
			return tls_fail(wire, err);
		const int why = wait_for(wire->fd, wants, due_ms);

		if (why != 0)
			return err_set(
				err, "in the TLS handshake: %s", why_not(why));
	}
}

bool smtp_wire_start_tls(
	struct smtp_wire *wire, const struct smtp_trust *trust, struct err *err)
{
	char below[NI_MAXHOST];

	/* What a man in the middle said in plain text before. */
	wire->begin = wire->end = 0;
	wire->context = SSL_CTX_new(TLS_client_method());
	if (wire->context == NULL)
		return err_set(err, "OpenSSL has no TLS client");
	/* A connection cut without a farewell is an end like another. */
	SSL_CTX_set_options(wire->context, SSL_OP_IGNORE_UNEXPECTED_EOF);
	if (!trust_set(wire->context, trust, err))
		return false;
	wire->tls = SSL_new(wire->context);
	if (wire->tls == NULL || SSL_set_fd(wire->tls, wire->fd) != 1 ||
		!name_set(wire->tls, trust, below, sizeof below))
		return err_set(err, "OpenSSL can not begin");
	return shake_hands(wire, err);
}
