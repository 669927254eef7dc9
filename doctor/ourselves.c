/*
 * Only what is an address by itself is judged here; a name may mean any
 * machine until the DNS is asked.  Mail does not come back from an LMTP
 * server.
 */
#include "doctor/ourselves.h"

#include "doctor/listeners.h"

#include <string.h>

bool ourselves_is(const struct listeners *listeners,
	const struct connector *connector, const struct hop *hop)
{
	return strcmp(connector->kind, "lmtp") != 0 && hop->host != NULL &&
		hop->is_literal &&
		listeners_has(listeners, &hop->network, hop->port);
}

static void check_connector(const struct connector *connector,
	const struct listeners *listeners, struct faults *faults)
{
	for (size_t i = 0; i < connector->n_hops; i++) {
		const struct hop *hop = &connector->hops[i];

		if (ourselves_is(listeners, connector, hop))
			faults_error(faults, connector->place,
				"smart host %s of connector \"%s\" is this "
				"machine, where this Postfix itself listens: "
				"mail would come straight back; name the "
				"other system's address",
				hop->text, connector->name);
	}
}

void ourselves_check(const struct namespace *ns,
	const struct instance *instance, struct faults *faults)
{
	struct listeners *listeners = listeners_open(instance);

	for (size_t i = 0; i < ns->n_connectors; i++)
		if (ns->connectors[i].is_enabled)
			check_connector(&ns->connectors[i], listeners, faults);
	listeners_close(&listeners);
}
