/*
 * What else decides where mail goes.  relayhost, sender-dependent routes and
 * relay_transport do not: transport_maps come before them (transport(5)).
 * A content filter takes a message out and brings it back, to be routed then.
 */
#include "doctor/check_maps.h"

#include "base/arena.h"
#include "doctor/fix.h"
#include "doctor/listeners.h"
#include "doctor/our_maps.h"
#include "doctor/ourselves.h"

#include <string.h>

static void check_service_of(
	struct examination *examination, const struct service *service)
{
	static const char *const names[] = { "transport_maps",
		"relay_domains" };
	const struct instance *instance = examination->instance;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *name = names[i];
		const char *value =
			instance_service_value(instance, service, name);

		if (!instance_service_overrides(instance, service, name) ||
			our_maps_in(value, examination))
			continue;
		check_found(examination, SEVERITY_ERROR,
			arena_printf(examination->arena, "%s/%s/%s",
				service->name, service->type, name),
			fix_unset(service, name, examination->arena),
			"is \"%s\" in master.cf, so that trivial-rewrite(8) "
			"does not have our map: mail goes elsewhere than to "
			"its connector, or is refused",
			value);
	}
}

void check_route_override(struct examination *examination)
{
	const struct instance *instance = examination->instance;

	for (size_t i = 0; i < instance_n_services(instance); i++) {
		const struct service *service = instance_service(instance, i);

		if (strcmp(service->command, "trivial-rewrite") == 0)
			check_service_of(examination, service);
	}
}

const struct domain *domain_with_verify(const struct namespace *ns)
{
	for (size_t i = 0; i < ns->n_domains; i++)
		if (ns->domains[i].is_enabled &&
			ns->domains[i].filter == FILTER_VERIFY)
			return &ns->domains[i];
	return NULL;
}

void check_verify_route(struct examination *examination)
{
	static const char name[] = "address_verify_transport_maps";
	const struct instance *instance = examination->instance;
	const struct domain *domain = domain_with_verify(examination->ns);

	if (domain == NULL ||
		our_maps_in(instance_value(instance, name), examination) ||
		!our_maps_in(instance_value(instance, "transport_maps"),
			examination))
		return;
	check_found(examination, SEVERITY_ERROR, name,
		fix_unset(NULL, name, examination->arena),
		"does not have our routes (its default is $transport_maps): "
		"recipients of \"%s\" are verified with another system than "
		"their own",
		domain->pattern.name.ascii);
}

static void check_defer_code(
	struct examination *examination, const struct domain *domain)
{
	static const char name[] = "unverified_recipient_defer_code";
	const char *value = instance_value(examination->instance, name);

	if (value == NULL || value[0] == '4')
		return;
	check_found(examination, SEVERITY_ERROR, name,
		fix_unset(NULL, name, examination->arena),
		"is %s: while the system behind \"%s\" can not be asked, "
		"everybody there is refused for good",
		value, domain->pattern.name.ascii);
}

void check_verify_code(struct examination *examination)
{
	static const char name[] = "unverified_recipient_reject_code";
	const char *value = instance_value(examination->instance, name);
	const struct domain *domain = domain_with_verify(examination->ns);

	if (domain != NULL)
		check_defer_code(examination, domain);
	if (domain == NULL || value == NULL || value[0] == '5')
		return;
	check_found(examination, SEVERITY_WARNING, name,
		fix_set(NULL, name, "550", examination->arena),
		"is %s: whom the system behind \"%s\" refuses for good is put "
		"off and tried again for days",
		value, domain->pattern.name.ascii);
}

void check_verify_reason(struct examination *examination)
{
	static const char name[] = "unverified_recipient_reject_reason";
	const char *value = instance_value(examination->instance, name);
	const struct domain *domain = domain_with_verify(examination->ns);

	if (domain == NULL || (value != NULL && value[0] != '\0'))
		return;
	check_found(examination, SEVERITY_WARNING, name,
		fix_set(NULL, name, "Address unknown", examination->arena),
		"is empty: the reply of the system behind \"%s\" is shown to "
		"strangers, with the names of hosts inside",
		domain->pattern.name.ascii);
}

static void check_hops(struct examination *examination,
	const struct connector *connector, const struct listeners *listeners)
{
	for (size_t i = 0; i < connector->n_hops; i++) {
		const struct hop *hop = &connector->hops[i];

		if (ourselves_is(listeners, connector, hop))
			check_found(examination, SEVERITY_ERROR,
				connector->name, "",
				"its smart host %s is this machine, where this "
				"Postfix itself listens: mail would come "
				"straight back; name the other system's "
				"address (%s:%u)",
				hop->text, connector->place.file,
				connector->place.line);
	}
}

void check_smart_host(struct examination *examination)
{
	const struct namespace *ns = examination->ns;
	struct listeners *listeners = listeners_open(examination->instance);

	for (size_t i = 0; i < ns->n_connectors; i++)
		if (ns->connectors[i].is_enabled)
			check_hops(examination, &ns->connectors[i], listeners);
	listeners_close(&listeners);
}
