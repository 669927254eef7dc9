/* From the URI of a directory server to a connected socket. */
#ifndef DIRECTORY_LDAP_DIAL_H
#define DIRECTORY_LDAP_DIAL_H

#include "base/err.h"

#include <ldap.h>
#include <stdint.h>

/*
 * A non-blocking socket, connected before the deadline (clock_now_ms());
 * -1 where none of the host's addresses took it, and *err says why the last
 * did not, without place.  Names are looked up by the system's resolver,
 * whose own timeouts hold.
 */
int ldap_dial(const LDAPURLDesc *url, int64_t deadline_ms, struct err *err);

#endif
