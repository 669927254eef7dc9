/*
 * Accepted domains that Postfix has in another address class as well: there
 * the maps are void, for mydestination and the virtual domains come first
 * (ADDRESS_CLASS_README).
 */
#ifndef TRANSPORT_MAP_GEN_CLASSES_H
#define TRANSPORT_MAP_GEN_CLASSES_H

#include "base/faults.h"
#include "namespace/namespace.h"

/*
 * Advice for each, from postconf(1) of the instance that MAIL_CONFIG names;
 * nothing where it can not be asked.  Tables that are asked over a network
 * are left out.
 */
void classes_check(const struct namespace *ns, struct faults *faults);

#endif
