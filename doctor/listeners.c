/*
 * Addresses by getifaddrs(3).  A listener of master.cf is a service of type
 * "inet", whose name ends with a port, by number or by its name in
 * services(5); one that is bound to an address of its own takes
 * mail there alone, the others at inet_interfaces.
 */
#include "doctor/listeners.h"

#include "base/memory.h"
#include "base/text.h"
#include "doctor/instance.h"
#include "namespace/hop.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <stdlib.h>
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
	struct ifaddrs *machine; /* what it has; NULL = it does not tell */
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

static void listeners_read(
	struct listeners *out, const struct instance *instance)
{
	for (size_t i = 0; i < instance_n_services(instance); i++) {
		const struct service *service = instance_service(instance, i);
		struct text name;

		if (strcmp(service->type, "inet") != 0 ||
			out->count == LISTENERS_MAX)
			continue;
		text_init(&name);
		text_adds(&name, service->name);
		if (listener_parse(&out->list[out->count], name.data))
			out->count++;
		text_fini(&name);
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

static bool is_listened_on(const struct listeners *listeners,
	const struct network *address, uint16_t port)
{
	for (size_t i = 0; i < listeners->count; i++) {
		const struct listener *listener = &listeners->list[i];

		if (listener->port == port &&
			(listener->has_address
					? network_contains(
						  &listener->address, address)
					: is_interface(listeners, address)))
			return true;
	}
	return false;
}

struct listeners *listeners_open(const struct instance *instance)
{
	struct listeners *listeners = memory_must(calloc(1, sizeof *listeners));
	const char *interfaces = instance == NULL
		? NULL
		: instance_value(instance, "inet_interfaces");
	struct text words;

	if (getifaddrs(&listeners->machine) != 0)
		listeners->machine = NULL;
	if (instance != NULL)
		listeners_read(listeners, instance);
	text_init(&words);
	if (interfaces != NULL) {
		text_adds(&words, interfaces);
		interfaces_read(listeners, words.data);
	}
	text_fini(&words);
	if (listeners->count == 0)
		listeners->list[listeners->count++] =
			(struct listener){ .port = HOP_DEFAULT_PORT };
	return listeners;
}

void listeners_close(struct listeners **listeners)
{
	if (*listeners == NULL)
		return;
	if ((*listeners)->machine != NULL)
		freeifaddrs((*listeners)->machine);
	free(*listeners);
	*listeners = NULL;
}

bool listeners_has(const struct listeners *listeners,
	const struct network *address, uint16_t port)
{
	return is_of_this_machine(address, listeners->machine) &&
		is_listened_on(listeners, address, port);
}
