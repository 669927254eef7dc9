/*
 * Addresses by getifaddrs(3).  A listener of master.cf is a line whose
 * second word is "inet" and whose first ends with a port, by number or by
 * its name in services(5); one that is bound to an address of its own takes
 * mail there alone.
 */
#include "transport-map-gen/ourselves.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LISTENERS_MAX = 64 };

struct listener {
	struct network address;
	bool has_address; /* else all of this machine */
	uint16_t port;
};

struct listeners {
	struct listener list[LISTENERS_MAX];
	size_t count;
};

static bool port_of_word(uint16_t *out, const char *word)
{
	const struct servent *service;
	unsigned long number;

	if (text_to_ulong(&number, word)) {
		*out = (uint16_t)number;
		return number > 0 && number <= UINT16_MAX;
	}
	service = getservbyname(word, "tcp");
	if (service == NULL)
		return false;
	*out = ntohs((uint16_t)service->s_port);
	return true;
}

/* "0.0.0.0" and "::" */
static bool is_any(const struct network *address)
{
	const struct network mapped = { .bytes = { [10] = 0xff, [11] = 0xff } };
	const struct network none = { .prefix = 0 };

	return memcmp(address->bytes, mapped.bytes, sizeof mapped.bytes) == 0 ||
		memcmp(address->bytes, none.bytes, sizeof none.bytes) == 0;
}

/* "smtp", "10025", "127.0.0.1:10025", "[::1]:smtp". */
static bool listener_parse(struct listener *out, char *word)
{
	char *port = strrchr(word, ':');
	char *host = word;

	*out = (struct listener){ .has_address = false };
	if (port == NULL)
		return port_of_word(&out->port, word);
	*port++ = '\0';
	if (host[0] == '[') {
		host++;
		host[strcspn(host, "]")] = '\0';
	}
	out->has_address = network_of_client(&out->address, host) &&
		!is_any(&out->address);
	return port_of_word(&out->port, port);
}

static void listeners_read(struct listeners *out, FILE *stream)
{
	char line[4096];

	while (fgets(line, sizeof line, stream) != NULL) {
		char name[256], type[32];

		if (out->count == LISTENERS_MAX ||
			sscanf(line, "%255s %31s", name, type) != 2 ||
			strcmp(type, "inet") != 0)
			continue;
		if (listener_parse(&out->list[out->count], name))
			out->count++;
	}
}

/* Its standard output, to be read; -1 where it can not be run. */
static int postconf_start(pid_t *pid)
{
	char *const argv[] = { (char[]){ "postconf" }, (char[]){ "-M" }, NULL };
	posix_spawn_file_actions_t actions;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(
		&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	const int status =
		posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);

	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (status == 0)
		return ends[0];
	close(ends[0]);
	return -1;
}

static void listeners_ask(struct listeners *out)
{
	pid_t pid;
	const int fd = postconf_start(&pid);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");
	int status = 1;

	*out = (struct listeners){ .count = 0 };
	if (stream != NULL) {
		listeners_read(out, stream);
		fclose(stream);
		if (waitpid(pid, &status, 0) == pid && status == 0 &&
			out->count != 0)
			return;
	}
	out->list[0] = (struct listener){ .port = HOP_DEFAULT_PORT };
	out->count = 1;
}

static bool network_of_interface(
	struct network *out, const struct ifaddrs *interface)
{
	const struct sockaddr *address = interface->ifa_addr;
	char text[INET6_ADDRSTRLEN];
	const void *bytes;

	if (address == NULL)
		return false;
	if (address->sa_family == AF_INET)
		bytes = &((const struct sockaddr_in *)(const void *)address)
				 ->sin_addr;
	else if (address->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *)(const void *)address)
				 ->sin6_addr;
	else
		return false;
	return inet_ntop(address->sa_family, bytes, text, sizeof text) !=
		NULL &&
		network_of_client(out, text);
}

static bool is_of_this_machine(
	const struct network *host, const struct ifaddrs *interfaces)
{
	struct network own;

	if (network_is_loopback(host))
		return true;
	for (; interfaces != NULL; interfaces = interfaces->ifa_next)
		if (network_of_interface(&own, interfaces) &&
			network_contains(&own, host))
			return true;
	return false;
}

static bool is_listened_on(
	const struct listeners *listeners, const struct hop *hop)
{
	for (size_t i = 0; i < listeners->count; i++) {
		const struct listener *listener = &listeners->list[i];

		if (listener->port == hop->port &&
			(!listener->has_address ||
				network_contains(
					&listener->address, &hop->network)))
			return true;
	}
	return false;
}

static void check_connector(const struct connector *connector,
	const struct listeners *listeners, const struct ifaddrs *interfaces,
	struct faults *faults)
{
	for (size_t i = 0; i < connector->n_hops; i++) {
		const struct hop *hop = &connector->hops[i];

		if (strcmp(connector->kind, "lmtp") == 0 || hop->host == NULL ||
			!hop->is_literal ||
			!is_of_this_machine(&hop->network, interfaces) ||
			!is_listened_on(listeners, hop))
			continue;
		faults_error(faults, connector->place,
			"smart host %s of connector \"%s\" is this machine, "
			"where this Postfix itself listens: mail would come "
			"straight back; name the other system's address",
			hop->text, connector->name);
	}
}

void ourselves_check(const struct namespace *ns, struct faults *faults)
{
	struct listeners listeners;
	struct ifaddrs *interfaces = NULL;

	if (getifaddrs(&interfaces) != 0)
		interfaces = NULL;
	listeners_ask(&listeners);
	for (size_t i = 0; i < ns->n_connectors; i++)
		if (ns->connectors[i].is_enabled)
			check_connector(&ns->connectors[i], &listeners,
				interfaces, faults);
	if (interfaces != NULL)
		freeifaddrs(interfaces);
}
