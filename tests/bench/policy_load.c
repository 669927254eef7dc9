/*
 * Asks a policy server as many smtpds do, each with one request in flight:
 * the next one leaves when the last is answered (closed loop).  Each has all
 * attributes of SMTPD_POLICY_README as Postfix 3.7 sends them.  Recipients
 * come from a file in pseudo-random order, the same in each run:
 *
 *     ADDRESS            "DUNNO" is expected
 *     ADDRESS TAB START  an action that begins so is expected
 *
 *     policy_load [-c CONNECTIONS] [-n REQUESTS | -t SECONDS] [-w WARM-UP]
 *                 [-i IDLE] [-p PID] [-a] ENDPOINT FILE
 *
 * -i: more connections, which say nothing.  -p: the server, whose CPU is
 * told.  -a: take any answer.  Prints one line of name=value: what was
 * answered after the warm-up (in requests), in how many seconds, the
 * server's CPU for a request from the scheduler's count of nanoseconds and
 * from the clock ticks of stat, how long answers took, how many were wrong.
 *
 * Runs as SCHED_BATCH: an smtpd computes far more for a recipient than any
 * policy server, so the scheduler does not let it take the core from the
 * middle of the server's turn, as it would let clients that compute less.
 */
#include "tests/bench/endpoint_socket.h"
#include "tests/bench/policy_load_figures.h"

#include <assert.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REQUEST_MAX = 4096, REPLY_MAX = 1024, EVENTS_MAX = 512 };

struct recipients {
	const char *bytes;
	size_t len;
	size_t *starts; /* of each line */
	size_t count;
	uint64_t chance;
};

struct client {
	int fd;
	uint64_t asked_ns;
	const char *expected;
	size_t expected_len;
	size_t got;
	char reply[REPLY_MAX];
};

struct load {
	const char *endpoint;
	struct recipients recipients;
	struct client *clients;
	size_t n_clients, n_idle;
	uint64_t warm_up, wanted, answered;
	double seconds; /* 0: by count */
	int pid; /* 0: not asked */
	bool takes_any, is_over;
	int epoll;
	struct figures figures;
};

static const char head[] =
	"request=smtpd_access_policy\nprotocol_state=RCPT\n"
	"protocol_name=ESMTP\nclient_address=203.0.113.77\n"
	"client_name=mail.sender.example\nclient_port=41938\n"
	"reverse_client_name=mail.sender.example\n"
	"server_address=192.0.2.25\nserver_port=25\n"
	"helo_name=mail.sender.example\n"
	"sender=bounces+4711@news.sender.example\nrecipient=";

static const char tail[] =
	"\nrecipient_count=0\nqueue_id=\ninstance=1a2b.6560f00d.7a120.0\n"
	"size=48213\netrn_domain=\nstress=\nsasl_method=\nsasl_username=\n"
	"sasl_sender=\nccert_subject=\nccert_issuer=\nccert_fingerprint=\n"
	"ccert_pubkey_fingerprint=\nencryption_protocol=TLSv1.3\n"
	"encryption_cipher=TLS_AES_256_GCM_SHA384\n"
	"encryption_keysize=256\npolicy_context=\n\n";

static void map_file(struct recipients *out, const char *path)
{
	struct stat status;
	const int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &status) != 0)
		err(1, "%s", path);
	out->len = (size_t)status.st_size;
	out->bytes = mmap(NULL, out->len, PROT_READ, MAP_SHARED, fd, 0);
	if (out->bytes == MAP_FAILED)
		err(1, "%s", path);
	close(fd);
}

static const char *line_end(const struct recipients *recipients, size_t start)
{
	const char *end = memchr(
		recipients->bytes + start, '\n', recipients->len - start);

	if (end == NULL)
		errx(1, "the last line lacks its end");
	return end;
}

static void open_recipients(struct recipients *out, const char *path)
{
	size_t room = 0;

	map_file(out, path);
	out->chance = 88172645463325252U;
	for (size_t at = 0; at < out->len;) {
		if (out->count == room) {
			room = room == 0 ? 1024 : room * 2;
			out->starts = reallocarray(
				out->starts, room, sizeof *out->starts);
			if (out->starts == NULL)
				err(1, NULL);
		}
		out->starts[out->count++] = at;
		at = (size_t)(line_end(out, at) - out->bytes) + 1;
	}
	if (out->count == 0)
		errx(1, "%s: nobody to ask for", path);
}

/* xorshift; the high half spread over the lines. */
static size_t draw(struct recipients *recipients)
{
	uint64_t x = recipients->chance;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	recipients->chance = x;
	return recipients->starts[(x >> 32) * recipients->count >> 32];
}

