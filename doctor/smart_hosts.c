/*
 * smtp(8) and lmtp(8) look a host up in DNS; also, or alone, as the system
 * does where smtp_host_lookup says "native" or DNS is off (postconf(5)).
 */
#include "doctor/smart_hosts.h"

#include "base/arena.h"
#include "doctor/dns.h"
#include "doctor/here.h"
#include "doctor/instance.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

size_t smart_hosts_collect(struct smart_host **out, const struct namespace *ns,
	struct arena *arena)
{
	size_t count = 0;

	for (size_t i = 0; i < ns->n_connectors; i++)
		count += ns->connectors[i].n_hops;
	*out = arena_array(arena, count, sizeof **out);
	count = 0;
	for (size_t i = 0; i < ns->n_connectors; i++) {
		const struct connector *connector = &ns->connectors[i];

		for (size_t h = 0; h < connector->n_hops; h++) {
			const struct hop *hop = &connector->hops[h];

			if (connector->is_enabled && hop->host != NULL &&
				!hop->is_literal)
				(*out)[count++] =
					(struct smart_host){ connector, hop,
						.addresses = NULL };
		}
	}
	return count;
}

static bool is_lmtp(const struct smart_host *host)
{
	return strcmp(host->connector->kind, "lmtp") == 0;
}

static bool value_is(
	const struct instance *instance, const char *name, const char *value)
{
	const char *is = instance_value(instance, name);

	return is != NULL && strcmp(is, value) == 0;
}

static bool asks_system(
	const struct smart_host *host, const struct instance *instance)
{
	const char *how = instance_value(instance,
		is_lmtp(host) ? "lmtp_host_lookup" : "smtp_host_lookup");

	return (how != NULL && strstr(how, "native") != NULL) ||
		value_is(instance, "disable_dns_lookups", "yes") ||
		value_is(instance,
			is_lmtp(host) ? "lmtp_dns_support_level"
				      : "smtp_dns_support_level",
			"disabled");
}

/* To us; LMTP is never spoken there. */
static bool leads_here(const struct smart_host *host, const struct here *here,
	const struct network *address)
{
	return !is_lmtp(host) && here_has(here, address, host->hop->port);
}

static bool network_of_info(struct network *out, const struct addrinfo *info)
{
	char text[NI_MAXHOST];

	return getnameinfo(info->ai_addr, info->ai_addrlen, text, sizeof text,
		       NULL, 0, NI_NUMERICHOST) == 0 &&
		network_of_client(out, text);
}

static void ask_system(struct smart_host *host, const struct here *here)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	struct network address;
	const int status = getaddrinfo(host->hop->host, NULL, &hints, &found);

	if (status != 0) {
		if (status != EAI_NONAME && status != EAI_NODATA &&
			host->lookup == LOOKUP_NONE)
			host->lookup = LOOKUP_FAILED;
		return;
	}
	host->lookup = LOOKUP_FOUND;
	for (const struct addrinfo *at = found; at != NULL; at = at->ai_next)
		if (network_of_info(&address, at))
			host->loops |= leads_here(host, here, &address);
	freeaddrinfo(found);
}

void smart_host_settle(struct smart_host *host, const struct instance *instance,
	const struct here *here)
{
	host->lookup = host->addresses->lookup;
	for (size_t i = 0; i < host->addresses->n_addresses; i++)
		host->loops |=
			leads_here(host, here, &host->addresses->addresses[i]);
	if (asks_system(host, instance))
		ask_system(host, here);
}
