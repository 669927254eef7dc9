/*
 * Accepted domains that Postfix has in another address class as well: there
 * the maps are void, for mydestination and the virtual domains come first
 * (ADDRESS_CLASS_README).
 */
#ifndef DOCTOR_CLASSES_H
#define DOCTOR_CLASSES_H

#include "base/faults.h"
#include "namespace/namespace.h"

struct instance;

struct class_claim {
	const struct domain *domain;
	const char *name; /* in the label form that stands there */
	const char *parameter; /* "mydestination" */
	const char *word; /* of its value: the name itself, or a table */
};

/* Tables that are asked over a network are left out. */
void classes_find(const struct namespace *ns, const struct instance *instance,
	void (*each)(void *context, const struct class_claim *claim),
	void *context);
/* Advice for each. */
void classes_check(const struct namespace *ns, const struct instance *instance,
	struct faults *faults);

#endif
