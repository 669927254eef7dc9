/*
 * No smart host may be this machine on a port where this Postfix listens:
 * mail would come straight back.
 */
#ifndef DOCTOR_OURSELVES_H
#define DOCTOR_OURSELVES_H

#include "base/faults.h"
#include "namespace/namespace.h"

struct instance;
struct listeners;

/* Whether this hop of the connector is such a one; a name is not looked up. */
bool ourselves_is(const struct listeners *listeners,
	const struct connector *connector, const struct hop *hop);
/* An error for each; instance NULL: see listeners_open(). */
void ourselves_check(const struct namespace *ns,
	const struct instance *instance, struct faults *faults);

#endif
