/*
 * The clients that a policy server would rather not have, held until stdin
 * ends; "ready" is printed when all are there:
 *
 *     connections [-i IDLE] [-s SLOW] [-d DEAF] [-v VISITS] ENDPOINT
 *
 * -i: say nothing.  -s: say a byte a second.  -d: ask as long as anything is
 * taken and read nothing.  -v: so many a second come, ask and leave without
 * waiting for the answer.
 */
#include "tests/bench/endpoint_socket.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TICK_MS = 10, TICKS_A_SECOND = 1000 / TICK_MS, TICKS_STUCK = 20 };

struct crowd {
	const char *endpoint;
	size_t n_idle, n_slow, n_deaf, visits;
	int *slow, *deaf;
	size_t said; /* by each slow one */
};

static const char request[] =
	"request=smtpd_access_policy\nprotocol_state=RCPT\n"
	"client_address=203.0.113.77\nrecipient=nobody@company.example\n\n";

enum { REQUEST_LEN = sizeof request - 1 };

/* False: nothing is taken for now. */
static bool say(int fd, const char *bytes, size_t len)
{
	const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN)
		err(1, "one that is held was hung up on");
	return n == (ssize_t)len;
}

static int *open_many(const char *endpoint, size_t count)
{
	int *fds = calloc(count + 1, sizeof *fds);

	if (fds == NULL)
		err(1, NULL);
	for (size_t i = 0; i < count; i++)
		fds[i] = endpoint_connect(endpoint);
	return fds;
}

/* A byte of each; what was answered is of no interest. */
static void say_slowly(struct crowd *crowd)
{
	char answer[1024];
	const char *byte = &request[crowd->said++ % REQUEST_LEN];

	for (size_t i = 0; i < crowd->n_slow; i++) {
		say(crowd->slow[i], byte, 1);
		if (recv(crowd->slow[i], answer, sizeof answer, 0) == 0)
			errx(1, "a slow one was hung up on");
	}
}

/* Whether anything was taken. */
static bool ask_on(const struct crowd *crowd)
{
	bool is_taken = false;

	for (size_t i = 0; i < crowd->n_deaf; i++) {
		while (say(crowd->deaf[i], request, REQUEST_LEN))
			is_taken = true;
	}
	return is_taken;
}

/* Until the server has stopped to read, of all of them. */
static void ask_until_stuck(const struct crowd *crowd)
{
	for (int stuck = 0; stuck < TICKS_STUCK; stuck++) {
		if (ask_on(crowd))
			stuck = 0;
		usleep(TICK_MS * 1000);
	}
}

static void visit(const char *endpoint)
{
	const int fd = endpoint_connect(endpoint);

	/* A server that ends may have hung up already. */
	if (send(fd, request, REQUEST_LEN, MSG_NOSIGNAL) < 0 && errno != EPIPE)
		err(1, "a visit");
	close(fd);
}

static void tick(struct crowd *crowd, size_t number)
{
	const size_t before = crowd->visits * number / TICKS_A_SECOND;
	const size_t after = crowd->visits * (number + 1) / TICKS_A_SECOND;

	for (size_t i = before; i < after; i++)
		visit(crowd->endpoint);
	if (number == 0) {
		say_slowly(crowd);
		ask_on(crowd);
	}
}

static void parse(struct crowd *out, int argc, char **argv)
{
	for (int c; (c = getopt(argc, argv, "i:s:d:v:")) != -1;) {
		switch (c) {
		case 'i': out->n_idle = strtoul(optarg, NULL, 10); break;
		case 's': out->n_slow = strtoul(optarg, NULL, 10); break;
		case 'd': out->n_deaf = strtoul(optarg, NULL, 10); break;
		case 'v': out->visits = strtoul(optarg, NULL, 10); break;
		default: errx(1, "see the top of connections.c");
		}
	}
	if (optind + 1 != argc)
		errx(1, "see the top of connections.c");
	out->endpoint = argv[optind];
}

int main(int argc, char **argv)
{
	struct pollfd leave = { .fd = STDIN_FILENO, .events = POLLIN };
	struct crowd crowd = { 0 };

	parse(&crowd, argc, argv);
	free(open_many(crowd.endpoint, crowd.n_idle));
	crowd.slow = open_many(crowd.endpoint, crowd.n_slow);
	crowd.deaf = open_many(crowd.endpoint, crowd.n_deaf);
	ask_until_stuck(&crowd);
	if (puts("ready") < 0 || fflush(stdout) != 0)
		err(1, "stdout");
	for (size_t i = 0; poll(&leave, 1, TICK_MS) == 0; i++)
		tick(&crowd, i % TICKS_A_SECOND);
	free(crowd.slow);
	free(crowd.deaf);
	return 0;
}
