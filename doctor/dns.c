/*
 * c-ares in one thread: so many questions under way, the next one as soon
 * as one is answered.  The answer of a server that can not tell (SERVFAIL,
 * REFUSED) is taken as it is, for c-ares would ask the next server and then
 * say no more than that nobody could be reached; so whoever has several
 * servers is asked once more of all of them where the first could not tell.
 */
#include "doctor/dns.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <arpa/nameser.h>
#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	TRY_MS = 2000, /* and twice as long the second time */
	TRIES = 2,
	UNDER_WAY_MAX = 64, /* questions */
	ALL_S = 60, /* for new questions; a slow server ends them */
	TURN_MS = 200, /* at the most until time limits are looked at */
	HOST_MAX = 254,
	SERVERS_MAX = 8,
	ADDRESSES_MAX = 64,
};

/* Bytes of a network before an IPv4 address. */
enum { MAPPED = 12 };

struct dns {
	ares_channel first; /* takes what the first server says */
	ares_channel all; /* goes on to the next server */
	size_t n_under_way;
	bool was_answered;
};

/* One query of a question: DNS_ADDRESSES has two. */
struct query {
	struct dns *dns;
	struct dns_question *question;
	struct arena *arena;
	int type; /* ns_t_mx, ns_t_a, ns_t_aaaa */
	int status; /* of the first server where it could not tell */
	struct network *addresses; /* of the question, with room for more */
};

static bool channel_open(ares_channel *out, int flags, struct err *err)
{
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | flags,
		.timeout = TRY_MS,
		.tries = TRIES,
	};
	const int status = ares_init_options(out, &options,
		ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);

	if (status == ARES_SUCCESS)
		return true;
	*out = NULL;
	return err_set(err, "look up names: %s", ares_strerror(status));
}

/* "HOST", "HOST:PORT", "[HOST]:PORT", or a bare IPv6 address. */
static bool resolver_split(
	char host[HOST_MAX], uint16_t *port, const char *text, struct err *err)
{
	const bool has_brackets = text[0] == '[';
	const char *begin = has_brackets ? text + 1 : text;
	const char *end = begin + strcspn(begin, has_brackets ? "]" : ":");
	const char *rest = end + (has_brackets && *end == ']');
	unsigned long number = NAMESERVER_PORT;

	if (!has_brackets && *end == ':' && strchr(end + 1, ':') != NULL)
		end = rest = begin + strlen(begin);
	if (end == begin || end - begin >= HOST_MAX ||
		(has_brackets && *end != ']') ||
		(*rest != '\0' &&
			(*rest != ':' || !text_to_ulong(&number, rest + 1))) ||
		number == 0 || number > UINT16_MAX)
		return err_set(err,
			"resolver \"%s\": HOST or HOST:PORT is wanted, such "
			"as 192.0.2.53:53",
			text);
	memcpy(host, begin, (size_t)(end - begin));
	host[end - begin] = '\0';
	*port = (uint16_t)number;
	return true;
}

static size_t servers_fill(struct ares_addr_port_node *servers,
	const struct addrinfo *at, uint16_t port)
{
	size_t count = 0;

	for (; at != NULL && count < SERVERS_MAX; at = at->ai_next) {
		struct ares_addr_port_node *node = &servers[count];

		node->family = at->ai_family;
		if (at->ai_family == AF_INET)
			node->addr.addr4 =
				((const struct sockaddr_in *)(const void *)
						at->ai_addr)
					->sin_addr;
		else if (at->ai_family == AF_INET6)
			memcpy(&node->addr.addr6,
				&((const struct sockaddr_in6 *)(const void *)
						at->ai_addr)
					 ->sin6_addr,
				sizeof node->addr.addr6);
		else
			continue;
		node->udp_port = node->tcp_port = port;
		if (count++ > 0)
			servers[count - 2].next = node;
	}
	return count;
}

static bool servers_set(struct dns *dns, const char *resolver, struct err *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct ares_addr_port_node servers[SERVERS_MAX] = { 0 };
	struct addrinfo *found;
	char host[HOST_MAX];
	uint16_t port = NAMESERVER_PORT;
	int status;

	if (!resolver_split(host, &port, resolver, err))
		return false;
	status = getaddrinfo(host, NULL, &hints, &found);
	if (status != 0)
		return err_set(
			err, "resolver %s: %s", host, gai_strerror(status));
	const size_t count = servers_fill(servers, found, port);

	freeaddrinfo(found);
	if (count > 0 &&
		ares_set_servers_ports(dns->first, servers) == ARES_SUCCESS &&
		ares_set_servers_ports(dns->all, servers) == ARES_SUCCESS)
		return true;
	return err_set(err, "resolver %s: it has no address", host);
}