static size_t format_request(
	char *out, struct client *client, struct recipients *recipients)
{
	const size_t start = draw(recipients);
	const char *line = recipients->bytes + start;
	const char *end = line_end(recipients, start);
	const char *tab = memchr(line, '\t', (size_t)(end - line));
	const size_t len = (size_t)((tab == NULL ? end : tab) - line);

	if (sizeof head + len + sizeof tail > REQUEST_MAX)
		errx(1, "an address of %zu bytes", len);
	client->expected = tab == NULL ? "DUNNO" : tab + 1;
	client->expected_len = tab == NULL ? 5 : (size_t)(end - tab) - 1;
	memcpy(out, head, sizeof head - 1);
	memcpy(out + sizeof head - 1, line, len);
	memcpy(out + sizeof head - 1 + len, tail, sizeof tail - 1);
	return sizeof head + len + sizeof tail - 2;
}

static void ask(struct load *load, struct client *client)
{
	char request[REQUEST_MAX];
	const size_t len = format_request(request, client, &load->recipients);

	client->asked_ns = figures_now_ns();
	if (send(client->fd, request, len, MSG_NOSIGNAL) != (ssize_t)len)
		err(1, "a request could not be sent whole");
}

static bool is_as_expected(const struct client *client)
{
	static const char name[] = "action=";
	const size_t name_len = sizeof name - 1;

	return client->got >= name_len + client->expected_len + 2 &&
		memcmp(client->reply, name, name_len) == 0 &&
		memcmp(client->reply + name_len, client->expected,
			client->expected_len) == 0;
}

/* The reply without its end; what is neither expected nor plain. */
static void judge(struct load *load, struct client *client)
{
	if (load->takes_any || is_as_expected(client))
		return;
	client->reply[client->got - 2] = '\0';
	figures_add_wrong(&load->figures, client->reply);
}

static void count_answer(struct load *load, struct client *client)
{
	struct figures *figures = &load->figures;

	judge(load, client);
	load->answered++;
	if (load->answered == load->warm_up)
		figures_begin(figures, load->pid);
	else if (load->answered > load->warm_up)
		figures_add(figures, figures_now_ns() - client->asked_ns);
	load->is_over = load->seconds > 0
		? load->answered > load->warm_up &&
			figures_seconds(figures) >= load->seconds
		: load->answered >= load->warm_up + load->wanted;
}

static void on_readable(struct load *load, struct client *client)
{
	const ssize_t n = recv(client->fd, client->reply + client->got,
		REPLY_MAX - client->got, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		errx(1, "the server hung up");
	client->got += (size_t)n;
	if (client->got < 2 ||
		memcmp(client->reply + client->got - 2, "\n\n", 2) != 0) {
		if (client->got == REPLY_MAX)
			errx(1, "a reply of more than %d bytes", REPLY_MAX);
		return;
	}
	count_answer(load, client);
	client->got = 0;
	if (!load->is_over)
		ask(load, client);
}

static void open_clients(struct load *load)
{
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	load->clients = calloc(load->n_clients, sizeof *load->clients);
	if (load->epoll < 0 || load->clients == NULL)
		err(1, NULL);
	for (size_t i = 0; i < load->n_idle; i++)
		endpoint_connect(load->endpoint);
	for (size_t i = 0; i < load->n_clients; i++) {
		struct client *client = &load->clients[i];
		struct epoll_event event = { EPOLLIN, { .ptr = client } };

		client->fd = endpoint_connect(load->endpoint);
		if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->fd, &event))
			err(1, "epoll_ctl");
	}
}

static void run(struct load *load)
{
	struct epoll_event events[EVENTS_MAX];

	open_clients(load);
	assert(load->clients != NULL);
	for (size_t i = 0; i < load->n_clients; i++)
		ask(load, &load->clients[i]);
	while (!load->is_over) {
		const int n = epoll_wait(load->epoll, events, EVENTS_MAX, -1);

		for (int i = 0; i < n && !load->is_over; i++)
			on_readable(load, events[i].data.ptr);
	}
	figures_end(&load->figures, load->pid);
}

static void parse(struct load *out, int argc, char **argv)
{
	for (int c; (c = getopt(argc, argv, "c:n:t:w:i:p:a")) != -1;) {
		switch (c) {
		case 'c': out->n_clients = strtoul(optarg, NULL, 10); break;
		case 'n': out->wanted = strtoul(optarg, NULL, 10); break;
		case 't': out->seconds = strtod(optarg, NULL); break;
		case 'w': out->warm_up = strtoul(optarg, NULL, 10); break;
		case 'i': out->n_idle = strtoul(optarg, NULL, 10); break;
		case 'p': out->pid = (int)strtol(optarg, NULL, 10); break;
		case 'a': out->takes_any = true; break;
		default: errx(1, "see the top of policy_load.c");
		}
	}
	if (optind + 2 != argc || out->n_clients == 0 || out->warm_up == 0)
		errx(1, "see the top of policy_load.c");
	out->endpoint = argv[optind];
	open_recipients(&out->recipients, argv[optind + 1]);
}

int main(int argc, char **argv)
{
	static struct load load = {
		.n_clients = 1, .wanted = 100000, .warm_up = 1000
	};

	const struct sched_param no_priority = { 0 };

	parse(&load, argc, argv);
	if (sched_setscheduler(0, SCHED_BATCH, &no_priority) != 0)
		err(1, "sched_setscheduler");
	run(&load);
	figures_print(&load.figures, load.n_clients);
	return 0;
}
