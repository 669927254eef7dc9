/* What is asked of a connector once it is filled. */
#include "namespace/connector.h"

const char *tls_format(enum tls tls)
{
	switch (tls) {
	case TLS_UNSET: return "";
	case TLS_NONE: return "none";
	case TLS_MAY: return "may";
	case TLS_ENCRYPT: return "encrypt";
	case TLS_VERIFY: return "verify";
	case TLS_SECURE: return "secure";
	}
	return "";
}

bool connector_has_client(
	const struct connector *connector, const struct network *client)
{
	for (size_t i = 0; i < connector->n_clients; i++)
		if (network_contains(&connector->clients[i], client))
			return true;
	return false;
}