struct dns *dns_open(const char *resolver, struct err *err)
{
	struct dns *dns = memory_must(calloc(1, sizeof *dns));

	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		err_set(err, "look up names: c-ares does not begin");
	else if (channel_open(&dns->first, ARES_FLAG_NOCHECKRESP, err) &&
		channel_open(&dns->all, 0, err) &&
		(resolver == NULL || servers_set(dns, resolver, err)))
		return dns;
	dns_close(&dns);
	return NULL;
}

void dns_close(struct dns **dns)
{
	if (*dns == NULL)
		return;
	if ((*dns)->first != NULL)
		ares_destroy((*dns)->first);
	if ((*dns)->all != NULL)
		ares_destroy((*dns)->all);
	ares_library_cleanup();
	free(*dns);
	*dns = NULL;
}

static const char *why_failed(int status)
{
	switch (status) {
	case ARES_ETIMEOUT: return "the server did not answer in time";
	case ARES_ECONNREFUSED: return "no server could be reached";
	case ARES_ESERVFAIL: return "the server failed (SERVFAIL)";
	case ARES_EREFUSED: return "the server refused to answer (REFUSED)";
	case ARES_ENOTIMP: return "the server can not answer this (NOTIMP)";
	case ARES_EBADNAME: return "it is no name that can be asked";
	default: return ares_strerror(status);
	}
}

/* What a server knows, as against what it can not tell. */
static bool is_certain(int status)
{
	return status == ARES_SUCCESS || status == ARES_ENODATA ||
		status == ARES_ENOTFOUND;
}

static int mx_compare(const void *a, const void *b)
{
	const struct dns_mx *x = a, *y = b;

	if (x->preference != y->preference)
		return x->preference < y->preference ? -1 : 1;
	return strcmp(x->host, y->host);
}

static int mx_read(const struct query *query, const uint8_t *bytes, int len)
{
	struct ares_mx_reply *list;
	const int status = ares_parse_mx_reply(bytes, len, &list);
	size_t count = 0;

	if (status != ARES_SUCCESS)
		return status;
	for (const struct ares_mx_reply *at = list; at != NULL; at = at->next)
		count++;
	if (count == 0) /* a CNAME that leads to none */
		return ARES_ENODATA;
	struct dns_mx *mx = arena_array(query->arena, count, sizeof *mx);

	query->question->mx = mx;
	query->question->n_mx = count;
	for (const struct ares_mx_reply *at = list; at != NULL; at = at->next)
		*mx++ = (struct dns_mx){ arena_strdup(query->arena, at->host),
			at->priority };
	ares_free_data(list);
	qsort(mx - count, count, sizeof *mx, mx_compare);
	return status;
}

static int addresses_read(
	const struct query *query, const uint8_t *bytes, int len)
{
	const bool is_ipv4 = query->type == ns_t_a;
	const size_t begin = is_ipv4 ? MAPPED : 0;
	struct dns_question *question = query->question;
	struct hostent *host;
	const int status = is_ipv4
		? ares_parse_a_reply(bytes, len, &host, NULL, NULL)
		: ares_parse_aaaa_reply(bytes, len, &host, NULL, NULL);

	if (status != ARES_SUCCESS)
		return status;
	question->is_alias |=
		host->h_aliases != NULL && host->h_aliases[0] != NULL;
	for (char **at = host->h_addr_list;
		*at != NULL && question->n_addresses < ADDRESSES_MAX; at++) {
		struct network *network =
			&query->addresses[question->n_addresses++];

		*network = (struct network){ .prefix = 128 };
		if (is_ipv4)
			network->bytes[10] = network->bytes[11] = 0xff;
		memcpy(network->bytes + begin, *at, (size_t)host->h_length);
	}
	const bool is_empty = host->h_addr_list[0] == NULL;

	ares_free_hostent(host);
	/* A CNAME that leads to none, or in a ring. */
	return is_empty ? ARES_ENODATA : status;
}

/* Found wins, then failed: half an answer does not say that there is none. */
static void question_settle(struct dns_question *question, int status)
{
	if (status == ARES_SUCCESS)
		question->lookup = LOOKUP_FOUND;
	else if (status == ARES_ENOTFOUND)
		question->is_unnamed = true;
	if (is_certain(status) || question->lookup == LOOKUP_FOUND)
		return;
	question->lookup = LOOKUP_FAILED;
	question->why = why_failed(status);
}

