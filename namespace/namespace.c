/*
 * The words of the configuration, and names to blocks.  Connectors are tens,
 * at most hundreds, and asked for once for each directory or contact: a walk
 * is enough.
 */
#include "namespace/namespace.h"

#include <string.h>

const char *domain_type_format(enum domain_type type)
{
	switch (type) {
	case DOMAIN_AUTHORITATIVE: return "authoritative";
	case DOMAIN_INTERNAL_RELAY: return "internal-relay";
	case DOMAIN_EXTERNAL_RELAY: return "external-relay";
	}
	return "";
}

const char *recipient_filter_format(enum recipient_filter filter)
{
	switch (filter) {
	case FILTER_DIRECTORIES: return "directories";
	case FILTER_OFF: return "off";
	case FILTER_VERIFY: return "verify";
	}
	return "";
}

const struct connector *namespace_connector(
	const struct namespace *ns, const char *name)
{
	for (size_t i = 0; i < ns->n_connectors; i++) {
		const struct connector *connector = &ns->connectors[i];

		if (connector->is_enabled && strcmp(connector->name, name) == 0)
			return connector;
	}
	return NULL;
}
