/*
 * Addresses by getifaddrs(3).  A listener of master.cf is a line whose
 * second word is "inet" and whose first ends with a port, by number or by
 * its name in services(5); one that is bound to an address of its own takes
 * mail there alone, the others at inet_interfaces.
 */
#include "transport-map-gen/ourselves.h"

#include "base/child.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

enum { LISTENERS_MAX = 64 };

struct listener {
	struct network address;
	bool has_address; /* else all of this machine */
	uint16_t port;
};

/* Listeners without an address are at inet_interfaces, and at loopback. */
struct listeners {
	struct listener list[LISTENERS_MAX];
	size_t count;
	bool has_interfaces; /* else all of this machine */
	struct network interfaces[LISTENERS_MAX];
	size_t n_interfaces;
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

static void listeners_read(struct listeners *out, char *lines)
{
	while (lines != NULL) {
		const char *line = strsep(&lines, "\n");
		char name[256], type[32];

		if (out->count == LISTENERS_MAX ||
			sscanf(line, "%255s %31s", name, type) != 2 ||
			strcmp(type, "inet") != 0)
			continue;
		if (listener_parse(&out->list[out->count], name))
			out->count++;
	}
}

/* A name is not looked up: it may be any of this machine's addresses. */
static void interfaces_read(struct listeners *out, char *words)
{
	out->has_interfaces = true;
	while (words != NULL) {
		char *word = strsep(&words, ", \t\n");
		const size_t len = strlen(word);

		if (word[0] == '[' && word[len - 1] == ']') {
			word[len - 1] = '\0';
			word++;
		}
		if (word[0] == '\0' || strcmp(word, "loopback-only") == 0 ||
			strcmp(word, "localhost") == 0)
			continue;
		if (out->n_interfaces == LISTENERS_MAX ||
			!network_of_client(
				&out->interfaces[out->n_interfaces], word))
			out->has_interfaces = false;
		else
			out->n_interfaces++;
	}
}

static void listeners_ask(struct listeners *out)
{
	static const char *const services[] = { "postconf", "-M", NULL };
	static const char *const interfaces[] = { "postconf", "-xh",
		"inet_interfaces", NULL };
	struct text text;

	*out = (struct listeners){ .count = 0 };
	text_init(&text);
	if (child_run(services, NULL, &text, NULL))
		listeners_read(out, text.data);
	text_clear(&text);
	if (child_run(interfaces, NULL, &text, NULL))
		interfaces_read(out, text.data);
	text_fini(&text);
	if (out->count == 0)
		out->list[out->count++] =
			(struct listener){ .port = HOP_DEFAULT_PORT };
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

static bool is_interface(
	const struct listeners *listeners, const struct network *host)
{
	if (!listeners->has_interfaces || network_is_loopback(host))
		return true;
	for (size_t i = 0; i < listeners->n_interfaces; i++)
		if (network_contains(&listeners->interfaces[i], host))
			return true;
	return false;
}

static bool is_listened_on(
	const struct listeners *listeners, const struct hop *hop)
{
	for (size_t i = 0; i < listeners->count; i++) {
		const struct listener *listener = &listeners->list[i];

		if (listener->port == hop->port &&
			(listener->has_address
					? network_contains(&listener->address,
						  &hop->network)
					: is_interface(
						  listeners, &hop->network)))
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
