/*
 * No smart host may be this machine on a port where this Postfix listens:
 * mail would come straight back.
 */
#ifndef TRANSPORT_MAP_GEN_OURSELVES_H
#define TRANSPORT_MAP_GEN_OURSELVES_H

#include "base/faults.h"
#include "namespace/namespace.h"

/*
 * Ports and addresses are those of postconf(1), of the instance that
 * MAIL_CONFIG names; port 25 and all addresses where it can not be asked.
 */
void ourselves_check(const struct namespace *ns, struct faults *faults);

#endif
