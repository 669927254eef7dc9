/*
 * In a child, because only there may root become somebody else and its
 * working directory be another; it writes the struct of its answer into a
 * pipe.  smtpd goes to the queue folder while it is root, and so does this.
 */
#include "doctor/policy_socket.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_S = 5, PATH_SIZE = 1024 };

struct question {
	const char *endpoint, *queue, *user, *recipient;
};

static enum policy_reach reach_of_errno(void)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR: return POLICY_MISSING;
	case EACCES:
	case EPERM: return geteuid() == 0 ? POLICY_FORBIDDEN : POLICY_UNKNOWN;
	case EAGAIN:
	case EINPROGRESS:
	case ETIMEDOUT: return POLICY_SILENT;
	default: return POLICY_DEAD;
	}
}

static void be_patient(int fd)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

/* -1, with errno. */
static int connect_to(const struct sockaddr *address, socklen_t len)
{
	const int fd =
		socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	be_patient(fd);
	if (connect(fd, address, len) == 0)
		return fd;
	const int code = errno;

	close(fd);
	errno = code;
	return -1;
}

static int connect_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path));
	return connect_to((const struct sockaddr *)&address, sizeof address);
}

/* "HOST:PORT", "[HOST]:PORT" */
static int connect_inet(const char *name)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(name, ':');
	struct addrinfo *found;
	char host[PATH_SIZE];
	int fd = -1;

	if (colon == NULL) {
		errno = EINVAL;
		return -1;
	}
	snprintf(host, sizeof host, "%.*s", (int)(colon - name), name);
	char *bare = host[0] == '[' ? host + 1 : host;

	bare[strcspn(bare, "]")] = '\0';
	if (getaddrinfo(bare, colon + 1, &hints, &found) != 0) {
		errno = ECONNREFUSED;
		return -1;
	}
	for (struct addrinfo *at = found; at != NULL && fd < 0;
		at = at->ai_next)
		fd = connect_to(at->ai_addr, at->ai_addrlen);
	freeaddrinfo(found);
	return fd;
}

static int connect_endpoint(const char *endpoint)
{
	const char *name = strchr(endpoint, ':');

	if (name == NULL) {
		errno = EINVAL;
		return -1;
	}
	return text_starts(endpoint, "inet:") ? connect_inet(name + 1)
					      : connect_unix(name + 1);
}

/* False, with errno. */
static bool become(const char *user)
{
	const struct passwd *entry = getpwnam(user);

	if (geteuid() != 0)
		return true;
	if (entry == NULL) {
		errno = EINVAL;
		return false;
	}
	return setgroups(0, NULL) == 0 && setgid(entry->pw_gid) == 0 &&
		seteuid(entry->pw_uid) == 0;
}

/* The value of the first "action" up to the end of its line. */
static void note_action(struct policy_answer *out, const char *reply)
{
	const char *action = strstr(reply, "action=");
	size_t len = 0;

	if (action == NULL)
		action = reply;
	else
		action += strlen("action=");
	for (; action[len] != '\0' && action[len] != '\n' &&
		len + 1 < sizeof out->action;
		len++)
		out->action[len] = action[len] < ' ' || action[len] > '~'
			? '?'
			: action[len];
	out->action[len] = '\0';
}

/*
 * Up to an empty line, to the end of the stream, or as much as is kept: half
 * an answer is one that smtpd goes on waiting for.
 */
static void read_reply(struct policy_answer *out, int fd)
{
	const int64_t due_ms = clock_due_ms(PATIENCE_S);
	char reply[POLICY_ACTION_SIZE + 64] = "";
	const size_t room = sizeof reply - 1;
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < room && strstr(reply, "\n\n") == NULL &&
		clock_left_ms(due_ms) > 0) {
		n = read(fd, reply + len, room - len);
		if (n > 0)
			len += (size_t)n;
	}
	const bool is_whole = n == 0 || len == room ||
		strstr(reply, "\n\n") != NULL;

	out->reach = len > 0 && is_whole ? POLICY_ANSWERED : POLICY_SILENT;
	if (out->reach == POLICY_ANSWERED)
		note_action(out, reply);
}

static void ask(struct policy_answer *out, const struct question *question)
{
	char request[PATH_SIZE];
	const int len = snprintf(request, sizeof request,
		"request=smtpd_access_policy\nprotocol_state=RCPT\n"
		"protocol_name=ESMTP\nclient_address=127.0.0.1\n"
		"client_name=localhost\nsender=\nrecipient=%s\n"
		"queue_id=\ninstance=doctor\n\n",
		question->recipient == NULL ? "" : question->recipient);

	if (chdir(question->queue) != 0 || !become(question->user)) {
		out->reach = POLICY_UNKNOWN;
		return;
	}
	const int fd = connect_endpoint(question->endpoint);
	const int code = errno;

	/* So that a refusal is known for one of that user. */
	if (getuid() == 0 && seteuid(0) != 0)
		_exit(EXIT_FAILURE);
	errno = code;
	if (fd < 0) {
		out->reach = reach_of_errno();
		return;
	}
	if (question->recipient == NULL)
		out->reach = POLICY_ANSWERED;
	else if (send(fd, request, (size_t)len, MSG_NOSIGNAL) == len)
		read_reply(out, fd);
	else
		out->reach = POLICY_SILENT;
	close(fd);
}

void policy_socket_ask(struct policy_answer *out, const char *endpoint,
	const char *queue, const char *user, const char *recipient)
{
	const struct question question = { endpoint, queue, user, recipient };
	int ends[2];

	*out = (struct policy_answer){ .reach = POLICY_UNKNOWN };
	if (pipe(ends) != 0)
		return;
	const pid_t child = fork();

	if (child == 0) {
		struct policy_answer answer = { .reach = POLICY_UNKNOWN };

		ask(&answer, &question);
		_exit(write(ends[1], &answer, sizeof answer) == sizeof answer
				? EXIT_SUCCESS
				: EXIT_FAILURE);
	}
	close(ends[1]);
	if (child > 0) {
		if (read(ends[0], out, sizeof *out) != sizeof *out)
			*out = (struct policy_answer){ .reach =
							       POLICY_UNKNOWN };
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
}
