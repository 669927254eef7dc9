/* How mail leaves towards one mail system. */
#ifndef NAMESPACE_CONNECTOR_H
#define NAMESPACE_CONNECTOR_H

#include "namespace/domain_name.h"
#include "namespace/hop.h"

enum { COST_MIN = 1, COST_MAX = 100 };

enum tls { TLS_UNSET, TLS_NONE, TLS_MAY, TLS_ENCRYPT, TLS_VERIFY, TLS_SECURE };

/* What the system behind does with a recipient that it does not have. */
enum unknowns {
	UNKNOWNS_REJECT,
	UNKNOWNS_RETURN, /* hands it back to us */
	UNKNOWNS_FORWARD, /* hands it to another connector's system */
};

struct address_space {
	struct domain_pattern pattern; /* unset where is_any */
	bool is_any; /* "*" */
	unsigned cost;
};

struct connector {
	const char *name;
	struct place place;
	unsigned index; /* its place in the configuration, from 0 */
	bool is_enabled;

	/* "smtp" with smart hosts in order, or one transport. */
	const char *kind;
	bool is_socket;
	struct hop *hops;
	size_t n_hops;

	struct address_space *spaces;
	size_t n_spaces;

	/* From where it sends to us; literal smart hosts but loopback too. */
	struct network *clients;
	size_t n_clients;

	enum tls tls;
	enum unknowns unknowns;
	const char *forwards_to; /* a connector's name, UNKNOWNS_FORWARD */
	bool is_backup; /* may serve as another's failover */
	bool has_loop_guard;
};

/* "none", "may", ...; "" for TLS_UNSET.  What smtp_tls_policy_maps has. */
const char *tls_format(enum tls tls);
bool connector_has_client(
	const struct connector *connector, const struct network *client);

#endif