static void query_answered(
	void *argument, int status, int timeouts, uint8_t *bytes, int len)
{
	struct query *query = argument;
	struct dns *dns = query->dns;

	(void)timeouts;
	if (status == ARES_SUCCESS)
		status = query->type == ns_t_mx
			? mx_read(query, bytes, len)
			: addresses_read(query, bytes, len);
	if (!is_certain(status) && status != ARES_ETIMEOUT &&
		status != ARES_EDESTRUCTION && query->status == ARES_SUCCESS) {
		query->status = status;
		ares_query(dns->all, query->question->name, ns_c_in,
			query->type, query_answered, query);
		return;
	}
	dns->n_under_way--;
	/* That of the first server says more than that of all of them. */
	if (!is_certain(status) && query->status != ARES_SUCCESS)
		status = query->status;
	dns->was_answered |= is_certain(status);
	question_settle(query->question, status);
}

static void query_send(struct dns *dns, const struct query *of, int type)
{
	struct query *query = arena_alloc(of->arena, sizeof *query);

	*query = *of;
	query->type = type;
	dns->n_under_way++;
	ares_query(dns->first, query->question->name, ns_c_in, type,
		query_answered, query);
}

static void question_send(
	struct dns *dns, struct dns_question *question, struct arena *arena)
{
	const struct query query = {
		.dns = dns,
		.question = question,
		.arena = arena,
		.addresses = question->type == DNS_MX
			? NULL
			: arena_array(arena, ADDRESSES_MAX,
				  sizeof *query.addresses),
	};

	question->addresses = query.addresses;
	if (question->type == DNS_MX) {
		query_send(dns, &query, ns_t_mx);
		return;
	}
	query_send(dns, &query, ns_t_a);
	query_send(dns, &query, ns_t_aaaa);
}

/* ARES_GETSOCK_WRITABLE() shifts into the sign. */
static bool has_bit(int bits, int bit)
{
	return ((unsigned)bits >> bit & 1) != 0;
}

static nfds_t sockets_of(
	ares_channel channel, struct pollfd fds[ARES_GETSOCK_MAXNUM])
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	const int bits = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
	nfds_t count = 0;

	for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		const short events = (short)((has_bit(bits, i) ? POLLIN : 0) |
			(has_bit(bits, i + ARES_GETSOCK_MAXNUM) ? POLLOUT : 0));

		if (events != 0)
			fds[count++] = (struct pollfd){ .fd = sockets[i],
				.events = events };
	}
	return count;
}

static void channel_work(
	ares_channel channel, const struct pollfd *fds, nfds_t count)
{
	/* Time limits, which no socket tells of. */
	ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	for (nfds_t i = 0; i < count; i++) {
		const short got = fds[i].revents;
		const bool is_readable = (got & ~POLLOUT) != 0;

		if (got != 0)
			ares_process_fd(channel,
				is_readable ? fds[i].fd : ARES_SOCKET_BAD,
				(got & POLLOUT) != 0 ? fds[i].fd
						     : ARES_SOCKET_BAD);
	}
}

static void turn(struct dns *dns)
{
	struct pollfd fds[2 * ARES_GETSOCK_MAXNUM];
	const nfds_t first = sockets_of(dns->first, fds);
	const nfds_t all = sockets_of(dns->all, fds + first);

	if (poll(fds, first + all, TURN_MS) < 0)
		for (nfds_t i = 0; i < first + all; i++)
			fds[i].revents = 0;
	channel_work(dns->first, fds, first);
	channel_work(dns->all, fds + first, all);
}

/* Those that were not asked. */
static void questions_give_up(
	struct dns_question *questions, size_t count, const char *why)
{
	for (size_t i = 0; i < count; i++) {
		questions[i].lookup = LOOKUP_FAILED;
		questions[i].why = why;
	}
}

void dns_ask(struct dns *dns, struct dns_question *questions, size_t count,
	struct arena *arena)
{
	const int64_t due_ms = clock_due_ms(ALL_S);
	size_t n_sent = 0;

	for (size_t i = 0; i < count; i++)
		questions[i].lookup = LOOKUP_NONE;
	while (n_sent < count || dns->n_under_way > 0) {
		const bool is_late = clock_left_ms(due_ms) == 0;

		while (!is_late && n_sent < count &&
			dns->n_under_way < UNDER_WAY_MAX &&
			(dns->was_answered || n_sent < UNDER_WAY_MAX))
			question_send(dns, &questions[n_sent++], arena);
		if (dns->n_under_way == 0 && (is_late || !dns->was_answered))
			break;
		turn(dns);
	}
	if (n_sent < count)
		questions_give_up(questions + n_sent, count - n_sent,
			dns->was_answered
				? "the server is too slow for so many names"
				: questions[0].why);
}
