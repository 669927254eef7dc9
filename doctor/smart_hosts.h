/* The connectors' smart hosts that are names, and their addresses. */
#ifndef DOCTOR_SMART_HOSTS_H
#define DOCTOR_SMART_HOSTS_H

#include "namespace/lookup.h"
#include "namespace/namespace.h"

struct arena;
struct dns_question;
struct here;
struct instance;

struct smart_host {
	const struct connector *connector;
	const struct hop *hop;
	const struct dns_question *addresses; /* as DNS says */
	/* As its client in Postfix finds it, by hosts(5) too where it may. */
	enum lookup lookup;
	bool loops; /* one of its addresses leads back to this Postfix */
};

/* In order of the configuration; how many. */
size_t smart_hosts_collect(struct smart_host **out, const struct namespace *ns,
	struct arena *arena);
/* addresses are answered. */
void smart_host_settle(struct smart_host *host, const struct instance *instance,
	const struct here *here);

#endif
