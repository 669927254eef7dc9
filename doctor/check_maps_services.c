/*
 * What master.cf makes of the maps: whether the transports that they name
 * are there, and which service is given other maps than main.cf has.  A
 * listener behind a content filter, and a cleanup(8) of another name that
 * only stands before one, are right to have none.
 */
#include "doctor/check_maps.h"

#include "base/arena.h"
#include "doctor/fix.h"
#include "doctor/our_maps.h"
#include "doctor/smtpd_lists.h"

#include <string.h>
#include <unistd.h>

/* NULL: there is none. */
static const struct service *find_transport(
	const struct instance *instance, const char *name)
{
	for (size_t i = 0; i < instance_n_services(instance); i++) {
		const struct service *service = instance_service(instance, i);

		if (strcmp(service->name, name) == 0 &&
			strcmp(service->type, "unix") == 0)
			return service;
	}
	return NULL;
}

void check_transport_service(struct examination *examination)
{
	const struct instance *instance = examination->instance;
	const struct namespace *ns = examination->ns;

	for (size_t i = 0; i < ns->n_connectors; i++) {
		const struct connector *connector = &ns->connectors[i];

		if (connector->is_enabled &&
			find_transport(instance, connector->kind) == NULL)
			check_found(examination, SEVERITY_ERROR,
				connector->name, "",
				"master.cf has no transport \"%s\", so all its "
				"mail is deferred; name one that is there "
				"(%s:%u), or put it into master.cf",
				connector->kind, connector->place.file,
				connector->place.line);
	}
	if (domain_with_verify(ns) != NULL &&
		find_transport(instance, "verify") == NULL)
		check_found(examination, SEVERITY_ERROR, "verify", "",
			"master.cf has no service verify(8), so every "
			"recipient of a domain with recipient-filter = verify "
			"is deferred; put it into master.cf");
}

static void check_socket(
	struct examination *examination, const struct connector *connector)
{
	struct arena *arena = examination->arena;
	const char *path = strchr(connector->hops[0].text, ':');
	const char *queue =
		instance_value(examination->instance, "queue_directory");
	const struct service *service =
		find_transport(examination->instance, connector->kind);

	if (service == NULL || !service->is_chrooted || path == NULL ||
		path[1] != '/' || queue == NULL ||
		access(arena_printf(arena, "%s%s", queue, path + 1), F_OK) == 0)
		return;
	const char *subject = service_format(service, arena);

	check_found(examination, SEVERITY_ERROR, subject,
		fix_path("postconf -Fe",
			arena_printf(arena, "%s/chroot=n", subject), arena),
		"it is chrooted and finds no %s in its jail, %s, so the mail "
		"of connector \"%s\" is deferred: let it out, or have the "
		"socket below that folder and write its path relative to it",
		path + 1, queue, connector->name);
}

void check_transport_chroot(struct examination *examination)
{
	const struct namespace *ns = examination->ns;

	for (size_t i = 0; i < ns->n_connectors; i++)
		if (ns->connectors[i].is_enabled &&
			ns->connectors[i].is_socket &&
			ns->connectors[i].n_hops > 0)
			check_socket(examination, &ns->connectors[i]);
}

/* Whom an override takes one of our maps from, and what comes of it. */
static const struct override {
	const char *command;
	const char *parameter;
	const char *consequence;
} overrides[] = {
	{ "smtpd", "relay_recipient_maps",
		"it refuses those who are there, or takes mail for whom "
		"nobody has" },
	{ "smtpd", "virtual_alias_maps",
		"it refuses contacts, secondary domains and catch-alls" },
	{ "cleanup", "virtual_alias_maps",
		"contacts, secondary domains and catch-alls are accepted and "
		"never rewritten" },
	{ "smtp", "smtp_tls_policy_maps",
		"\"tls\" of connectors has no effect: mail may leave in "
		"clear" },
	{ "lmtp", "lmtp_tls_policy_maps",
		"\"tls\" of connectors has no effect: mail may leave in "
		"clear" },
};

static bool has_tls(const struct namespace *ns, const char *kind)
{
	for (size_t i = 0; i < ns->n_connectors; i++)
		if (ns->connectors[i].is_enabled &&
			ns->connectors[i].tls != TLS_UNSET &&
			strcmp(ns->connectors[i].kind, kind) == 0)
			return true;
	return false;
}

/* Whether our mail passes that service at all. */
static bool is_concerned(const struct override *override,
	const struct service *service, const struct examination *examination)
{
	if (strcmp(service->command, override->command) != 0)
		return false;
	if (strcmp(service->command, "smtpd") == 0)
		return !smtpd_is_behind_filter(
			examination->instance, service, examination->arena);
	if (strcmp(service->command, "cleanup") == 0)
		return strcmp(service->name, "cleanup") == 0;
	return has_tls(examination->ns, service->name);
}

static void check_override(struct examination *examination,
	const struct override *override, const struct service *service)
{
	const struct instance *instance = examination->instance;
	const char *name = override->parameter;
	const char *value = instance_service_value(instance, service, name);

	if (!is_concerned(override, service, examination) ||
		!instance_service_overrides(instance, service, name) ||
		our_maps_in(value, examination))
		return;
	check_found(examination, SEVERITY_ERROR,
		arena_printf(examination->arena, "%s/%s",
			service_format(service, examination->arena), name),
		fix_unset(service, name, examination->arena),
		"is \"%s\" in master.cf, without our map: %s", value,
		override->consequence);
}

void check_map_override(struct examination *examination)
{
	const struct instance *instance = examination->instance;

	for (size_t i = 0; i < instance_n_services(instance); i++)
		for (size_t j = 0; j < sizeof overrides / sizeof *overrides;
			j++)
			check_override(examination, &overrides[j],
				instance_service(instance, i));
}

void check_fallback_relay(struct examination *examination)
{
	static const char name[] = "smtp_fallback_relay";
	const struct instance *instance = examination->instance;
	const struct namespace *ns = examination->ns;

	for (size_t i = 0; i < ns->n_connectors; i++) {
		const struct connector *connector = &ns->connectors[i];
		const struct service *service =
			find_transport(instance, connector->kind);
		const char *value = service == NULL ||
				strcmp(service->command, "smtp") != 0
			? NULL
			: instance_service_value(instance, service, name);

		if (!connector->is_enabled || value == NULL || value[0] == '\0')
			continue;
		check_found(examination, SEVERITY_WARNING, name, "",
			"is \"%s\" for the transport \"%s\": while the smart "
			"hosts of connector \"%s\" are down their mail goes "
			"there, which may send it back; give the connector a "
			"transport of its own in master.cf, with "
			"-o smtp_fallback_relay=",
			value, connector->kind, connector->name);
		return;
	}
}
