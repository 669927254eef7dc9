/*
 * Whom one mail system has to know as contacts: in a domain that it shares
 * it bounces whom it does not know.
 */
#ifndef TRANSPORT_MAP_GEN_CONTACT_LIST_H
#define TRANSPORT_MAP_GEN_CONTACT_LIST_H

#include "namespace/model.h"

struct contact_question {
	const struct namespace *ns;
	const struct recipients *recipients;
	const struct model *model;
	time_t now;
	const struct connector *connector; /* towards that system */
	const struct domain_pattern *domains; /* none = all accepted ones */
	size_t n_domains;
};

/* Keys, in the order of their bytes, each once. */
struct contact_list {
	const char **addresses;
	size_t count;
};

/*
 * Everybody in an accepted domain whom a directory lists or the
 * configuration has as a contact, but for those that a directory of this
 * very system lists, be it as a contact: it knows them.  Recipients have no
 * contact for their secondary names, unless one of the domains asked for is
 * a secondary.  The texts live in the arena.
 */
void contact_list_make(struct contact_list *out,
	const struct contact_question *question, struct arena *arena);

#endif
