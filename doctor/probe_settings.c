/*
 * By main.cf (postconf(5)) where the connector does not say: names, TLS
 * levels, whose certificates are taken.  A local socket has no TLS.
 */
#include "doctor/probe_settings.h"

#include "base/arena.h"
#include "base/text.h"
#include "doctor/instance.h"
#include "doctor/probes.h"

#include <string.h>

#define SOCKET_PREFIX "unix:"

/* "" where this Postfix does not know it. */
static const char *value_of(const struct instance *instance, const char *name)
{
	const char *value = instance_value(instance, name);

	return value == NULL ? "" : value;
}

/* What the client of that protocol has under its own prefix. */
static const char *client_value(const struct instance *instance,
	const struct probe *probe, const char *name, struct arena *arena)
{
	return value_of(instance,
		arena_printf(arena, "%s_%s",
			probe->asked.is_lmtp ? "lmtp" : "smtp", name));
}

static bool is_chrooted(const struct instance *instance, const char *name)
{
	for (size_t i = 0; i < instance_n_services(instance); i++) {
		const struct service *service = instance_service(instance, i);

		if (strcmp(service->name, name) == 0 &&
			strcmp(service->type, "unix") == 0)
			return service->is_chrooted;
	}
	return false;
}

/* Relative to the queue, and in a chroot what is absolute is so, too. */
static const char *socket_path(const struct instance *instance,
	const struct probe *probe, struct arena *arena)
{
	const char *path = probe->hop->text + strlen(SOCKET_PREFIX);

	if (path[0] == '/' && !is_chrooted(instance, probe->connector->kind))
		return path;
	return arena_printf(
		arena, "%s/%s", value_of(instance, "queue_directory"), path);
}

static bool place_set(struct probe *probe, const struct instance *instance,
	struct arena *arena)
{
	const char *protocols = value_of(instance, "inet_protocols");
	struct smtp_place *place = &probe->asked.place;

	if (probe->hop->host == NULL) {
		if (!text_starts(probe->hop->text, SOCKET_PREFIX))
			return false;
		place->path = socket_path(instance, probe, arena);
		return true;
	}
	place->host = probe->hop->host;
	place->port = probe->hop->port;
	place->is_ipv4_alone = strcmp(protocols, "ipv4") == 0;
	place->is_ipv6_alone = strcmp(protocols, "ipv6") == 0;
	return true;
}

/* smtp_tls_security_level knows more levels than a connector does. */
static enum tls level_of(const char *text)
{
	static const struct {
		const char *text;
		enum tls level;
	} levels[] = {
		{ "may", TLS_MAY },
		{ "dane", TLS_MAY },
		{ "encrypt", TLS_ENCRYPT },
		{ "dane-only", TLS_ENCRYPT },
		{ "fingerprint", TLS_ENCRYPT },
		{ "verify", TLS_VERIFY },
		{ "secure", TLS_SECURE },
	};

	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
		if (strcmp(levels[i].text, text) == 0)
			return levels[i].level;
	return TLS_NONE;
}

static void tls_set(struct probe *probe, const struct instance *instance,
	struct arena *arena)
{
	struct smtp_probe *asked = &probe->asked;
	enum tls level = probe->connector->tls;

	if (asked->place.path != NULL)
		level = TLS_NONE;
	else if (level == TLS_UNSET)
		level = level_of(client_value(
			instance, probe, "tls_security_level", arena));
	asked->tls = level <= TLS_NONE ? SMTP_TLS_NONE
		: level == TLS_MAY     ? SMTP_TLS_MAY
				       : SMTP_TLS_MUST;
	asked->trust = (struct smtp_trust){
		.is_verified = level == TLS_VERIFY || level == TLS_SECURE,
		.has_default_cas =
			strcmp(value_of(instance, "tls_append_default_CA"),
				"yes") == 0,
		.ca_file = client_value(instance, probe, "tls_CAfile", arena),
		.ca_path = client_value(instance, probe, "tls_CApath", arena),
		.name = probe->hop->host,
		.takes_subdomains = level == TLS_SECURE,
	};
}

bool probe_settings(struct probe *out, const struct connector *connector,
	const struct hop *hop, const struct instance *instance,
	struct arena *arena)
{
	*out = (struct probe){ .connector = connector, .hop = hop };
	out->asked.is_lmtp = strcmp(connector->kind, "lmtp") == 0;
	if (!place_set(out, instance, arena))
		return false;
	out->asked.helo = client_value(instance, out,
		out->asked.is_lmtp ? "lhlo_name" : "helo_name", arena);
	/* lmtp(8) does not look whom it meets. */
	if (!out->asked.is_lmtp)
		out->asked.myhostname = value_of(instance, "myhostname");
	tls_set(out, instance, arena);
	return true;
}
